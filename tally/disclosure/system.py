"""What a reader of the tables knows: every cell once, with the range it may be in, and every sum it takes part in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tally.disclosure.hierarchy import Hierarchy, of_years
from tally.disclosure.notation import UNBOUNDED, Reading, read
from tally.disclosure.published import Published, Row

Key = tuple[tuple[str, str], ...]


@dataclass
class Cell:
    """A count that exists whether or not it is printed. `low`..`high` is what the print says of it."""

    key: Key
    low: int = 0
    high: int = UNBOUNDED
    rows: list[Row] = field(default_factory=list)
    is_suppressed: bool = False

    @property
    def name(self) -> str:
        """The cell as a person would call it: its labels, or "Total"."""
        return ", ".join(label for _, label in self.key) or "Total"


@dataclass(frozen=True)
class Sum:
    """One cell is the sum of others (`is_complete`), or at least as large as their sum (not all parts are shown)."""

    total: int
    parts: tuple[int, ...]
    dimension: str
    is_complete: bool = True


@dataclass(frozen=True)
class Fault:
    """Something wrong in the print itself. `kind` is one of: inconsistency, duplicate, impossible, label."""

    kind: str
    message: str
    places: tuple[str, ...] = ()


@dataclass
class System:
    """Cells and sums of all tables together, and what is wrong with them."""

    cells: list[Cell]
    sums: list[Sum]
    faults: list[Fault]
    printed: int


def build(
    tables: Sequence[Published],
    *,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    incomplete: Sequence[str] = (),
    lowest: int = 0,
    trust_single: bool = False,
) -> System:
    """Link the tables through the cells they share and add every sum that their labels imply.

    `incomplete` names dimensions whose parts do not make up their total. `lowest` is the least a "<5" stands for.
    A breakdown that shows a single part is taken to be incomplete unless `trust_single`.
    A total that two breakdowns share but nobody printed is added as an unknown.
    """
    system = System([], [], [], 0)
    places: dict[Key, int] = {}
    for table in tables:
        by_key: dict[Key, list[tuple[Row, Reading]]] = defaultdict(list)
        for row in table.rows:
            system.printed += 1
            reading = read(row.text, lowest=lowest)
            if reading.kind == "impossible":
                system.faults.append(
                    Fault("impossible", f"{row.text!r} is no count of persons ({_words(row.key)})", (row.place,))
                )
            by_key[row.key].append((row, reading))
        for key, found in by_key.items():
            _place(system, places, key, found)
    _add_sums(system, places, hierarchies or {}, set(incomplete), trust_single=trust_single)
    return system


def _place(system: System, places: dict[Key, int], key: Key, found: list[tuple[Row, Reading]]) -> None:
    """Add one table's print of a cell to what other tables say of it."""
    rows = tuple(row.place for row, _ in found)
    if len(found) > 1:
        same = len({row.text for row, _ in found}) == 1
        system.faults.append(
            Fault("duplicate", f"{_words(key)} is given {len(found)} times{'' if same else ', differently'}", rows)
        )
        if not same:  # which of them is meant cannot be known, so none is used
            found = [(row, Reading("absent")) for row, _ in found]
    if key not in places:
        places[key] = len(system.cells)
        system.cells.append(Cell(key))
    cell = system.cells[places[key]]
    for row, reading in found[:1]:
        if reading.kind in {"absent", "impossible"}:
            cell.rows.append(row)
            continue
        low, high = max(cell.low, reading.low), min(cell.high, reading.high)
        if low > high:
            first = cell.rows[0]
            message = f"{_words(key)} is {first.text!r} in one place and {row.text!r} in another"
            system.faults.append(Fault("inconsistency", message, (first.place, row.place)))
        else:
            cell.low, cell.high = low, high
        cell.is_suppressed |= reading.kind == "hidden"
        cell.rows.append(row)


def _add_sums(
    system: System,
    places: dict[Key, int],
    hierarchies: Mapping[str, Hierarchy],
    incomplete: set[str],
    *,
    trust_single: bool,
) -> None:
    """A sum for each cell and each dimension that breaks it down, level by level of the hierarchy."""
    labels: dict[str, set[str]] = defaultdict(set)
    children: dict[tuple[Key, str], list[tuple[str, int]]] = defaultdict(list)
    for number, cell in enumerate(system.cells):
        for dimension, label in cell.key:
            labels[dimension].add(label)
            rest = tuple(pair for pair in cell.key if pair[0] != dimension)
            children[rest, dimension].append((label, number))
    trees = {d: hierarchies.get(d) or of_years(sorted(found)) for d, found in labels.items()}
    shared: dict[Key, int] = defaultdict(int)
    for rest, _ in children:
        shared[rest] += 1
    for (rest, dimension), found in children.items():
        at = dict(found)
        for parent, parts in trees[dimension].parts(at).items():
            if parent is not None:
                total = at[parent]
            elif rest in places:
                total = places[rest]
            elif shared[rest] > 1:
                places[rest] = total = len(system.cells)
                system.cells.append(Cell(rest))
            else:
                continue
            is_whole = trust_single or parent is not None or len(parts) > 1
            is_complete = is_whole and dimension not in incomplete
            system.sums.append(Sum(total, tuple(at[part] for part in parts), dimension, is_complete))


def _words(key: Key) -> str:
    return ", ".join(label for _, label in key) or "Total"
