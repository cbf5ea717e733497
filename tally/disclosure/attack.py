"""Attack published tables before anyone else does: what can be worked out that was meant to be hidden."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tally.disclosure.attacker import Bounds, squeeze
from tally.disclosure.explain import combination, derivation, sum_in_words
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.propagate import Ranges, propagate
from tally.disclosure.published import Published
from tally.disclosure.system import Cell, Fault, Sum, System, build

NEAR = 4
"""A hidden count whose range spans less than this, or less than its own notation says, is called narrowed."""


@dataclass(frozen=True)
class Finding:
    """One thing found. `kind`: exact, narrowed, inconsistency, duplicate, impossible, label.

    `low`..`high` is what is left of a hidden cell; `derivation` the steps, one sentence each; `places` are
    file:line of the cells concerned.
    """

    kind: str
    cell: str
    message: str
    places: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    derivation: tuple[str, ...] = ()


@dataclass
class Attack:
    """The outcome: counts of what was looked at and found, and the findings themselves."""

    tables: int
    cells: int
    suppressed: int
    derived_exactly: int = 0
    narrowed: int = 0
    inconsistencies: int = 0
    duplicates: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """No hidden cell is known exactly or nearly."""
        return not self.derived_exactly and not self.narrowed

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain data, in the order of the fields."""
        return asdict(self)


@dataclass(frozen=True)
class Rounding:
    """What the publisher says of rounded tables: innermost counts moved by less than `base`, margins by `within`."""

    base: int
    within: int

    def loosen(self, system: System) -> bool:
        """Turn every printed number into the range that it may stand for; whether that alone proves all cells open.

        If the printed numbers add up, they are themselves a possible truth; and so is the same with up to base − 1
        persons more in any one innermost cell and in every margin above it, in all tables, for no range forbids it.
        Then no cell is determined, and no linear program needs to be asked.
        """
        is_open = all(
            one.is_complete
            and system.cells[one.total].low == sum(system.cells[part].low for part in one.parts)
            and all(system.cells[cell].low == system.cells[cell].high for cell in (one.total, *one.parts))
            for one in system.sums
        )
        totals = {one.total for one in system.sums}
        for number, cell in enumerate(system.cells):
            if cell.rows and cell.low == cell.high:
                room = self.within if number in totals else self.base - 1
                cell.low, cell.high = max(cell.low - room, 0), cell.high + room
                cell.is_suppressed = True
        return is_open and self.within >= self.base - 1 >= 1


def attack(
    tables: Sequence[Published],
    *,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    incomplete: Sequence[str] = (),
    lowest: int = 0,
    codes: Mapping[str, Sequence[str]] | None = None,
    near: int = NEAR,
    trust_single: bool = False,
    rounding: Rounding | None = None,
) -> Attack:
    """Everything that follows from the tables taken together.

    Interval propagation first, for its steps can be read; linear programming (HiGHS) for what it leaves. A sum that
    cannot hold is reported and set aside, or kept as "at least" where its parts fall short of the total. Exactness
    rests on the sums being complete as printed: every derivation names those it uses. With `rounding`, every printed
    number is attacked as the range that it stands for.

    Source: the attacker's problem of M. Fischetti and J. J. Salazar-González, Management Science 47 (2001).

    >>> from tally.disclosure.published import Published, Row, key_of
    >>> rows = [Row(key_of({"sex": s}), v, f"t:{i}") for i, (s, v) in enumerate(
    ...     [("Total", "181"), ("Female", "179"), ("Male", "<5")])]
    >>> found = attack([Published("t", ("sex",), rows)]).findings[0]
    >>> print(found.message, *found.derivation, sep="\\n")
    Male is printed "<5" and is 2
    Male = Total (181) − Female (179) = 2
    """
    system = build(tables, hierarchies=hierarchies, incomplete=incomplete, lowest=lowest, trust_single=trust_single)
    is_open = rounding is not None and rounding.loosen(system)
    result = Attack(
        tables=len(tables), cells=len(system.cells), suppressed=sum(cell.is_suppressed for cell in system.cells)
    )
    faults = [*system.faults, *_labels(system, codes or {})]
    _open_elsewhere(system, result)
    system.sums, broken = _possible(system)
    ranges = propagate([c.low for c in system.cells], [c.high for c in system.cells], system.sums)
    broken += [_contradiction(system, number) for number in ranges.contradicted]
    hidden = [] if is_open else [n for n, cell in enumerate(system.cells) if cell.is_suppressed]
    wanted = {n: _width(system.cells[n], near) for n in hidden}
    found, aside = squeeze(ranges.low, ranges.high, system.sums, wanted, without=ranges.contradicted)
    broken += [_contradiction(system, number) for number in aside]
    for number, cell in enumerate(system.cells):
        if cell.is_suppressed and cell.low < cell.high:
            _judge(result, system, ranges, number, found.get(number), near)
    for fault in [*faults, *broken]:
        result.findings.append(Finding(fault.kind, "", fault.message, fault.places))
    result.inconsistencies = sum(f.kind in {"inconsistency", "impossible"} for f in [*faults, *broken])
    result.duplicates = sum(f.kind == "duplicate" for f in faults)
    return result


