"""Small tables to attack and protect."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from tally.disclosure.cube import Cube, Dimension
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.published import Published, Row, key_of

PLACES = Hierarchy({"p1": "East", "p2": "East", "p3": "West", "p4": "West"})
TREES = {"place": PLACES}


def printed(name: str, dimensions: Sequence[str], cells: Mapping[tuple[str, ...], str]) -> Published:
    table = Published(name, tuple(dimensions))
    for number, (labels, text) in enumerate(cells.items(), start=2):
        key = key_of(dict(zip(dimensions, labels, strict=True)))
        table.rows.append(Row(key, text, f"{name}:{number}"))
    return table


@st.composite
def linked_cubes(draw: st.DrawFn) -> list[Cube]:
    """Two or three tables of the same people, sharing dimensions and so margins; one dimension is a hierarchy."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    labels = {
        "place": [f"p{i + 1}" for i in range(int(rng.integers(2, 5)))],
        "sex": ["F", "M"],
        "age": [f"a{i}" for i in range(int(rng.integers(2, 4)))],
        "status": [f"s{i}" for i in range(int(rng.integers(2, 4)))],
    }
    dimensions = {name: Dimension.of(name, found, TREES.get(name, Hierarchy())) for name, found in labels.items()}
    shape = [len(found) for found in labels.values()]
    people = rng.poisson(rng.choice([0.3, 1.0, 4.0, 15.0]) * rng.random(shape) * 2)
    pairs = list(itertools.combinations(labels, 2))
    chosen = [pairs[i] for i in rng.choice(len(pairs), int(rng.integers(1, 4)), replace=False)]
    names = list(labels)
    cubes = []
    for pair in chosen:
        rest = tuple(i for i, name in enumerate(names) if name not in pair)
        cubes.append(Cube.of("_".join(pair), [dimensions[name] for name in pair], people.sum(axis=rest)))
    return cubes
