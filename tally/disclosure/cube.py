"""A full table with all its margins: every label of every dimension, its groups and its total, crossed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.notation import is_total, read
from tally.disclosure.published import Published, Row, key_of

TOTAL = "Total"


class ProtectError(ValueError):
    """The tables cannot be made or protected, and the message says why."""


@dataclass(frozen=True)
class Dimension:
    """The nodes of one dimension: leaves, then groups, the total last. `parents[i]` is a node; the total's is -1.

    >>> Dimension.of("place", ["Muş", "Van", "İzmir"], Hierarchy({"Muş": "East", "Van": "East"})).nodes
    ('Muş', 'Van', 'İzmir', 'East', 'Total')
    """

    name: str
    nodes: tuple[str, ...]
    parents: tuple[int, ...]
    leaves: int

    @classmethod
    def of(cls, name: str, leaves: Sequence[str], hierarchy: Hierarchy) -> "Dimension":
        """The tree over these leaves. Raises ProtectError where a label is both a leaf and a group, or a total."""
        groups = dict.fromkeys(group for leaf in leaves for group in hierarchy.path(leaf)[1:])
        for label in leaves:
            if label in groups:
                raise ProtectError(f"{name}: {label!r} is a group and must not hold counts of its own")
            if is_total(label):
                raise ProtectError(f"{name}: the label {label!r} reads as a total; rename it")
        nodes = (*leaves, *groups, TOTAL)
        at = {node: i for i, node in enumerate(nodes)}
        last = len(nodes) - 1
        parents = [at.get(hierarchy.parents.get(node, ""), last) for node in nodes[:-1]]
        return cls(name, nodes, (*parents, -1), len(leaves))

    @cached_property
    def above(self) -> npt.NDArray[np.int64]:
        """Which leaves each node holds, shape (nodes, leaves), ones and zeros."""
        matrix = np.zeros((len(self.nodes), self.leaves), dtype=np.int64)
        for leaf in range(self.leaves):
            node = leaf
            while node >= 0:
                matrix[node, leaf] = 1
                node = self.parents[node]
        return matrix


@dataclass(frozen=True)
class Cube:
    """Counts at every node of every dimension; `values` has shape (nodes of the first dimension, of the second, …)."""

    name: str
    dimensions: tuple[Dimension, ...]
    values: npt.NDArray[np.int64]

    @classmethod
    def of(cls, name: str, dimensions: Sequence[Dimension], leaves: npt.NDArray[np.int64]) -> "Cube":
        """All margins from the innermost counts, shape (leaves of the first dimension, …).

        >>> sex = Dimension.of("sex", ["F", "M"], Hierarchy())
        >>> Cube.of("t", [sex], np.array([3, 4])).values.tolist()
        [3, 4, 7]
        """
        values = leaves.astype(np.int64)
        for axis, dimension in enumerate(dimensions):
            values = np.moveaxis(np.tensordot(dimension.above, values, axes=(1, axis)), 0, axis)
        return cls(name, tuple(dimensions), np.ascontiguousarray(values))

    @property
    def inner(self) -> npt.NDArray[np.int64]:
        """The innermost counts, without margins."""
        return self.values[tuple(slice(0, d.leaves) for d in self.dimensions)]

    def labels(self, index: Sequence[int]) -> dict[str, str]:
        """The labels of one cell by dimension."""
        return {d.name: d.nodes[i] for d, i in zip(self.dimensions, index, strict=True)}

    def published(self, texts: npt.NDArray[np.object_] | None = None) -> Published:
        """The table as it would be printed, with these texts (same shape as `values`) or the plain counts."""
        table = Published(self.name, tuple(d.name for d in self.dimensions))
        for place, index in enumerate(np.ndindex(self.values.shape)):
            text = str(self.values[index] if texts is None else texts[index])
            table.rows.append(Row(key_of(self.labels(index)), text, f"{self.name}:{place + 2}"))
        return table


def from_published(tables: Sequence[Published], hierarchies: Mapping[str, Hierarchy]) -> list[Cube]:
    """Cubes from tables of open counts, in long format with or without margins.

    Raises ProtectError if a count is hidden, missing or no count, if a cell is given twice differently, or if a
    printed margin is not the sum of its parts.
    """
    return [_cube(table, hierarchies) for table in tables]


def _cube(table: Published, hierarchies: Mapping[str, Hierarchy]) -> Cube:
    counts: dict[tuple[tuple[str, str], ...], int] = {}
    for row in table.rows:
        reading = read(row.text)
        if reading.kind != "published":
            raise ProtectError(f"{row.place}: {row.text!r} is no open count; protection needs the true table")
        if counts.setdefault(row.key, reading.low) != reading.low:
            raise ProtectError(f"{row.place}: this cell was given before with another count")
    dimensions = []
    for name in table.dimensions:
        tree = hierarchies.get(name, Hierarchy())
        groups = set(tree.parents.values())
        labels = sorted({dict(key)[name] for key in counts if name in dict(key)} - groups)
        if not labels:
            raise ProtectError(f"{table.name}: the column {name!r} holds only totals")
        dimensions.append(Dimension.of(name, labels, tree))
    leaves = np.zeros([d.leaves for d in dimensions], dtype=np.int64)
    at = [{node: i for i, node in enumerate(d.nodes)} for d in dimensions]
    margins = []
    for key, number in counts.items():
        index = tuple(at[i][dict(key).get(d.name, TOTAL)] for i, d in enumerate(dimensions))
        if all(i < d.leaves for i, d in zip(index, dimensions, strict=True)):
            leaves[index] = number
        else:
            margins.append((index, number))
    cube = Cube.of(table.name, dimensions, leaves)
    for index, number in margins:
        if cube.values[index] != number:
            words = ", ".join(cube.labels(index).values())
            raise ProtectError(
                f"{table.name}: the margin {words} is {number}, but its parts add up to {cube.values[index]}"
            )
    return cube
