"""Safe release side by side with pac-synth 0.0.8 on the CTDC file, in one run, each side in a process of its own.

    python bench/release.py [--runs 1]

Prints the table of bars for epsilon 4 and 1, then the time and loss of protecting an 81 × 10 × 2 × 6 hierarchical
table, and k-anonymity on ten columns. The code lists are public ones: ISO 3166 for citizenship, and the published
code book for the rest. The measuring stick is `tally.synthesis.compare` for both sides.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CTDC = Path(os.environ.get("KALKAN_SHARED_DATA", ROOT.parent / "shared" / "data")) / "ctdc/ctdc_k_anonymised_2020.csv"
DELTA = 1e-6

ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
YT ZA ZM ZW
"""

LISTS = {
    "yearOfRegistration": [f"{year}.0" for year in range(2002, 2021)],
    "Datasource": ["Case Management", "Hotline"],
    "gender": ["Female", "Male"],
    "ageBroad": ["0--8", "9--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+"],
    "citizenship": ISO_3166.split(),
    "isForcedLabour": ["0.0", "1.0"],
    "control_category": ["Financial", "Other", "Physical", "Survival", "Threats"],
    "RecruiterCategory": ["Family/Relative", "Friend/Acquaintance", "Intimate Partner", "Other"],
    "ExploitType": ["Forced Marriage", "Labor", "Multiple", "Other", "Sexual", "Slavery/Similar"],
    "Labor_Type": [
        "Agriculture", "Aquafarming", "Begging", "Construction", "Domestic Work", "Hospitality", "Manufacturing",
        "Other", "Peddling",
    ],
}  # fmt: skip


def peak() -> float:
    """Peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def theirs(epsilon: float, rows: Path, tables: Path) -> None:
    """pac-synth with its synthetic counts and up to three-way aggregates: rows and noisy tables."""
    import pandas
    from pacsynth import Dataset, DpAggregateSeededParametersBuilder, DpAggregateSeededSynthesizer

    start = time.perf_counter()
    frame = pandas.read_csv(CTDC, dtype=str, keep_default_na=False).iloc[:, 1:]
    builder = DpAggregateSeededParametersBuilder().reporting_length(3).epsilon(epsilon).delta(DELTA)
    parameters = (
        builder.percentile_percentage(99).percentile_epsilon_proportion(0.01).use_synthetic_counts(True).build()
    )
    synthesiser = DpAggregateSeededSynthesizer(parameters)
    data = Dataset.from_data_frame(frame)
    synthesiser.fit(data)
    made = Dataset.raw_data_to_data_frame(synthesiser.sample())
    seconds = time.perf_counter() - start
    made.fillna("").to_csv(rows, index=False)
    path = tables.with_suffix(".tsv")
    aggregates = synthesiser.get_dp_aggregates(";")
    path.write_text(json.dumps({str(key): int(value) for key, value in aggregates.items()}))
    print(json.dumps({"seconds": seconds, "mb": peak(), "aggregates": str(path)}))


def ours(epsilon: float, rows: Path, tables: Path, how: str) -> None:
    """`tally.synthesis` with public code lists, or with lists looked up within the budget."""
    start = time.perf_counter()
    from tally.counting import open_records
    from tally.disclosure.write import as_csv, whole_file
    from tally.synthesis.command import tables_csv
    from tally.synthesis.domain import check_columns, declare, fit_to, look_up
    from tally.synthesis.privacy import Purse
    from tally.synthesis.release import labels, synthesise

    with open_records(CTDC, columns=list(LISTS)) as records:
        check_columns(records)
        purse = Purse(epsilon, DELTA, 0.3 * DELTA if how == "lookup" else 0.0)
        domain = look_up(records, purse) if how == "lookup" else fit_to(declare(LISTS, source="public"), records)
        release = synthesise(records, domain, purse)
    made = labels(release)
    whole_file(rows, as_csv(list(made), zip(*made.values(), strict=True)))
    whole_file(tables, tables_csv(release))
    print(json.dumps({"seconds": time.perf_counter() - start, "mb": peak(), "epsilon": release.epsilon}))


def table_error(path: Path) -> float:
    """Two-way WAPE of released tables in our long format; a pair that was not released counts as all error."""
    import csv

    from tally.counting import combinations_of, open_records
    from tally.synthesis.compare import score, without_blanks

    given: dict[str, dict[tuple[str, ...], int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = row["table"].split(" × ")
            labels = tuple(row[name] for name in names)
            if all(labels):
                given.setdefault(row["table"], {})[labels] = int(row["count"])
    with open_records(CTDC, columns=list(LISTS)) as records:
        tables = records.count(combinations_of(list(LISTS), [2]))
    return score(2, ((without_blanks(t), given.get(" × ".join(t.columns), {})) for t in tables)).wape


def aggregate_error(path: Path) -> float | None:
    """The same for pac-synth's noisy aggregates, whose keys are `column:value` joined by a semicolon."""
    from tally.counting import combinations_of, open_records
    from tally.synthesis.compare import score, without_blanks

    content = json.loads(path.read_text())
    if not content:
        return None
    given: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    order = {name: i for i, name in enumerate(LISTS)}
    for key, number in content.items():
        parts = sorted((p.split(":", 1) for p in key.split(";")), key=lambda p: order.get(p[0], 99))
        if len(parts) == 2 and all(len(p) == 2 for p in parts):
            given.setdefault(tuple(p[0] for p in parts), {})[tuple(p[1] for p in parts)] = max(number, 0)
    with open_records(CTDC, columns=list(LISTS)) as records:
        tables = records.count(combinations_of(list(LISTS), [2]))
    return score(2, ((without_blanks(t), given.get(t.columns, {})) for t in tables)).wape


