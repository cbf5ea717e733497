"""Noisy tables, and records that fit them, within one budget."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tally.counting import Records
from tally.synthesis import measure as m
from tally.synthesis.domain import Domain, DomainError
from tally.synthesis.fit import Target, count_cells, fit
from tally.synthesis.privacy import Purse

USABLE = 0.10
"""Records are offered if their expected two-way error is at most this share of the counts."""

_ONES, _PAIR_SCORES, _PAIRS, _TRIPLE_SCORES = 0.08, 0.02, 0.75, 0.02
_FORBIDDEN = 1e4
_ANNEALED_UP_TO = 200_000


@dataclass(frozen=True)
class Table:
    """A released table: counts consistent with all others, and 95 % limits of the true count from the noise alone."""

    columns: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    sigma: float


@dataclass(frozen=True)
class Release:
    """What may be published. `rows` are codes into the domain's levels, shape (records, columns), or None.

    `expected_error` is the expected share of two-way counts in error, known before they are measured; where it is over
    `USABLE` records are not made and only tables are released.
    """

    domain: Domain
    rows: npt.NDArray[np.int16] | None
    tables: list[Table]
    epsilon: float
    delta: float
    steps: list[tuple[str, float]]
    records: int
    expected_error: float
    expected_one_way: float

    @property
    def is_usable(self) -> bool:
        """Whether records were made."""
        return self.rows is not None


def synthesise(
    records: Records,
    domain: Domain,
    purse: Purse,
    *,
    declared: Sequence[Sequence[str]] | None = None,
    rng: np.random.Generator | None = None,
) -> Release:
    """Measure, choose, fit, within what the purse holds.

    `declared` names the only tables to be released (then no records are made); else one-way tables, the pairs and
    triples chosen, and records. `rng` drives the fitting only, which sees noisy counts and nothing else; the noise
    itself cannot be seeded.

    Raises DomainError for a declared table of columns that do not exist, PrivacyError if the purse is short.
    """
    rng = rng or np.random.default_rng()
    names = domain.columns

    def counter(combinations: Sequence[m.Columns]) -> list[npt.NDArray[np.int64]]:
        tables = records.count([[names[i] for i in combination] for combination in combinations])
        return [domain.align(table) for table in tables]

    if declared is not None:
        return _declared(purse, counter, domain, _places(names, declared), rng, expected=math.nan)
    rho = purse.left
    ones_columns: list[m.Columns] = [(i,) for i in range(len(names))]
    ones = m.measure(purse, counter, ones_columns, m.shares(np.array(domain.sizes, dtype=float), rho * _ONES), names)
    expected = _expected_error(ones, rho * _PAIRS)
    if expected > USABLE:
        return _declared(purse, counter, domain, ones_columns, rng, expected=expected, known=ones)
    chosen = m.choose_pairs(purse, counter, domain, ones, rho * _PAIR_SCORES, rho * _PAIRS)
    pairs = m.measure(purse, counter, chosen.columns, chosen.rhos, names)
    records_made = _draft([*ones, *pairs], domain, rng)
    triples: list[m.Measured] = []
    if len(names) > 2:
        left = purse.left * (1 - 1e-6)
        scores = rho * _TRIPLE_SCORES
        strength = {p.columns: _strength(p, ones) for p in pairs}
        model = _scaled(records_made, domain, m.total_of([*ones, *pairs]))
        picked = m.choose_triples(purse, counter, domain, model, strength, scores, left - scores)
        triples = m.measure(purse, counter, picked.columns, picked.rhos, names)
        if not triples:
            pairs += _again(purse, counter, pairs, names)
    measured = [*ones, *pairs, *triples]
    rows = _finish(records_made, measured, domain, rng)
    return _release(purse, domain, measured, rows, expected, ones)


def _places(names: Sequence[str], declared: Sequence[Sequence[str]]) -> list[m.Columns]:
    places = []
    for table in declared:
        missing = [column for column in table if column not in names]
        if missing or not table:
            raise DomainError(f"no column {', '.join(map(repr, missing)) or '(none given)'} for a declared table")
        places.append(tuple(sorted({names.index(column) for column in table})))
    return list(dict.fromkeys(places))


def _expected_error(ones: Sequence[m.Measured], rho: float) -> float:
    """Expected share of error in two-way counts: noise in the cells of live values, half of which are empty."""
    alive = [mask.sum() for mask in m.live(ones)]
    cells = np.array([float(a * b) for i, a in enumerate(alive) for b in alive[i + 1 :]])
    sigma = (2 * m.shares(cells, rho)) ** -0.5
    return float((0.5 * m.MEAN_ERROR * sigma * cells).sum() / (len(cells) * m.total_of(ones)))


def _declared(
    purse: Purse,
    counter: m.Counter,
    domain: Domain,
    columns: Sequence[m.Columns],
    rng: np.random.Generator,
    *,
    expected: float,
    known: Sequence[m.Measured] = (),
) -> Release:
    """Only these tables, with all that is left in the purse."""
    cells = np.array([float(np.prod([float(domain.sizes[i]) for i in c])) for c in columns])
    if (cells > 5e6).any():
        raise DomainError("a declared table has more than 5 million cells: take fewer columns")
    rhos = m.shares(cells, purse.left * (1 - 1e-6))
    measured = m.measure(purse, counter, columns, rhos, domain.columns)
    used = sorted({i for c in columns for i in c})
    narrow = Domain(
        {domain.columns[i]: domain.levels[domain.columns[i]] for i in used}, (), domain.origin, domain.source
    )
    moved = [
        m.Measured(tuple(used.index(i) for i in one.columns), one.noisy) for one in [*known, *measured]
        if set(one.columns) <= set(used)
    ]  # fmt: skip
    rows = _finish(_draft(moved, narrow, rng), moved, narrow, rng)
    whole = _release(purse, narrow, moved[-len(measured) :], rows, expected, moved)
    return Release(**{**whole.__dict__, "rows": None})


def _targets(measured: Sequence[m.Measured], domain: Domain, scale: float = 1.0) -> list[Target]:
    """Targets of all tables, at another scale of records if asked, with impossible combinations forbidden."""
    targets = []
    for one in measured:
        target = one.target()
        targets.append(Target(target.columns, target.counts * scale, max(target.sigma * scale, 0.3), target.penalty))
    for ban in domain.impossible:
        columns = tuple(sorted(domain.columns.index(c) for c in ban))
        shape = [domain.sizes[c] for c in columns]
        penalty = np.zeros(shape)
        penalty[tuple(domain.levels[domain.columns[c]].index(ban[domain.columns[c]]) for c in columns)] = _FORBIDDEN
        targets.append(Target(columns, np.zeros(shape), 1e6, penalty))
    return targets


def _allowed(measured: Sequence[m.Measured], domain: Domain) -> list[npt.NDArray[np.int64]]:
    """Values that may be drawn: those whose best one-way estimate from all tables is not lost in noise."""
    allowed = []
    for column, size in enumerate(domain.sizes):
        weight, mean = 0.0, np.zeros(size)
        for one in measured:
            if column in one.columns:
                axis = one.columns.index(column)
                rest = tuple(i for i in range(len(one.columns)) if i != axis)
                precision = size / (one.noisy.sigma**2 * one.noisy.counts.size)
                mean += precision * one.noisy.counts.sum(axis=rest)
                weight += precision
        mean /= max(weight, 1e-12)
        keep = mean >= m.SURE / math.sqrt(max(weight, 1e-12))
        keep[np.argmax(mean)] = True
        allowed.append(np.flatnonzero(keep))
    return allowed


def _draft(measured: Sequence[m.Measured], domain: Domain, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """Records annealed from chance towards the tables; at most 200,000, standing for all where there are more."""
    total = m.total_of(measured)
    size = max(int(min(round(total), _ANNEALED_UP_TO)), 1)
    allowed = _allowed(measured, domain)
    start = np.stack([rng.choice(values, size) for values in allowed], axis=1).astype(np.int16)
    heats = np.geomspace(50, 0.3, 22)
    return fit(_targets(measured, domain, size / total), domain.sizes, start, heats, allowed=allowed, rng=rng)


def _finish(
    draft: npt.NDArray[np.int16], measured: Sequence[m.Measured], domain: Domain, rng: np.random.Generator
) -> npt.NDArray[np.int16]:
    """The draft fitted to all tables and cooled; then, where it stands for more records, repeated and fitted again."""
    total = max(round(m.total_of(measured)), 1)
    allowed = _allowed(measured, domain)
    rows = draft[rng.permutation(len(draft))[:total]]
    if len(rows) < total <= _ANNEALED_UP_TO:
        rows = np.concatenate([rows, rows[rng.integers(0, len(rows), total - len(rows))]])
    targets = _targets(measured, domain, len(rows) / total)
    rows = fit(targets, domain.sizes, rows, np.geomspace(3, 0.01, 18), allowed=allowed, rng=rng)
    if len(rows) < total:
        more = rows[rng.permutation(np.arange(total) % len(rows))]
        rows = fit(_targets(measured, domain), domain.sizes, more, [0.05, 0.0], allowed=allowed, rng=rng)
    for one in domain.impossible:
        columns = [domain.columns.index(c) for c in one]
        wrong = [domain.levels[c].index(v) for c, v in one.items()]
        rows = rows[~(rows[:, columns] == wrong).all(axis=1)]
    return rows


def _scaled(rows: npt.NDArray[np.int16], domain: Domain, total: float) -> Callable[[m.Columns], npt.NDArray[np.int64]]:
    def model(columns: m.Columns) -> npt.NDArray[np.int64]:
        return np.rint(count_cells(rows, domain.sizes, columns) * (total / len(rows))).astype(np.int64)

    return model


def _strength(pair: m.Measured, ones: Sequence[m.Measured]) -> float:
    a, b = pair.columns
    total = m.total_of(ones)
    alone = np.outer(ones[a].noisy.counts.clip(0), ones[b].noisy.counts.clip(0)) / max(total, 1)
    return float(np.abs(pair.noisy.counts - alone).sum() / total)


def _again(purse: Purse, counter: m.Counter, pairs: Sequence[m.Measured], names: Sequence[str]) -> list[m.Measured]:
    """Where no triple is worth it, what is left buys a second, independent look at the pairs."""
    if not pairs:
        return []
    rhos = m.shares(np.array([float(p.noisy.counts.size) for p in pairs]), purse.left * (1 - 1e-6))
    return m.measure(purse, counter, [p.columns for p in pairs], rhos, names)


def _release(
    purse: Purse,
    domain: Domain,
    measured: Sequence[m.Measured],
    rows: npt.NDArray[np.int16],
    expected: float,
    ones: Sequence[m.Measured],
) -> Release:
    by_columns: dict[m.Columns, list[m.Measured]] = {}
    for one in measured:
        by_columns.setdefault(one.columns, []).append(one)
    tables = []
    for columns, looks in by_columns.items():
        precision = sum(1 / look.noisy.sigma**2 for look in looks)
        mean = sum(look.noisy.counts / look.noisy.sigma**2 for look in looks) / precision
        sigma = precision**-0.5
        tables.append(
            Table(
                columns=tuple(domain.columns[i] for i in columns),
                counts=count_cells(rows, domain.sizes, columns),
                low=np.ceil(np.maximum(mean - 1.96 * sigma, 0)).astype(np.int64),
                high=np.floor(np.maximum(mean + 1.96 * sigma, 0)).astype(np.int64),
                sigma=sigma,
            )
        )
    epsilon, delta = purse.total()
    one_way = float(np.mean([m.MEAN_ERROR * o.noisy.sigma * o.noisy.counts.size for o in ones]) / m.total_of(ones))
    return Release(domain, rows, tables, epsilon, delta, list(purse.steps), len(rows), expected, one_way)


def labels(release: Release) -> Mapping[str, npt.NDArray[np.str_]]:
    """The released records as text columns.

    Raises ValueError if no records were made.
    """
    if release.rows is None:
        raise ValueError("no records were made: they would not be usable")
    return {
        column: np.array(release.domain.levels[column])[release.rows[:, i]]
        for i, column in enumerate(release.domain.columns)
    }
