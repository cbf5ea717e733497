"""Which values may occur: the code lists that everything else is computed within. They must not come from the records.

A list that was read off the records says who is in them ("one victim from Eritrea"), so the proof of privacy holds for
lists that are public (a code book, ISO 3166), or looked up privately within the budget, and not otherwise.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from tally.counting import Records, Table
from tally.synthesis.privacy import Purse

OTHER = "(other)"
"""Stands for the values that a private look-up did not find often enough to name."""

MOST_LEVELS = 1000


class DomainError(ValueError):
    """The file or its code lists cannot be synthesised, and the message says how to mend it."""


@dataclass(frozen=True)
class Domain:
    """Columns with their values, and the combinations that cannot occur (structural zeros).

    Every column may be blank (""), which is a value like any other, unless it is in `never_blank`. `origin` says
    where the lists are from: declared in a file, looked up privately, or taken from the records as public.
    """

    levels: Mapping[str, tuple[str, ...]]
    impossible: tuple[Mapping[str, str], ...] = ()
    origin: Literal["declared", "looked up", "said to be public"] = "declared"
    source: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(self.levels)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of values of each column."""
        return tuple(len(levels) for levels in self.levels.values())

    def align(self, table: Table) -> npt.NDArray[np.int64]:
        """A counted table on the domain's levels, dense; values outside the list are counted as `OTHER`."""
        places = []
        for column, levels in zip(table.columns, table.levels, strict=True):
            at = {value: i for i, value in enumerate(self.levels[column])}
            other = at.get(OTHER, -1)
            places.append(np.array([at.get(value, other) for value in levels], dtype=np.int64))
        dense = np.zeros([len(self.levels[c]) for c in table.columns], dtype=np.int64)
        codes = tuple(place[table.codes[:, i]] for i, place in enumerate(places))
        np.add.at(dense, codes, table.counts)
        return dense


def check_columns(records: Records) -> None:
    """Refuse what is not categories. The message is for the operator and is not part of the release.

    Raises DomainError for a column with too many values, dates, decimal numbers, free text, or nothing in it.
    """
    if len(records.columns) < 2:
        raise DomainError("one column makes no records: at least two are needed")
    if records.rows < 2:
        raise DomainError("one record cannot be hidden among others: at least two are needed")
    for column in records.columns:
        levels = [level for level in records.levels[column] if level]
        hint = f"leave it out with --drop {column!r}, or cut it into classes first"
        if not levels:
            raise DomainError(f"column {column!r} is empty: leave it out with --drop {column!r}")
        if len(levels) > 20 and len(levels) > 0.5 * records.rows:
            raise DomainError(f"column {column!r} is different in nearly every record (an identifier?): {hint}")
        if len(levels) > MOST_LEVELS:
            raise DomainError(
                f"column {column!r} has {len(levels):,} values, at most {MOST_LEVELS:,} can be kept: {hint}"
            )
        if sum(len(level) > 60 or level.count(" ") > 7 for level in levels) > max(2, 0.05 * len(levels)):
            raise DomainError(f"column {column!r} looks like free text: {hint}")
        for what, pattern in _MEASURES.items():
            if len(levels) > 12 and sum(bool(pattern.match(level)) for level in levels) > 0.9 * len(levels):
                raise DomainError(f"column {column!r} holds {what}: {hint}")
        kinds = {"a number" if _NUMBER.match(level) else "a word" for level in levels}
        numbers = sum(bool(_NUMBER.match(level)) for level in levels)
        if len(kinds) == 2 and numbers > 12 and len(levels) - numbers > 12:
            raise DomainError(f"column {column!r} mixes numbers and words: {hint}")


_NUMBER = re.compile(r"^-?\d+([.,]\d+)?$")
_MEASURES = {
    "dates": re.compile(r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})([T ].*)?$"),
    "decimal numbers": re.compile(r"^-?\d+[.,]\d*[1-9]\d*$"),
}


