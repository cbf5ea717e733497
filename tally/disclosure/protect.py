"""Make tables safe, attack the very files that would be published, and write them only if the attack finds nothing."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from tally.counting import Records
from tally.disclosure.attack import Attack, Rounding, attack
from tally.disclosure.cube import Cube, Dimension, ProtectError
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.published import key_of, read_tables
from tally.disclosure.rounding import round_tables
from tally.disclosure.suppression import Loss, Weight, suppress, texts
from tally.disclosure.write import as_csv, whole_file

Method = Literal["suppress", "round", "noise"]

UNKNOWN = "Unknown"
"""The row of records whose value is blank; every table made of records has it where there are any."""


@dataclass(frozen=True)
class Protected:
    """Tables ready to be published, as the bytes of their files, and what the attack on them found (nothing)."""

    method: Method
    files: dict[str, bytes]
    audit: Attack
    loss: Loss | None = None
    base: int = 0
    within: int = 0
    mean_change: float = 0.0
    epsilon: float = 0.0
    delta: float = 0.0


def cubes_of(records: Records, tables: Sequence[Sequence[str]], hierarchies: Mapping[str, Hierarchy]) -> list[Cube]:
    """The tables asked for, counted from records, with all margins; zeros are counts too.

    Raises ProtectError for a column that is not there, or a table over two million cells.
    """
    cubes = []
    for columns in tables:
        missing = [column for column in columns if column not in records.columns]
        if missing:
            raise ProtectError(f"no column {missing[0]!r}; there are {', '.join(records.columns)}")
        dimensions = []
        for column in columns:
            levels = [level or UNKNOWN for level in records.levels[column]]
            if len(set(levels)) < len(levels):
                raise ProtectError(f"column {column!r} has blanks and the label {UNKNOWN!r}: make them one")
            dimensions.append(Dimension.of(column.casefold(), levels, hierarchies.get(column.casefold(), Hierarchy())))
        if np.prod([float(len(d.nodes)) for d in dimensions]) > 2e6:
            raise ProtectError(f"the table {' × '.join(columns)} is over two million cells: take fewer columns")
        [table] = records.count([columns])
        cubes.append(Cube.of("_".join(columns), dimensions, table.dense()))
    return cubes


def protect_by_suppression(
    cubes: Sequence[Cube],
    *,
    threshold: int = 5,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    weight: Weight = "logarithm",
    keep_total: bool = False,
    effort: float = 5.0,
) -> Protected:
    """Hide small counts and what gives them away; refuse if the attack still finds one.

    Raises ProtectError as `suppression.suppress`, and where the audit finds a determined cell.
    """
    result = suppress(
        cubes, threshold=threshold, hierarchies=hierarchies, weight=weight, keep_total=keep_total, effort=effort
    )
    files = {cube.name: table_csv(cube, text) for cube, text in zip(cubes, texts(result), strict=True)}
    audit = audited(files, hierarchies, near=threshold - 1)
    small = {
        _words(key_of(cube.labels(index)))
        for cube in cubes
        for index in np.argwhere((cube.values > 0) & (cube.values < threshold)).tolist()
    }
    exposed = [f for f in audit.findings if f.kind == "exact" or (f.kind == "narrowed" and f.cell in small)]
    _refuse(audit, [f.message for f in exposed])
    return Protected("suppress", files, audit, loss=result.loss)


def protect_by_rounding(
    cubes: Sequence[Cube], *, base: int = 5, hierarchies: Mapping[str, Hierarchy] | None = None
) -> Protected:
    """Round every count to a multiple of the base, additively; refuse if the ranges still give a count away.

    Raises ProtectError as `rounding.round_tables`, and where the audit finds a determined cell.
    """
    rounded = round_tables(cubes, base=base, hierarchies=hierarchies)
    files = {cube.name: table_csv(cube) for cube in rounded.cubes}
    audit = audited(files, hierarchies, near=1, rounding=Rounding(base, rounded.within))
    _refuse(audit, [f.message for f in audit.findings if f.kind == "exact"])
    return Protected("round", files, audit, base=base, within=rounded.within, mean_change=rounded.mean_change)


def table_csv(
    cube: Cube,
    text: npt.NDArray[np.object_] | None = None,
    more: Mapping[str, Sequence[object]] | None = None,
) -> bytes:
    """A cube in long format: its dimensions, `count`, and further columns if given (one entry a cell, in order)."""
    more = more or {}
    rows = []
    for place, index in enumerate(np.ndindex(cube.values.shape)):
        shown = cube.values[index] if text is None else text[index]
        rows.append([*cube.labels(index).values(), shown, *(column[place] for column in more.values())])
    return as_csv([*(d.name for d in cube.dimensions), "count", *more], rows)


def audited(
    files: Mapping[str, bytes],
    hierarchies: Mapping[str, Hierarchy] | None,
    *,
    near: int,
    rounding: Rounding | None = None,
) -> Attack:
    """Attack the files as anyone would who downloads them, with the hierarchies known."""
    with tempfile.TemporaryDirectory(prefix="tally-") as folder:
        for name, content in files.items():
            (Path(folder) / f"{name}.csv").write_bytes(content)
        tables = read_tables([folder], value="count")
    return attack(tables, hierarchies=hierarchies, near=near, trust_single=True, rounding=rounding)


def _refuse(audit: Attack, exposed: Sequence[str]) -> None:
    if exposed:
        raise ProtectError(f"nothing is written, for the attack still finds {len(exposed)}: {exposed[0]}")
    if audit.inconsistencies or audit.duplicates:
        broken = next(f.message for f in audit.findings if f.kind in {"inconsistency", "duplicate", "impossible"})
        raise ProtectError(f"nothing is written, for the tables do not add up: {broken}")


def _words(key: Sequence[tuple[str, str]]) -> str:
    return ", ".join(label for _, label in key) or "Total"


def write(protected: Protected, out: Path) -> list[Path]:
    """Write the tables: one to `out` itself, several into the folder `out`.

    Raises ProtectError if a single table's path is a folder, or several tables' path is a file.
    """
    if len(protected.files) == 1 and out.suffix.lower() == ".csv":
        paths = [out]
    elif out.suffix:
        raise ProtectError(f"{len(protected.files)} tables are written into a folder, and {out.name} is a file name")
    else:
        paths = [out / f"{name}.csv" for name in protected.files]
    for path, content in zip(paths, protected.files.values(), strict=True):
        whole_file(path, content)
    return paths
