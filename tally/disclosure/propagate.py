"""Narrow the ranges by the sums alone, one at a time, as a person with a pencil would, and remember every step."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tally.disclosure.notation import UNBOUNDED
from tally.disclosure.system import Sum

LOW, HIGH = 0, 1


@dataclass(frozen=True)
class Step:
    """By one sum, one cell's low or high limit became `value`; `needs` are the earlier steps it stands on."""

    cell: int
    side: int
    value: int
    sum: int
    needs: tuple[int, ...]


@dataclass
class Ranges:
    """Limits of every cell, the steps that led to them, and the sums that contradict what was found before them."""

    low: list[int]
    high: list[int]
    steps: list[Step] = field(default_factory=list)
    latest: dict[tuple[int, int], int] = field(default_factory=dict)
    contradicted: list[int] = field(default_factory=list)

    def story(self, cell: int) -> list[Step]:
        """The steps behind both limits of a cell, in the order they were made."""
        wanted = [self.latest[cell, side] for side in (LOW, HIGH) if (cell, side) in self.latest]
        seen: set[int] = set()
        while wanted:
            number = wanted.pop()
            if number not in seen:
                seen.add(number)
                wanted.extend(self.steps[number].needs)
        return [self.steps[number] for number in sorted(seen)]


class _Contradiction(ValueError):
    """A range became empty."""


def propagate(low: Sequence[int], high: Sequence[int], sums: Sequence[Sum]) -> Ranges:
    """Tighten all ranges until nothing moves; a sum that cannot hold is put aside and the rest is done without it.

    Work is linear in the number of steps; each step narrows an integer range, so it ends.

    >>> total = propagate([181, 179, 0], [181, 179, 4], [Sum(0, (1, 2), "sex")])
    >>> total.low[2], total.high[2]
    (2, 2)
    """
    dropped: list[int] = []
    while True:
        ranges = Ranges(list(low), list(high))
        around: list[list[int]] = [[] for _ in low]
        for number, one in enumerate(sums):
            if number not in dropped:
                for cell in (one.total, *one.parts):
                    around[cell].append(number)
        waiting = deque(number for number in range(len(sums)) if number not in dropped)
        queued = set(waiting)
        try:
            while waiting:
                number = waiting.popleft()
                queued.discard(number)
                for cell in _narrow(ranges, number, sums[number]):
                    for other in around[cell]:
                        if other not in queued:
                            queued.add(other)
                            waiting.append(other)
        except _Contradiction:
            dropped.append(number)
            continue
        ranges.contradicted = dropped
        return ranges


def _narrow(ranges: Ranges, number: int, one: Sum) -> list[int]:
    """Apply one sum in every direction; gives the cells whose range became smaller."""
    moved = []
    low, high = ranges.low, ranges.high
    lows, highs = sum(low[p] for p in one.parts), sum(high[p] for p in one.parts)
    if _set(ranges, one, number, one.total, LOW, lows):
        moved.append(one.total)
    if one.is_complete and highs < UNBOUNDED and _set(ranges, one, number, one.total, HIGH, highs):
        moved.append(one.total)
    for part in one.parts:
        if low[part] == high[part]:
            if low[one.total] < low[part]:
                raise _Contradiction
            continue
        changed = False
        before_low, before_high = low[part], high[part]
        if high[one.total] < UNBOUNDED:
            changed |= _set(ranges, one, number, part, HIGH, high[one.total] - (lows - low[part]))
        if one.is_complete and highs - high[part] < UNBOUNDED:
            changed |= _set(ranges, one, number, part, LOW, low[one.total] - (highs - high[part]))
        lows, highs = lows + low[part] - before_low, highs + high[part] - before_high
        if changed:
            moved.append(part)
    if lows > high[one.total] or (one.is_complete and highs < low[one.total]):
        raise _Contradiction
    return moved


def _set(ranges: Ranges, one: Sum, number: int, cell: int, side: int, value: int) -> bool:
    """Move a limit if the new one is tighter, and write down why."""
    limits = ranges.low if side == LOW else ranges.high
    if (value <= limits[cell]) if side == LOW else (value >= limits[cell]):
        return False
    limits[cell] = value
    if ranges.low[cell] > ranges.high[cell]:
        raise _Contradiction
    # A part's limit stands on the total's same limit and the other parts' opposite ones; a total's on its parts' same.
    others = [(one.total, side)] + [(part, 1 - side) for part in one.parts if part != cell]
    if cell == one.total:
        others = [(part, side) for part in one.parts]
    needs = tuple(ranges.latest[other] for other in others if other in ranges.latest)
    ranges.latest[cell, side] = len(ranges.steps)
    ranges.steps.append(Step(cell, side, value, number, needs))
    return True