def read_domain(path: Path) -> Domain:
    """Code lists from a JSON file.

    `{"columns": {"sex": ["F", "M"], …}, "never_blank": ["sex"], "impossible": [{"sex": "M", "pregnant": "yes"}],
    "source": "code book 2020"}`; an `impossible` names two or three columns.

    Raises DomainError where the file is not of this form.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        listed = {str(c): [str(v) for v in values] for c, values in content["columns"].items()}
        never_blank = set(content.get("never_blank", ()))
        impossible = tuple({str(c): str(v) for c, v in one.items()} for one in content.get("impossible", ()))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DomainError(
            f'{path.name} is no domain file: {{"columns": {{"name": ["value", …]}}}} is needed'
        ) from error
    return declare(
        listed, never_blank=never_blank, impossible=impossible, source=str(content.get("source", path.name))
    )


def declare(
    listed: Mapping[str, Sequence[str]],
    *,
    never_blank: set[str] | frozenset[str] = frozenset(),
    impossible: Sequence[Mapping[str, str]] = (),
    source: str = "",
) -> Domain:
    """A domain from public code lists.

    Raises DomainError for a value listed twice, or an impossible combination that is not of the lists.

    >>> declare({"sex": ["F", "M"]}).levels
    {'sex': ('', 'F', 'M')}
    """
    levels = {}
    for column, values in listed.items():
        if len(set(values)) != len(values):
            raise DomainError(f"the code list of {column!r} gives a value twice")
        blank = () if column in never_blank or "" in values else ("",)
        levels[column] = (*blank, *values)
    for one in impossible:
        if not 2 <= len(one) <= 3:
            raise DomainError("an impossible combination names two or three columns")
        for column, value in one.items():
            if value not in levels.get(column, ()):
                raise DomainError(f"impossible combination: {value!r} is not in the code list of {column!r}")
    return Domain(levels, tuple(impossible), "declared", source)


def fit_to(domain: Domain, records: Records) -> Domain:
    """The domain for the columns of these records, in their order. Refuses records outside it.

    Raises DomainError naming the values that are in no list; the message is for the operator only.
    """
    missing = [column for column in records.columns if column not in domain.levels]
    if missing:
        raise DomainError(f"no code list for {', '.join(map(repr, missing))}: declare it, or leave the column out")
    for column in records.columns:
        strange = [value for value in records.levels[column] if value not in domain.levels[column]]
        if strange:
            shown = ", ".join(map(repr, strange[:5]))
            raise DomainError(f"column {column!r} holds values that are not in its code list: {shown}")
    levels = {column: domain.levels[column] for column in records.columns}
    kept = tuple(one for one in domain.impossible if set(one) <= set(levels))
    return Domain(levels, kept, domain.origin, domain.source)


def said_to_be_public(records: Records) -> Domain:
    """The values of the records themselves, on the operator's word that this list is public. Blank is added."""
    levels = {c: tuple(dict.fromkeys(("", *records.levels[c]))) for c in records.columns}
    return Domain(levels, (), "said to be public")


_FIRST_LOOK = 0.2
"""Share of the look-up's budget that is spent evenly, to learn which columns have many values."""


def look_up(records: Records, purse: Purse, *, share: float = 0.4) -> Domain:
    """Code lists found privately: values whose noisy count is over a threshold, the rest together as "(other)".

    Spends `share` of the budget and the delta set aside, in two looks: the first asks every column alike, the second
    asks each by the square of how many values the first found there, for it is in long lists that rare values pile up.
    What either finds is known. Rare values are lost, by design of any private look-up.
    """
    rho, delta = purse.rho * share, purse.delta_for_lookup * (1 - 1e-9)
    counts = {
        table.columns[0]: {cell[0]: number for cell, number in table.cells() if cell[0]}
        for table in records.count([[column] for column in records.columns])
    }
    found: dict[str, set[str]] = {column: set() for column in records.columns}
    for number, part in enumerate((_FIRST_LOOK, 1 - _FIRST_LOOK), start=1):
        weights = {column: (1 + len(values)) ** 2 for column, values in found.items()}
        for column, weight in weights.items():
            here = part * weight / sum(weights.values())
            values = purse.values(f"values of {column}, look {number}", counts[column], rho * here, delta * here)
            found[column] |= set(values)
    return Domain({column: ("", *sorted(values), OTHER) for column, values in found.items()}, (), "looked up")
