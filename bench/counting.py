"""Time and memory of counting: all 190 two-way tables of 10,000,000 × 20 on DuckDB, and Spark with equal cells.

    python bench/counting.py [--rows 10000000] [--columns 20] [--spark-rows 10000000] [--spark-columns 4]

Prints one line a size (cost grows linearly in rows) and the ratio of peak memory to the 2 GB allowed. Each run is a
process of its own, so that its peak is its own.
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


def make(path: Path, rows: int, columns: int) -> None:
    """Invented records with skewed values, 5 to 62 a column, written without holding them in memory."""
    import duckdb

    made = ", ".join(f"'v' || floor(pow(random(), 2) * {5 + 3 * i})::INT AS c{i}" for i in range(columns))
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'")
        connection.execute("SELECT setseed(0.5)")
        connection.execute(f"COPY (SELECT {made} FROM range({rows})) TO '{path}' (FORMAT parquet)")


def worker(path: str, engine: str, columns: int) -> None:
    """Count in this process; print seconds, peak memory in MB and a digest of all cells."""
    import hashlib

    from tally.counting import combinations_of, open_records

    start = time.perf_counter()
    names = [f"c{i}" for i in range(columns)]
    digest = hashlib.sha256()
    with open_records(path, columns=names, engine=engine) as records:  # type: ignore[arg-type]
        tables = records.count(combinations_of(names, [2]))
    for table in tables:
        digest.update(repr((table.columns, table.levels)).encode() + table.codes.tobytes() + table.counts.tobytes())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    outcome = {"seconds": time.perf_counter() - start, "mb": peak, "tables": len(tables), "digest": digest.hexdigest()}
    sys.stdout.write("\n" + json.dumps(outcome) + "\n")


def run(path: Path, engine: str, columns: int) -> dict[str, object]:
    """Run a worker and read its last line."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, __file__, "--worker", str(path), engine, str(columns)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--spark-rows", type=int, default=10_000_000)
    parser.add_argument("--spark-columns", type=int, default=4)
    parser.add_argument("--worker", nargs=3)
    given = parser.parse_args()
    if given.worker:
        path, engine, columns = given.worker
        worker(path, engine, int(columns))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in sorted({given.rows // 100, given.rows // 10, given.rows}):
            path = Path(folder) / f"{rows}.parquet"
            make(path, rows, given.columns)
            ours = run(path, "duckdb", given.columns)
            print(
                f"duckdb {rows:>11,} × {given.columns}: {ours['tables']} tables in {ours['seconds']:.1f} s, "
                f"{ours['mb']:.0f} MB, ratio to 2 GB {float(str(ours['mb'])) / 2000:.2f}",
                flush=True,
            )
        path = Path(folder) / "spark.parquet"
        make(path, given.spark_rows, given.spark_columns)
        ours, theirs = (run(path, engine, given.spark_columns) for engine in ("duckdb", "spark"))
        print(
            f"spark {given.spark_rows:,} × {given.spark_columns}: {theirs['seconds']:.1f} s, duckdb "
            f"{ours['seconds']:.1f} s, ratio {float(str(theirs['seconds'])) / float(str(ours['seconds'])):.1f}, "
            f"cells equal: {ours['digest'] == theirs['digest']}"
        )
        if ours["digest"] != theirs["digest"]:
            raise SystemExit("the engines disagree")


if __name__ == "__main__":
    main()
