"""Which labels are parts of which: province ⊂ region ⊂ country, countries ⊂ groups, years ⊂ periods."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class HierarchyError(ValueError):
    """The parents and children do not make a tree."""


@dataclass(frozen=True)
class Hierarchy:
    """A tree of labels, as child → parent. A label without a parent is a part of the total itself.

    Raises HierarchyError if a label is its own ancestor.
    """

    parents: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label in self.parents:
            self.path(label)

    def path(self, label: str) -> tuple[str, ...]:
        """The label and its ancestors, nearest first, without the total.

        >>> Hierarchy({"Muş": "East", "East": "Türkiye"}).path("Muş")
        ('Muş', 'East', 'Türkiye')
        """
        path = [label]
        while path[-1] in self.parents:
            if (parent := self.parents[path[-1]]) in path:
                raise HierarchyError(f"{label!r} is its own ancestor")
            path.append(parent)
        return tuple(path)

    def parts(self, labels: Iterable[str]) -> dict[str | None, list[str]]:
        """Which of these labels add up to which parent (None is the total), each present child under its parent.

        A label whose parent is not among the labels counts towards its nearest ancestor that is.

        >>> Hierarchy({"Muş": "East", "Van": "East"}).parts(["Muş", "Van", "East", "West"])
        {'East': ['Muş', 'Van'], None: ['East', 'West']}
        """
        present = dict.fromkeys(labels)
        found: dict[str | None, list[str]] = {}
        for label in present:
            nearest = next((ancestor for ancestor in self.path(label)[1:] if ancestor in present), None)
            found.setdefault(nearest, []).append(label)
        return found


_PERIOD = re.compile(r"^\s*(\d{4})\s*[-–—/]\s*(\d{4})\s*$")


def of_years(labels: Iterable[str]) -> Hierarchy:
    """Periods such as 2019–2021 over the single years within them; a year within two periods belongs to neither.

    >>> of_years(["2019", "2020", "2019-2020", "2021"]).parents
    {'2019': '2019-2020', '2020': '2019-2020'}
    """
    labels = list(dict.fromkeys(labels))
    periods = {label: (int(m[1]), int(m[2])) for label in labels if (m := _PERIOD.match(label))}
    parents = {}
    for label in labels:
        if re.fullmatch(r"\d{4}(\.0)?", label.strip()):
            within = [period for period, (first, last) in periods.items() if first <= int(label[:4]) <= last]
            if len(within) == 1:
                parents[label] = within[0]
    return Hierarchy(parents)


def read_hierarchy(path: Path) -> Hierarchy:
    """A hierarchy from a CSV file of two columns, child and parent, with a header.

    Raises HierarchyError if a child has two parents or the file has not two columns.
    """
    parents: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if number == 1 or not row:
                continue
            if len(row) != 2:
                raise HierarchyError(f"{path.name}, line {number}: two columns are needed, child and parent")
            child, parent = (value.strip() for value in row)
            if parents.setdefault(child, parent) != parent:
                raise HierarchyError(f"{path.name}, line {number}: {child!r} has two parents")
    return Hierarchy({child: parent for child, parent in parents.items() if parent and parent != child})
