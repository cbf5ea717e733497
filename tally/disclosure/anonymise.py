"""k-anonymity over all columns: every published record has at least k − 1 twins, and as little as possible is lost.

Records that already have k − 1 twins are published as they are. For the others, ways to coarsen them (hide a value, or
lift it in its hierarchy) are tried from the least loss upwards; wherever k of them become equal, or some become equal
to a group made before, they are settled. What is left at the end is hidden altogether.

Full-domain recoding and dropping of records lose more: they pay for a few rare records in all of them. Greedy local
recoding follows J. Byun et al. (2007) and B. Kenig and T. Tassa (2012); the optimum is NP-hard (Meyerson and Williams
2004). k-anonymity is no proof: see the documentation for what it does not stop.
"""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from tally.counting.duck import DuckRecords, quoted
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.write import as_csv

HIDDEN = "*"
_MOST_WAYS = 20_000


class AnonymiseError(ValueError):
    """The records cannot be made k-anonymous, and the message says why."""


@dataclass(frozen=True)
class Anonymous:
    """Records as they may be published, column by column, and what that cost.

    `loss` is the share of all cells' information that is gone: 1 for a hidden cell, for a lifted one the share of the
    column's other values that it now might be. `records_touched` and `cells_touched` count what changed; `dropping`
    is the share of records that dropping small classes would have lost instead.
    """

    columns: dict[str, npt.NDArray[np.object_]]
    k: int
    loss: float
    records_touched: int
    cells_touched: int
    dropping: float


@dataclass(frozen=True)
class _Ladder:
    """One column's ways to coarsen: for each rung, the published label and the loss of each value."""

    labels: list[list[str]]
    losses: list[npt.NDArray[np.float64]]


def _ladder(levels: Sequence[str], hierarchy: Hierarchy | None) -> _Ladder:
    """Keep, lift once, lift twice, …, hide. A group's loss is (values in it − 1) ÷ (values − 1)."""
    labels, losses = [list(levels)], [np.zeros(len(levels))]
    paths = [(hierarchy or Hierarchy()).path(level) for level in levels]
    for rung in range(1, max(len(path) for path in paths)):
        lifted = [path[min(rung, len(path) - 1)] for path in paths]
        sizes = {label: lifted.count(label) for label in set(lifted)}
        labels.append(lifted)
        losses.append(np.array([(sizes[label] - 1) / max(len(levels) - 1, 1) for label in lifted]))
    labels.append([HIDDEN] * len(levels))
    losses.append(np.ones(len(levels)))
    return _Ladder(labels, losses)


def anonymise(
    source: Any, *, k: int, columns: Sequence[str] | None = None, hierarchies: Mapping[str, Hierarchy] | None = None
) -> Anonymous:
    """Coarsen records until every combination of all columns occurs at least k times, or not at all.

    Raises AnonymiseError for k under 2, fewer records than k, or a value that reads as the mark of a hidden one.

    >>> import pandas
    >>> people = pandas.DataFrame({"sex": ["F", "F", "F", "M"], "place": ["A", "A", "A", "B"]})
    >>> result = anonymise(people, k=2)
    >>> smallest_class(result.columns) >= 2
    True
    """
    if k < 2:
        raise AnonymiseError("k must be 2 or more: with 1 every record stays alone")
    with DuckRecords(source, columns) as records:
        names, levels, codes = records.columns, records.levels, records.matrix()
    if len(codes) < k:
        raise AnonymiseError(f"{len(codes)} records cannot be hidden among {k}")
    for name in names:
        if HIDDEN in levels[name]:
            raise AnonymiseError(f"column {name!r} holds {HIDDEN!r}, which marks a hidden value: rename it")
    ladders = [_ladder(levels[name], (hierarchies or {}).get(name)) for name in names]
    rungs = np.zeros(codes.shape, dtype=np.int8)
    _, which, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    waiting = np.flatnonzero(counts[which.ravel()] < k)
    dropping = len(waiting) / len(codes)
    waiting = _settle(codes, rungs, waiting, ladders, k)
    _hide(codes, rungs, waiting, ladders, k)
    published = _published(names, codes, rungs, ladders)
    losses = sum(
        float(ladder.losses[rung][codes[rungs[:, i] == rung, i]].sum())
        for i, ladder in enumerate(ladders)
        for rung in range(len(ladder.labels))
    )
    result = Anonymous(
        columns=published,
        k=k,
        loss=losses / codes.size,
        records_touched=int((rungs > 0).any(axis=1).sum()),
        cells_touched=int((rungs > 0).sum()),
        dropping=dropping,
    )
    if (smallest := smallest_class(published)) < k:
        raise AnonymiseError(f"a class of {smallest} is left: nothing is written")
    return result


def _ways(ladders: Sequence[_Ladder]) -> list[tuple[float, tuple[int, ...]]]:
    """Every choice of a rung for each column, cheapest first; where there are too many, only keep or hide."""
    heights = [len(ladder.labels) for ladder in ladders]
    if np.prod([float(h) for h in heights]) > _MOST_WAYS:
        heights = [2] * len(ladders)
        steps = [[0, len(ladder.labels) - 1] for ladder in ladders]
    else:
        steps = [list(range(h)) for h in heights]
    if np.prod([float(h) for h in heights]) > _MOST_WAYS:
        few = [c for many in range(1, 4) for c in itertools.combinations(range(len(ladders)), many)]
        chosen = [tuple(len(ladders[i].labels) - 1 if i in c else 0 for i in range(len(ladders))) for c in few]
    else:
        chosen = list(itertools.product(*steps))
    mean = [[float(loss.mean()) for loss in ladder.losses] for ladder in ladders]
    return sorted((sum(mean[i][rung] for i, rung in enumerate(way)), way) for way in chosen if any(way))


