"""Differentially private tables: whole numbers, never negative, every margin the sum of its parts, with error bars."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tally.counting import open_records
from tally.disclosure.cube import Cube, Dimension, ProtectError
from tally.disclosure.hierarchy import Hierarchy
from tally.disclosure.protect import UNKNOWN, Protected, audited, table_csv
from tally.synthesis.domain import check_columns, fit_to, look_up, read_domain, said_to_be_public
from tally.synthesis.privacy import Purse
from tally.synthesis.release import synthesise


def protect_by_noise(
    file: Path,
    tables: Sequence[Sequence[str]],
    *,
    epsilon: float,
    delta: float = 1e-6,
    domain: Path | None = None,
    codes_are_public: bool = False,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    spend: Callable[[float, float], None] = lambda rho, delta: None,
) -> Protected:
    """The tables, and every margin within them, measured with noise and made consistent by fitting records to them.

    Each table is measured as a whole and by its single columns; what is printed is counted from one set of fitted
    records, so tables agree with each other too. `low` and `high` are 95 % limits of the true count from the noise of
    the innermost cells of that table; margins have the limits of their own measurement where there is one, else none.
    `spend` is called with rho and the look-up delta before any noise is drawn.

    Raises DomainError, PrivacyError, CountingError for what they refuse, ProtectError if the audit fails.
    """
    columns = list(dict.fromkeys(column for table in tables for column in table))
    looks_up = domain is None and not codes_are_public
    purse = Purse(epsilon, delta, 0.3 * delta if looks_up else 0.0)
    with open_records(file, columns=columns) as records:
        if len(columns) > 1:
            check_columns(records)
        declared = fit_to(read_domain(domain), records) if domain else None
        spend(purse.rho, purse.delta_for_lookup)
        lists = declared or (look_up(records, purse) if looks_up else said_to_be_public(records))
        wanted = [list(table) for table in tables] + [[column] for column in columns]
        release = synthesise(records, lists, purse, declared=wanted, rng=np.random.default_rng())
    released = {table.columns: table for table in release.tables}
    files, trees = {}, hierarchies or {}
    for table in tables:
        ordered = tuple(sorted(set(table), key=release.domain.columns.index))
        found = released[ordered]
        dimensions = []
        for column in ordered:
            levels = [value or UNKNOWN for value in release.domain.levels[column]]
            dimensions.append(Dimension.of(column.casefold(), levels, trees.get(column.casefold(), Hierarchy())))
        cube = Cube.of("_".join(ordered), dimensions, found.counts)
        low = np.full(cube.values.shape, "", dtype=object)
        high = low.copy()
        _limits(cube, low, high, tuple(slice(0, d.leaves) for d in dimensions), found.low, found.high)
        for axis, column in enumerate(ordered):
            if len(ordered) > 1 and (one := released.get((column,))) is not None:
                place = tuple(slice(0, d.leaves) if i == axis else -1 for i, d in enumerate(dimensions))
                _limits(cube, low, high, place, one.low, one.high)
        budget = {"epsilon": [f"{release.epsilon:.6g}"] * low.size, "delta": [f"{release.delta:.6g}"] * low.size}
        limits = {"low": low.ravel().tolist(), "high": high.ravel().tolist()}
        files[cube.name] = table_csv(cube, None, {**limits, **budget})
    audit = audited(files, trees, near=1)
    if audit.inconsistencies or audit.derived_exactly:
        raise ProtectError("nothing is written: the noisy tables do not add up")
    return Protected("noise", files, audit, epsilon=release.epsilon, delta=release.delta)


def _limits(cube: Cube, low: np.ndarray, high: np.ndarray, place: tuple, lows: np.ndarray, highs: np.ndarray) -> None:
    """Put limits at a place of the cube."""
    low[place] = lows.astype(object)
    high[place] = highs.astype(object)
