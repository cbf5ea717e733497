"""Random capture tables for property tests."""

import numpy as np
from hypothesis import strategies as st

from tally.prevalence import Histories


@st.composite
def capture_tables(draw: st.DrawFn, fewest: int = 3, most: int = 5, largest: int = 60) -> Histories:
    """Tables of 3 to 5 lists, often sparse, with somebody on two lists."""
    lists = draw(st.integers(fewest, most))
    counts = np.array(draw(st.lists(st.integers(0, largest), min_size=1 << lists, max_size=1 << lists)))
    size = np.array([mask.bit_count() for mask in range(1 << lists)])
    thinning = draw(st.integers(1, 6))
    counts = counts // np.maximum(1, thinning ** np.maximum(size - 1, 0))
    counts[0] = 0
    for list_number in range(lists):
        counts[1 << list_number] += 1
    counts[3] += 1
    masks = np.flatnonzero(counts)
    return Histories(tuple("ABCDEFGHIJ"[:lists]), tuple(int(m) for m in masks), tuple(int(c) for c in counts[masks]))