def run(who: str, epsilon: float, folder: Path) -> dict[str, object]:
    """One side in a process of its own, measured afterwards."""
    from tally.synthesis.compare import compare

    rows, tables = folder / f"{who}-{epsilon}-rows.csv", folder / f"{who}-{epsilon}-tables.csv"
    command = [sys.executable, __file__, "--worker", who, str(epsilon), str(rows), str(tables)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found = json.loads(done.stdout.strip().splitlines()[-1])
    error = aggregate_error(Path(found["aggregates"])) if who == "theirs" else table_error(tables)
    one, two, three = compare(CTDC, rows, columns=list(LISTS))
    return {
        **found,
        "two": two.wape,
        "three": three.wape,
        "lost": one.lost,
        "fabricated": two.fabricated,
        "tables": error,
    }


def protect() -> dict[str, object]:
    """The 81 × 10 × 2 × 6 table of 5,000 invented people in seven regions."""
    import numpy as np

    from tally.disclosure.cube import Cube, Dimension
    from tally.disclosure.hierarchy import Hierarchy
    from tally.disclosure.protect import protect_by_suppression

    rng = np.random.default_rng(1)
    places = [f"{i + 1:02d}" for i in range(81)]
    tree = Hierarchy({place: f"region {i % 7}" for i, place in enumerate(places)})
    sizes = {"citizenship": 10, "sex": 2, "age": 6}
    dimensions = [Dimension.of("place", places, tree)]
    dimensions += [Dimension.of(name, [f"{name} {i}" for i in range(n)], Hierarchy()) for name, n in sizes.items()]
    shares = [rng.dirichlet(np.full(d.leaves, 0.5)) for d in dimensions]
    whole = np.einsum("i,j,k,l->ijkl", *shares)
    cube = Cube.of("table", dimensions, rng.multinomial(5000, whole.ravel()).reshape(whole.shape))
    start = time.perf_counter()
    done = protect_by_suppression([cube], threshold=5, hierarchies={"place": tree})
    assert done.loss is not None
    return {
        "seconds": time.perf_counter() - start, "cells": done.loss.cells, "lost": done.loss.share,
        "times_bound": done.loss.over_bound, "determined": done.audit.derived_exactly,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--worker", nargs=4)
    given = parser.parse_args()
    if given.worker:
        who, epsilon, rows, tables = given.worker
        if who == "theirs":
            theirs(float(epsilon), Path(rows), Path(tables))
        else:
            ours(float(epsilon), Path(rows), Path(tables), who)
        return
    sys.path.insert(0, str(ROOT))
    if not CTDC.exists():
        print("skipped: the CTDC file is not beside the repository (set KALKAN_SHARED_DATA)")
    else:
        bars(given.runs)
        from tally.disclosure.anonymise import anonymise, smallest_class

        start = time.perf_counter()
        result = anonymise(CTDC, k=11, columns=list(LISTS))
        seconds = time.perf_counter() - start
        print(
            f"k-anonymity, k = 11 on ten columns: {result.loss:.2%} of information lost, smallest class "
            f"{smallest_class(result.columns)}, {seconds:.1f} s; dropping loses {result.dropping:.1%} of records, "
            f"ratio {result.loss / result.dropping:.2f}",
            flush=True,
        )
    found = protect()
    print(
        f"suppression, 81 × 10 × 2 × 6 with margins ({found['cells']:,} cells): {found['seconds']:.1f} s, "
        f"{found['lost']:.1%} of information hidden, ratio to the lower bound {found['times_bound']:.2f}, "
        f"determined cells {found['determined']}"
    )


def bars(runs: int) -> None:
    """The table of the bars, both sides measured now."""
    print("epsilon  who                   2-way   3-way  1-way lost  2-way fabricated  tables 2-way  seconds    MB")
    with tempfile.TemporaryDirectory() as folder:
        for epsilon in (4.0, 1.0):
            errors: dict[str, float] = {}
            for who, name in (
                ("theirs", "pac-synth 0.0.8"),
                ("ours", "tally, public lists"),
                ("lookup", "tally, looked up"),
            ):
                for _ in range(runs):
                    r = run(who, epsilon, Path(folder))
                    errors[who] = float(str(r["two"]))
                    tables = "–" if r["tables"] is None else f"{r['tables']:.2%}"
                    print(
                        f"{epsilon:<8g} {name:<20} {r['two']:>7.2%} {r['three']:>7.2%} {r['lost']:>11.1%} "
                        f"{r['fabricated']:>17.1%} {tables:>13} {r['seconds']:>8.1f} {r['mb']:>5.0f}",
                        flush=True,
                    )
            print(
                f"         ratio of 2-way error, ours to theirs: {errors['ours'] / errors['theirs']:.2f}", flush=True
            )


if __name__ == "__main__":
    main()
