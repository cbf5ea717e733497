"""Coverage and bias on populations whose size is known: `python -m tally.prevalence.simulation --help`.

Each design fixes the probability of every capture history. A population is one multinomial draw of its people over the
histories, the unseen ones included; a method sees the table without them, and is asked for the size and its limits.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tally.prevalence.bootstrap import Replicates, extend, jackknife
from tally.prevalence.graphical import average_graphs
from tally.prevalence.histories import Histories
from tally.prevalence.intervals import acceleration, bca, percentile
from tally.prevalence.kernel import CONVERGED
from tally.prevalence.latent import sample_latent_classes
from tally.prevalence.procedure import Procedure, run_procedure


@dataclass(frozen=True, slots=True)
class Design:
    """A population: its size, the share of people on each list, and log odds ratios between lists.

    `pairs` maps two or three positions to a log-linear term; minus infinity makes a combination impossible.
    `holds` says whether a model of main effects and two-list terms is true. With `classes`, people fall into classes
    (share, factor on the odds of every list) and lists are independent inside each: no such model is true.
    """

    name: str
    people: int
    shares: tuple[float, ...]
    terms: tuple[tuple[tuple[int, ...], float], ...] = ()
    classes: tuple[tuple[float, float], ...] = ()
    holds: bool = True

    def probabilities(self) -> NDArray[np.float64]:
        """Probability of each of the 2**t histories, with the margins `shares` (or near them, with classes)."""
        lists = len(self.shares)
        on = np.arange(1 << lists)[:, None] >> np.arange(lists) & 1
        if self.classes:
            odds = np.array(self.shares) / (1 - np.array(self.shares))
            mixture = np.zeros(1 << lists)
            for share, factor in self.classes:
                p = odds * factor / (1 + odds * factor)
                mixture += share * np.prod(np.where(on, p, 1 - p), axis=1)
            return mixture
        table = np.ones(1 << lists)
        for positions, effect in self.terms:
            table[on[:, positions].all(axis=1)] *= math.exp(effect)
        for _ in range(500):  # iterative proportional fitting keeps the terms and brings the margins to `shares`
            for i, share in enumerate(self.shares):
                listed = table[on[:, i] == 1].sum()
                table[on[:, i] == 1] *= share / listed
                table[on[:, i] == 0] *= (1 - share) / table[on[:, i] == 0].sum()
        return table / table.sum()


DESIGNS = (
    Design("independent lists", 5_000, (0.20, 0.12, 0.08, 0.05)),
    Design("two pairs dependent", 10_000, (0.12, 0.10, 0.08, 0.06, 0.04), (((0, 1), 1.2), ((2, 3), 1.0))),
    Design(
        "attraction and avoidance",
        10_000,
        (0.15, 0.12, 0.10, 0.08, 0.05),
        (((0, 1), 1.5), ((1, 2), -1.0), ((3, 4), 1.0)),
    ),
    Design("a list of one per cent", 10_000, (0.12, 0.10, 0.08, 0.06, 0.01), (((0, 1), 1.2), ((2, 4), 1.5))),
    Design("a pair that excludes", 10_000, (0.12, 0.10, 0.08, 0.06), (((0, 3), -math.inf), ((1, 2), 1.0))),
    Design("three lists, one pair dependent", 2_000, (0.30, 0.20, 0.15), (((0, 1), 1.0),)),
    Design("two classes of people", 5_000, (0.20, 0.15, 0.10, 0.08), classes=((0.7, 0.6), (0.3, 2.5)), holds=False),
    Design(
        "a three-list term",
        10_000,
        (0.15, 0.12, 0.10, 0.08, 0.05),
        (((0, 1), 0.8), ((0, 2), 0.8), ((1, 2), 0.8), ((0, 1, 2), 1.0)),
        holds=False,
    ),
)


@dataclass(slots=True)
class Tally:
    """What one method did on the populations of one design: `asked` so often, it answered `len(estimates)` times."""

    asked: int
    estimates: list[float]
    lows: list[float]
    highs: list[float]

    def row(self, truth: int) -> tuple[float, float, float, float, float]:
        """Median bias in per cent, root mean square error of log N, coverage, median width ÷ N, share unresolved.

        All of them among the populations on which the method answered.
        """
        if not self.estimates:
            return (math.nan,) * 5
        estimates = np.array(self.estimates)
        lows, highs = np.array(self.lows), np.array(self.highs)
        finite = np.isfinite(estimates)
        with np.errstate(divide="ignore"):
            errors = np.log(estimates[finite] / truth)
        return (
            100 * (float(np.median(estimates)) / truth - 1),
            float(np.sqrt(np.mean(errors**2))),
            100 * float(((lows <= truth) & (truth <= highs)).mean()),
            float(np.median(highs - lows)) / truth,
            100 * float((~np.isfinite(lows) | ~np.isfinite(highs)).mean()),
        )


def simulate(
    design: Design, *, populations: int, replicates: int, seed: int, latent: int = 0, threads: int | None = None
) -> dict[str, Tally]:
    """Tallies by method and interval for one design.

    An unresolved limit counts as no limit on that side (0 or infinity), which is what the tool says of it. The sampler
    of latent classes is slow and runs on the first `latent` populations only; where its chains disagree it does not
    answer.
    """
    probabilities = design.probabilities()
    lists = tuple(f"L{i + 1}" for i in range(len(design.shares)))
    tallies: dict[str, Tally] = {}
    for number in range(populations):
        generator = np.random.Generator(np.random.Philox(key=np.array([seed, 500 + number], np.uint64)))
        table = generator.multinomial(design.people, probabilities)
        table[0] = 0
        masks = np.flatnonzero(table)
        histories = Histories(lists, tuple(masks.tolist()), tuple(table[masks].tolist()))
        for method in ("independence", "stepwise", "bic"):
            _simulate_loglinear(histories, method, replicates, seed + number, threads, tallies)
        posterior = average_graphs(histories)
        low, high = posterior.interval()
        _note(tallies, "graphical, credible", posterior.median, low, high)
        if number < latent:
            sampled = sample_latent_classes(
                histories, seed=seed + number, draws=500, thinning=20, burn_in=5_000, threads=threads
            )
            if sampled.agrees:
                _note(tallies, "latent, credible", sampled.median, *sampled.interval())
            else:
                tallies.setdefault("latent, credible", Tally(0, [], [], [])).asked += 1
    return tallies


def _simulate_loglinear(
    histories: Histories, method: str, replicates: int, seed: int, threads: int | None, tallies: dict[str, Tally]
) -> None:
    procedure = Procedure(method, len(histories.lists))
    chosen = run_procedure(procedure, histories.full()[None, :], threads=1)
    estimate = histories.observed + math.exp(chosen.log_dark[0]) if chosen.codes[0] == CONVERGED else math.inf
    sample = extend(Replicates(), histories, procedure, seed=seed, until=replicates, threads=threads)
    simple = percentile(sample.estimates)
    _note(tallies, f"{method}, percentile", estimate, simple.low, simple.high)
    left_out, weights = jackknife(histories, procedure, threads=1)
    corrected = bca(sample.estimates, estimate, acceleration(left_out, weights))
    _note(tallies, f"{method}, BCa", estimate, corrected.low, corrected.high)


def _note(tallies: dict[str, Tally], name: str, estimate: float, low: float | None, high: float | None) -> None:
    tally = tallies.setdefault(name, Tally(0, [], [], []))
    tally.asked += 1
    tally.estimates.append(estimate)
    tally.lows.append(-math.inf if low is None else low)
    tally.highs.append(math.inf if high is None else high)


def table_of(design: Design, tallies: dict[str, Tally]) -> str:
    """The results of a design as a Markdown table."""
    seen = 100 * (1 - design.probabilities()[0])
    model = "a two-list model is true" if design.holds else "no two-list model is true"
    lines = [
        f"### {design.name[0].upper()}{design.name[1:]}",
        "",
        f"{design.people:,} people, {len(design.shares)} lists, {seen:.1f} % on some list; {model}.",
        "",
        "| method, interval | median bias | RMSE of log N | coverage of 95 % | median width ÷ N | unresolved | "
        "answered |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, tally in tallies.items():
        bias, error, coverage, width, unresolved = tally.row(design.people)
        shown = f"{width:.2f}" if math.isfinite(width) else "∞"
        answered = f"{len(tally.estimates)} of {tally.asked}"
        row = (name, f"{bias:+.1f} %", f"{error:.3f}", f"{coverage:.1f} %", shown, f"{unresolved:.1f} %", answered)
        lines.append("| " + " | ".join(row if tally.estimates else (name, *["–"] * 5, answered)) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tally.prevalence.simulation", description=__doc__)
    parser.add_argument("--populations", type=int, default=500)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--latent", type=int, default=40, help="populations on which latent classes are sampled")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--design", type=int, choices=range(1, len(DESIGNS) + 1), help="only this one")
    options = parser.parse_args(arguments)
    sys.stdout.write(
        f"{options.populations} populations a design (latent classes on {options.latent}), "
        f"{options.replicates} replicates, seed {options.seed}.\n\n"
    )
    for number, design in enumerate(DESIGNS, start=1):
        if options.design not in (None, number):
            continue
        started = time.perf_counter()
        tallies = simulate(
            design,
            populations=options.populations,
            replicates=options.replicates,
            seed=options.seed,
            latent=options.latent,
        )
        sys.stdout.write(table_of(design, tallies) + "\n\n")
        sys.stdout.flush()
        sys.stderr.write(f"{design.name}: {time.perf_counter() - started:.0f} s\n")


if __name__ == "__main__":
    main()
