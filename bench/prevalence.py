"""Speed of `tally.prevalence`, beside the same estimate through statsmodels and beside the arithmetic floor.

    python bench/prevalence.py [--quick]

Figures of one core are processor time, as R's were; those of two cores are wall-clock time. Each is the best of
several runs. The R figures are SparseMSE 2.0.1 in R 4.2,
measured once on a like machine; the statsmodels ones are made here, in the same run, by stepwise selection as an
analyst would write it.
"""

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
import statsmodels.api as sm
from numba import njit
from scipy.stats import poisson

from tally.prevalence import Histories, published_table
from tally.prevalence.bootstrap import Replicates, extend, jackknife, resample
from tally.prevalence.hierarchy import bic_block, hierarchical_models, score_models, terms_up_to
from tally.prevalence.intervals import acceleration, bca
from tally.prevalence.kernel import superset_sums
from tally.prevalence.procedure import Procedure, run_procedure

NOBODY = np.empty(0, np.int64)
R_MILLISECONDS = {"UKdat": 303, "UKdat_5": 130, "Ned": 473, "Ned_5": 199, "Kosovo": 51, "Korea": 14}
TARGET_MICROSECONDS = {"UKdat": 150, "UKdat_5": 65, "Ned": 190}


def best_of(times: int, run: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> float:
    """Shortest time of several runs, in seconds: of this thread's processor, unless another clock is given."""
    found = []
    for _ in range(times):
        started = clock()
        run()
        found.append(clock() - started)
    return min(found)


def analyst_stepwise(counts: np.ndarray, lists: int, threshold: float = 0.02) -> float:
    """The same selection with a design matrix and `statsmodels` GLMs (existence not checked)."""
    cells = np.arange(1, 1 << lists)
    on = (cells[:, None] >> np.arange(lists) & 1).astype(float)
    y = counts[1:]
    pairs = list(combinations(range(lists), 2))
    chosen: list[tuple[int, int]] = []
    empty = [(i, j) for i, j in pairs if (y * on[:, i] * on[:, j]).sum() == 0]

    def fit() -> tuple[np.ndarray, np.ndarray]:
        kept = np.ones(len(cells), bool)
        for i, j in chosen:
            if (i, j) in empty:
                kept &= on[:, i] * on[:, j] == 0
        columns = [np.ones(len(cells)), *on.T, *(on[:, i] * on[:, j] for i, j in chosen if (i, j) not in empty)]
        design = np.column_stack(columns)[kept]
        result = sm.GLM(y[kept], design, family=sm.families.Poisson()).fit()
        means = np.zeros(len(cells))
        means[kept] = result.fittedvalues
        return result.params, means

    params, means = fit()
    while True:
        p_values = {}
        for i, j in pairs:
            if (i, j) not in chosen:
                seen, mean = (y * on[:, i] * on[:, j]).sum(), (means * on[:, i] * on[:, j]).sum()
                p_values[i, j] = min(poisson.cdf(seen, mean), poisson.sf(seen - 1, mean))
        best = min(p_values, key=lambda pair: p_values[pair], default=None)
        if best is None or p_values[best] >= threshold:
            return float(y.sum() + math.exp(params[0]))
        chosen.append(best)
        params, means = fit()


@njit(cache=True, nogil=True)
def _exponentials(values, times):
    total = 0.0
    for i in range(times):
        total += math.exp(values[i & 63])
    return total


@njit(cache=True, nogil=True)
def _multiplications(values, times):
    total = 1.0
    for i in range(times):
        total = total * 0.999 + values[i & 63]
    return total


def floor_microseconds(table: Histories) -> tuple[float, str]:
    """The least a replicate can cost: what Newton's method must compute, at this machine's measured rates.

    A path of s steps fits s + 1 models, each with at least four Newton steps from a warm start and one evaluation to
    end on. A Newton step takes an exponential for each history and p³/6 + p² multiply-adds for the Cholesky
    solution; the transforms over the lattice take t × 2**t additions. Steps and p are those of this table's own
    selection.
    """
    lists = len(table.lists)
    procedure = Procedure("stepwise", lists)
    model = int(run_procedure(procedure, table.full()[None, :]).models[0])
    steps = model.bit_count()
    values = np.linspace(-3, 3, 64)
    _exponentials(values, 10)
    _multiplications(values, 10)
    per_exponential = best_of(5, lambda: _exponentials(values, 1_000_000)) * 1e6 / 1e6
    per_flop = best_of(5, lambda: _multiplications(values, 1_000_000)) * 1e6 / 1e6 / 4  # four independent chains fit
    exponentials = flops = 0.0
    for step in range(steps + 1):
        p = 1 + lists + step
        exponentials += 5 * (1 << lists)
        flops += 4 * (p**3 / 6 + p**2) + 5 * lists * (1 << lists)
    floor = exponentials * per_exponential + flops * per_flop
    return (
        floor,
        f"{exponentials:.0f} exp × {1000 * per_exponential:.1f} ns + {flops:.0f} flops × {1000 * per_flop:.2f} ns",
    )


def replicates(quick: bool) -> None:
    print("\n## One bootstrap replicate, stepwise, one core\n")
    print("| table | tally | target | floor | ÷ floor | statsmodels | × faster | R | × faster |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    notes = []
    for name, r_milliseconds in R_MILLISECONDS.items():
        table = published_table(name)
        procedure = Procedure("stepwise", len(table.lists))
        number = 1000 if quick else 4000
        drawn = resample(table, 1, 0, number)
        run_procedure(procedure, drawn[:10], threads=1)
        ours = best_of(3 if quick else 7, lambda d=drawn, p=procedure: run_procedure(p, d, threads=1)) / number * 1e6
        few = 3 if quick else 10
        theirs = best_of(2, lambda d=drawn, t=table, n=few: [analyst_stepwise(d[i], len(t.lists)) for i in range(n)])
        theirs *= 1e6 / few
        floor, how = floor_microseconds(table)
        target = f"{TARGET_MICROSECONDS[name]} µs" if name in TARGET_MICROSECONDS else "–"
        notes.append(f"floor of {name}: {how}")
        print(
            f"| {name} | {ours:.1f} µs | {target} | {floor:.1f} µs | {ours / floor:.1f} | {theirs / 1000:.1f} ms "
            f"| {theirs / ours:.0f} | {r_milliseconds} ms | {r_milliseconds * 1000 / ours:.0f} |"
        )
    print("\n" + "\n".join(f"- {note}" for note in notes))


def whole_intervals(quick: bool) -> None:
    print("\n## Whole tasks, two cores\n")
    print("| task | time | target |")
    print("|---|--:|--:|")
    times = 2 if quick else 5
    uk = published_table("UKdat")

    def interval() -> None:
        procedure = Procedure("stepwise", 6)
        sample = extend(Replicates(), uk, procedure, seed=1, until=10_000)
        point = run_procedure(procedure, uk.full()[None, :])
        bca(sample.estimates, uk.observed + math.exp(point.log_dark[0]), acceleration(*jackknife(uk, procedure)))

    print(f"| 10,000 replicates with BCa, UKdat | {best_of(times, interval, time.perf_counter):.2f} s | 2 s |")
    five = published_table("UKdat_5")
    terms = np.array(terms_up_to(5, 2))
    models, parents = hierarchical_models(5, 2)
    codes, bics, log_dark = np.empty(1024, np.int64), np.empty(1024), np.empty(1024)
    work = np.zeros((1024, 32))

    def score() -> None:
        score_models(five.full(), 5, terms, models, parents, codes, bics, log_dark, NOBODY, NOBODY, work)

    score()
    print(f"| all 1,024 two-list models of UKdat_5, one core | {1000 * best_of(10, score):.2f} ms | 20 ms |")
    number = 100 if quick else 1000
    drawn = resample(five, 1, 0, number)

    def every_model() -> None:
        from concurrent.futures import ThreadPoolExecutor

        out = np.empty(number, np.int64), np.empty(number, np.int64), np.empty(number)
        halves = [(0, number // 2), (number // 2, number)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda h: bic_block(drawn, *h, 5, terms, models, parents, *out, NOBODY, NOBODY), halves))

    every_model()
    taken = best_of(times, every_model, time.perf_counter)
    print(f"| {number:,} replicates × 1,024 models, every one fitted | {taken:.2f} s | 30 s |")
    searched = best_of(times, lambda: run_procedure(Procedure("bic", 5), drawn), time.perf_counter)
    print(f"| {number:,} replicates × 1,024 models, by branch and bound | {searched:.2f} s | 30 s |")
    three = Procedure("bic", 5, max_order=3)
    point = best_of(times, lambda: run_procedure(three, five.full()[None, :]))
    print(f"| all 6,212 models with three-list terms of UKdat_5 (R 18.4 s) | {1000 * point:.0f} ms | – |")


def analyst_all_models() -> None:
    five = published_table("UKdat_5")
    cells = np.arange(1, 32)
    pairs = terms_up_to(5, 2)
    y = five.full()[1:]

    def sixteen() -> None:
        for chosen in range(0, 1024, 64):
            masks = [0, 1, 2, 4, 8, 16, *(term for k, term in enumerate(pairs) if chosen >> k & 1)]
            design = np.array([[float(c & m == m) for m in masks] for c in cells])
            sm.GLM(y, design, family=sm.families.Poisson()).fit()

    print(f"| the 1,024 models through statsmodels (from 16 of them) | {64 * best_of(2, sixteen):.1f} s | – |")


def curve(quick: bool) -> None:
    print("\n## Cost by number of lists and of histories, one core\n")
    print("| lists | histories seen | stepwise replicate | BIC search, two-list | terms searched |")
    print("|--:|--:|--:|--:|--:|")
    for lists in range(3, 8 if quick else 11):
        for scale in (1.0, 3.0):
            table = _crowd(lists, scale)
            drawn = resample(table, 1, 0, 200)
            stepwise = Procedure("stepwise", lists)
            run_procedure(stepwise, drawn[:2], threads=1)
            one = best_of(3, lambda d=drawn, p=stepwise: run_procedure(p, d, threads=1)) / 200 * 1e6
            search = best_of(1, lambda t=table, n=lists: run_procedure(Procedure("bic", n), t.full()[None, :]))
            terms = len(terms_up_to(lists, 2))
            print(f"| {lists} | {len(table.masks)} | {one:.0f} µs | {1000 * search:.2f} ms | {terms} |")


def _crowd(lists: int, scale: float) -> Histories:
    generator = np.random.default_rng(lists)
    people = int(3000 * scale)
    shares = np.linspace(0.15, 0.04, lists)
    on = generator.random((people * 5, lists)) < shares * generator.choice(
        [0.6, 2.0], p=[0.7, 0.3], size=(people * 5, 1)
    )
    counts = np.bincount(on @ (1 << np.arange(lists)), minlength=1 << lists)
    counts[0] = 0
    masks = np.flatnonzero(counts)
    return Histories(tuple("ABCDEFGHIJ"[:lists]), tuple(masks.tolist()), tuple(counts[masks].tolist()))


_QUICK_START = "estimate(published_table('UKdat_5'), method=['stepwise', 'bic'], replicates=1000, sensitivity=False)"
_ALL_METHODS = "estimate(published_table('UKdat'), replicates=2000)"
_EVERYTHING = "write_report(estimate(published_table('UKdat'), replicates=2000), sys.argv[1])"


def start_up() -> None:
    print("\n## Start and memory\n")
    with tempfile.TemporaryDirectory() as folder:
        for what, task, times in (
            ("import to the last of 2 × 1,000 replicates (targets 2 s, 300 MB)", _QUICK_START, 5),
            ("every method and sensitivity (target 300 MB)", _ALL_METHODS, 1),
            ("every method, sensitivity and a PDF report", _EVERYTHING, 1),
        ):
            script = (
                "import sys\nfrom tally.prevalence import estimate, published_table\n"
                f"from tally.prevalence.report import write_report\n{task}\n"
                "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
            )
            kilobytes: list[int] = []

            def fresh(script: str = script, kilobytes: list[int] = kilobytes) -> None:
                command = [sys.executable, "-c", script, f"{folder}/report.pdf"]
                kilobytes.append(int(subprocess.run(command, capture_output=True, check=True).stdout))

            fresh()  # compiles what is not compiled yet
            kilobytes.clear()
            seconds = best_of(times, fresh, time.perf_counter)
            print(f"- a new process, {what}: {seconds:.2f} s, at most {max(kilobytes) // 1024} MB")


def check() -> None:
    """The figures compare like with like: both give the same estimate."""
    for name in ("UKdat_5", "Korea"):
        table = published_table(name)
        ours = run_procedure(Procedure("stepwise", len(table.lists)), table.full()[None, :])
        people = table.observed + math.exp(ours.log_dark[0])
        assert abs(analyst_stepwise(table.full(), len(table.lists)) / people - 1) < 1e-6, name
    sums = published_table("UKdat").full()
    superset_sums(sums, 6)
    assert sums[0] == 2744


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, seven lists at the most")
    options = parser.parse_args()
    check()
    replicates(options.quick)
    whole_intervals(options.quick)
    analyst_all_models()
    curve(options.quick)
    start_up()


if __name__ == "__main__":
    main()