def _settle(
    codes: npt.NDArray[np.int32],
    rungs: npt.NDArray[np.int8],
    waiting: npt.NDArray[np.int64],
    ladders: Sequence[_Ladder],
    k: int,
) -> npt.NDArray[np.int64]:
    """Settle what can be settled, ways of equal loss by how many records they settle; gives the records left."""
    lifted = [np.stack([np.unique(labels, return_inverse=True)[1] for labels in ladder.labels]) for ladder in ladders]
    made: dict[tuple[int, ...], set[bytes]] = {}
    for _, tied in itertools.groupby(_ways(ladders), key=lambda one: round(one[0], 6)):
        ways = [way for _, way in tied]
        gains = {way: len(waiting) for way in ways}
        while gains and len(waiting):
            way = max(gains, key=lambda w: gains[w])
            found = _groups(codes, waiting, way, lifted, made.get(way, set()), k)
            if not found.any():
                del gains[way]
                continue
            if found.sum() < gains[way] and any(g > found.sum() for w, g in gains.items() if w != way):
                gains[way] = int(found.sum())
                continue
            taken = waiting[found]
            rungs[taken] = way
            made.setdefault(way, set()).update(_keys(codes, taken, way, lifted))
            waiting = waiting[~found]
            gains = {w: len(waiting) for w in gains}
    return waiting


def _lift(
    codes: npt.NDArray[np.int32], rows: npt.NDArray[np.int64], way: Sequence[int], lifted: Sequence[npt.NDArray[Any]]
) -> npt.NDArray[np.int32]:
    return np.stack([lifted[i][rung][codes[rows, i]] for i, rung in enumerate(way)], axis=1).astype(np.int32)


def _keys(
    codes: npt.NDArray[np.int32], rows: npt.NDArray[np.int64], way: Sequence[int], lifted: Sequence[npt.NDArray[Any]]
) -> list[bytes]:
    return [row.tobytes() for row in np.ascontiguousarray(_lift(codes, rows, way, lifted))]


def _groups(
    codes: npt.NDArray[np.int32],
    waiting: npt.NDArray[np.int64],
    way: Sequence[int],
    lifted: Sequence[npt.NDArray[Any]],
    made: set[bytes],
    k: int,
) -> npt.NDArray[np.bool_]:
    """Which waiting records have, coarsened this way, k − 1 twins among them or a group made before."""
    rows = np.ascontiguousarray(_lift(codes, waiting, way, lifted))
    flat = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, which, counts = np.unique(flat, return_inverse=True, return_counts=True)
    enough = counts[which] >= k
    if made:
        enough |= np.array([row.tobytes() in made for row in rows])
    return enough


def _hide(
    codes: npt.NDArray[np.int32],
    rungs: npt.NDArray[np.int8],
    waiting: npt.NDArray[np.int64],
    ladders: Sequence[_Ladder],
    k: int,
) -> None:
    """Hide the rest altogether; where they are fewer than k, the smallest settled group joins them."""
    if not len(waiting):
        return
    lifted = [np.stack([np.unique(labels, return_inverse=True)[1] for labels in ladder.labels]) for ladder in ladders]
    top = np.array([len(ladder.labels) - 1 for ladder in ladders], dtype=np.int8)
    rungs[waiting] = top
    hidden = (rungs == top).all(axis=1)
    while (missing := k - int(hidden.sum())) > 0:
        labels = [lifted[i][rungs[:, i], codes[:, i]] for i in range(codes.shape[1])]
        published = np.concatenate([np.stack(labels, axis=1), rungs], axis=1)
        _, which, counts = np.unique(published, axis=0, return_inverse=True, return_counts=True)
        which = which.ravel()
        counts[np.unique(which[hidden])] = len(codes) + 1
        spare = np.flatnonzero(counts >= k + missing)
        spare = spare[counts[spare] <= len(codes)]
        if len(spare):  # a large class can give some records and stay large
            rungs[np.flatnonzero(which == spare[0])[:missing]] = top
        else:
            rungs[which == int(np.argmin(counts))] = top
        hidden = (rungs == top).all(axis=1)


def _published(
    names: Sequence[str], codes: npt.NDArray[np.int32], rungs: npt.NDArray[np.int8], ladders: Sequence[_Ladder]
) -> dict[str, npt.NDArray[np.object_]]:
    columns = {}
    for i, (name, ladder) in enumerate(zip(names, ladders, strict=True)):
        table = np.array(ladder.labels, dtype=object)
        columns[name] = table[rungs[:, i], codes[:, i]]
    return columns


def smallest_class(columns: Mapping[str, npt.NDArray[np.object_]] | Path) -> int:
    """The size of the smallest class, counted by DuckDB, which knows nothing of how the records were made."""
    with tempfile.TemporaryDirectory(prefix="tally-") as folder, duckdb.connect() as connection:
        if isinstance(columns, Path):
            path = columns
        else:
            path = Path(folder) / "released.csv"
            path.write_bytes(as_csv(list(columns), zip(*columns.values(), strict=True)))
        where = str(path).replace("'", "''")
        scan = f"read_csv('{where}', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')"
        names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
        keys = ", ".join(f"coalesce({quoted(name)}, '')" for name in names)
        row = connection.execute(f"SELECT min(n) FROM (SELECT count(*) AS n FROM {scan} GROUP BY {keys})").fetchone()
    return int(row[0]) if row and row[0] is not None else 0
