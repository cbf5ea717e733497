"""The tile map: every province one square of the same size, roughly where it lies, so that small ones are seen too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from kalkan.statistics import numbers
from kalkan.vocabulary.models import Province

SIDE, GAP = 46, 4
LEVELS = 4


@dataclass(frozen=True)
class Tile:
    """One province on the map, in the units of the picture."""

    name: str
    plate: str
    count: str
    level: int
    x: int
    y: int
    url: str


@dataclass(frozen=True)
class Shade:
    """One shade of the scale, and the counts that it stands for."""

    level: int
    lowest: str
    highest: str


@dataclass(frozen=True)
class TileMap:
    """The 81 provinces as tiles of one size, with the scale of their shades."""

    tiles: tuple[Tile, ...]
    scale: tuple[Shade, ...]
    width: int
    height: int
    side: int = SIDE


def level(count: int, most: int) -> int:
    """The shade of a count: 0 for none, then equal steps of its square root, so that one large city hides no other.

    >>> [level(count, 160) for count in (0, 1, 10, 11, 40, 90, 91, 160)]
    [0, 1, 1, 2, 2, 3, 4, 4]
    """
    if not count:
        return 0
    return next(shade for shade in range(1, LEVELS + 1) if count <= _highest(shade, most))


def _highest(shade: int, most: int) -> int:
    return most if shade == LEVELS else max(most * shade * shade // LEVELS**2, 0)


def scale(most: int) -> tuple[Shade, ...]:
    """The shades that counts up to `most` can have, each with its lowest and highest count.

    >>> [(shade.level, shade.lowest, shade.highest) for shade in scale(3)]
    [(0, '0', '0'), (3, '1', '1'), (4, '2', '3')]
    """
    shades = [Shade(0, numbers.whole(0), numbers.whole(0))]
    for shade in range(1, LEVELS + 1):
        lowest, highest = _highest(shade - 1, most) + 1 if shade > 1 else 1, _highest(shade, most)
        if lowest <= highest:
            shades.append(Shade(shade, numbers.whole(lowest), numbers.whole(highest)))
    return tuple(shades)


def tile_map(provinces: Sequence[Province], counts: Mapping[str, int], *, query: str = "") -> TileMap:
    """The provinces with their counts, each leading to its own page with the same filters."""
    most = max((counts.get(province.code, 0) for province in provinces), default=0)
    top = min((province.tile_row for province in provinces), default=0)
    left = min((province.tile_column for province in provinces), default=0)
    step = SIDE + GAP
    tiles = tuple(
        Tile(
            name=province.name,
            plate=province.code.removeprefix("TR-"),
            count=numbers.whole(counts.get(province.code, 0)),
            level=level(counts.get(province.code, 0), most),
            x=(province.tile_column - left) * step,
            y=(province.tile_row - top) * step,
            url=reverse("statistics:province", args=[province.code]) + query,
        )
        for province in provinces
    )
    width = max((tile.x for tile in tiles), default=0) + SIDE
    height = max((tile.y for tile in tiles), default=0) + SIDE
    return TileMap(tiles, scale(most), width, height)