def _open_elsewhere(system: System, result: Attack) -> None:
    """Cells hidden in one table and printed in another."""
    for cell in system.cells:
        if cell.is_suppressed and cell.low == cell.high:
            texts = {row.text for row in cell.rows}
            places = tuple(row.place for row in cell.rows)
            shown = " and ".join(sorted(f'"{text}"' for text in texts))
            step = f"{cell.name} is printed {shown} in different places; together they leave {cell.low}"
            message = f"{cell.name} is hidden in one place and {cell.low} by another"
            if len(texts) == 1:
                message = step = f"{cell.name} is printed {shown}, which can only be {cell.low}"
            result.derived_exactly += 1
            result.findings.append(Finding("exact", cell.name, message, places, cell.low, cell.high, (step,)))


def _possible(system: System) -> tuple[list[Sum], list[Fault]]:
    """The sums that can hold on their own; one whose parts fall short stays as "at least"."""
    kept, broken = [], []
    for one in system.sums:
        total = system.cells[one.total]
        lows = sum(system.cells[part].low for part in one.parts)
        highs = sum(system.cells[part].high for part in one.parts)
        places = _places(system, (one.total, *one.parts))
        if lows > total.high:
            message = f"{sum_in_words(system, one)}: the parts exceed the total by {lows - total.high} or more"
            broken.append(Fault("inconsistency", message, places))
        elif one.is_complete and highs < total.low:
            message = f"{sum_in_words(system, one)}: the parts fall short of the total by {total.low - highs} or more"
            broken.append(Fault("inconsistency", message, places))
            kept.append(replace(one, is_complete=False))
        else:
            kept.append(one)
    return kept, broken


def _contradiction(system: System, number: int) -> Fault:
    one = system.sums[number]
    message = f"{sum_in_words(system, one)}: cannot hold together with the other sums"
    return Fault("inconsistency", message, _places(system, (one.total, *one.parts)))


def _places(system: System, cells: Sequence[int]) -> tuple[str, ...]:
    return tuple(row.place for cell in cells for row in system.cells[cell].rows[:1])


def _width(cell: Cell, near: int) -> int:
    return min(near, cell.high - cell.low)


def _judge(result: Attack, system: System, ranges: Ranges, number: int, bounds: Bounds | None, near: int) -> None:
    """Say what is left of one hidden cell, if it is less than its print promises."""
    cell = system.cells[number]
    low, high = ranges.low[number], ranges.high[number]
    is_programmed = bounds is not None and (bounds.low > low or bounds.high < high)
    if bounds is not None:
        low, high = max(low, bounds.low), min(high, bounds.high)
    if high - low >= _width(cell, near):
        return
    steps = derivation(system, ranges, number)
    if is_programmed and bounds is not None:
        steps = (*steps, *combination(system, bounds))
    text = cell.rows[0].text
    if low == high:
        result.derived_exactly += 1
        message = f'{cell.name} is printed "{text}" and is {low}'
    else:
        result.narrowed += 1
        message = f'{cell.name} is printed "{text}" and is between {low} and {high}'
    kind = "exact" if low == high else "narrowed"
    places = tuple(row.place for row in cell.rows)
    result.findings.append(Finding(kind, cell.name, message, places, low, high, steps))


def _labels(system: System, codes: Mapping[str, Sequence[str]]) -> list[Fault]:
    """Labels outside their code list, and labels that are one but for case, space or accents."""
    labels: dict[str, set[str]] = defaultdict(set)
    for cell in system.cells:
        for dimension, label in cell.key:
            labels[dimension].add(label)
    faults = []
    for dimension, found in sorted(labels.items()):
        if dimension in codes:
            for label in sorted(found - set(codes[dimension])):
                faults.append(Fault("label", f"{label!r} is not in the code list of {dimension}"))
        alike: dict[str, list[str]] = defaultdict(list)
        for label in sorted(found):
            alike[_folded(label)].append(label)
            if len(label) > 80 or "\n" in label:
                faults.append(Fault("label", f"a label of {dimension} is free text, not a code: {label[:40]!r}…"))
        for same in alike.values():
            if len(same) > 1:
                spellings = " and ".join(map(repr, same))
                faults.append(Fault("label", f"{dimension} has {spellings}: one label in two spellings?"))
    return faults


def _folded(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label.casefold().replace("ı", "i"))
    return "".join(letter for letter in plain if letter.isalnum())
