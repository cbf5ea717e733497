"""Say how a hidden number was worked out, so that a person can check it with a pencil."""

from tally.disclosure.attacker import Bounds
from tally.disclosure.notation import UNBOUNDED
from tally.disclosure.propagate import LOW, Ranges, Step
from tally.disclosure.system import Sum, System


def _shared(system: System, one: Sum) -> set[tuple[str, str]]:
    """What all cells of a sum have in common: said once, not in every name."""
    return set(system.cells[one.total].key)


def _short(system: System, cell: int, shared: set[tuple[str, str]]) -> str:
    return ", ".join(label for pair in system.cells[cell].key if pair not in shared for label in pair[1:]) or "Total"


def _range(low: int, high: int) -> str:
    if low == high:
        return str(low)
    return f"{low} or more" if high >= UNBOUNDED else f"{low}–{high}"


def _where(shared: set[tuple[str, str]]) -> str:
    return f" [{', '.join(label for _, label in sorted(shared))}]" if shared else ""


def sum_in_words(system: System, one: Sum) -> str:
    """A sum with the numbers as printed, and what all its cells have in common in brackets."""
    shared = _shared(system, one)
    cells = system.cells

    def shown(cell: int) -> str:
        printed = cells[cell].rows[0].text if cells[cell].rows else "not printed"
        return f"{_short(system, cell, shared)} ({printed})"

    sign = "=" if one.is_complete else "≥"
    return f"{shown(one.total)} {sign} {' + '.join(map(shown, one.parts))}{_where(shared)}"


def derivation(system: System, ranges: Ranges, cell: int) -> tuple[str, ...]:
    """The steps of interval propagation that lead to a cell's range, one sentence each.

    Two steps by one sum that fix a cell from numbers already fixed are told as one subtraction.
    """
    story = ranges.story(cell)
    low = [c.low for c in system.cells]
    high = [c.high for c in system.cells]
    said: list[str] = []
    skip: set[int] = set()
    for place, step in enumerate(story):
        if place in skip:
            continue
        one = system.sums[step.sum]
        others = [c for c in (one.total, *one.parts) if c != step.cell]
        is_subtraction = one.is_complete and all(low[c] == high[c] for c in others)
        if is_subtraction:
            for later, other in enumerate(story[place + 1 :], start=place + 1):
                if (other.cell, other.sum) == (step.cell, step.sum):
                    skip.add(later)
            low[step.cell] = high[step.cell] = step.value
        said.append(_sentence(system, one, step, low, high, is_exact=is_subtraction))
        if step.side == LOW:
            low[step.cell] = max(low[step.cell], step.value)
        else:
            high[step.cell] = min(high[step.cell], step.value)
    return tuple(said)


def _sentence(system: System, one: Sum, step: Step, low: list[int], high: list[int], *, is_exact: bool) -> str:
    shared = _shared(system, one)

    def shown(cell: int) -> str:
        return f"{_short(system, cell, shared)} ({_range(low[cell], high[cell])})"

    sign = "=" if is_exact else "≥" if step.side == LOW else "≤"
    name = _short(system, step.cell, shared)
    if step.cell == one.total:
        parts = " + ".join(map(shown, one.parts))
        return f"{name} is the sum of its parts: {name} {sign} {parts} {sign} {step.value}{_where(shared)}"
    taken = " − ".join([shown(one.total), *(shown(part) for part in one.parts if part != step.cell)])
    reason = "" if is_exact else " at the least" if step.side == LOW else " at the most"
    return f"{name} {sign} {taken} {sign} {step.value}{reason}{_where(shared)}"


def combination(system: System, bounds: Bounds) -> tuple[str, ...]:
    """The sums that, added and subtracted with these multipliers, leave the range of one cell."""
    if not bounds.proof:
        return (f"No whole numbers outside {_range(bounds.low, bounds.high)} fit all sums together",)
    said = ["Taken together, these sums leave no other value:"]
    for number, weight in sorted(bounds.proof.items(), key=lambda item: item[0]):
        times = "" if abs(weight) == 1 else f"{abs(weight):g} × "
        said.append(f"{'+' if weight > 0 else '−'} {times}{sum_in_words(system, system.sums[number])}")
    said.append(f"→ {_range(bounds.low, bounds.high)}")
    return tuple(said)
