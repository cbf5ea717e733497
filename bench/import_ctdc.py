"""The import of the CTDC collection, with audit and statistics, against a bare COPY of the same rows in the same run.

    python -m bench.import_ctdc

The bare COPY writes what the import writes (persons, holdings, cases, moves, episodes, records) into tables without
any index, constraint or trigger: the floor that no import can reach.
"""

import json
import os
import sys
import time
from pathlib import Path

from bench.ground import fresh_database
from kalkan.config.database import ROOT

SHARED = Path(os.environ.get("KALKAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
FILE = SHARED / "ctdc" / "ctdc_k_anonymised_2020.csv"
TABLES = (
    *("persons_person", "persons_holding", "cases_case", "cases_stagechange", "cases_episode"),
    "exchange_importedrecord",
)
AIM = 2_500  # rows a second on two cores


def main() -> None:
    """Import, import again, copy bare, and print the ratios."""
    if not FILE.exists():
        print(f"import_ctdc: skipped, there is no {FILE.name} beside the repository (see KALKAN_SHARED_DATA)")
        return
    with fresh_database("bench_import"):
        first, again = _import(), _import()
        assert (first["created"], again["unchanged"]) == (first["rows"], first["rows"])
        counted, counting = _count()
        assert counted == {"female": 35_534, "male": 13_267, "unknown": 0}, counted
        bare = _bare_copy()
    speed, second = first["rows"] / first["seconds"], again["rows"] / again["seconds"]
    print(f"import        {first['seconds']:7.2f} s {speed:9.0f} rows/s   aim {AIM}: {speed / AIM:.1f} times")
    print(f"import again  {again['seconds']:7.2f} s {second:9.0f} rows/s   nothing changed")
    print(f"count by sex  {counting:7.2f} s")
    print(f"bare COPY     {bare:7.2f} s {first['rows'] / bare:9.0f} rows/s")
    print(f"import ÷ bare COPY: {first['seconds'] / bare:.1f}")
    if "--json" in sys.argv:
        print(json.dumps({"rows_per_second": speed, "ratio_to_copy": first["seconds"] / bare}))


def _import() -> dict[str, float]:
    from kalkan.exchange import services
    from kalkan.exchange.reading import Source

    began = time.perf_counter()
    report, _run = services.import_source(
        Source.of_path(FILE), kind="ctdc", by=None, mode="all", is_dry_run=False, progress=lambda done, rows: None
    )
    assert not report.problems, [problem.what for problem in report.problems[:3]]
    return {
        "rows": report.rows,
        "created": report.created,
        "unchanged": report.unchanged,
        "seconds": time.perf_counter() - began,
    }


def _count() -> tuple[dict[str, int], float]:
    from kalkan.statistics import selectors
    from kalkan.statistics.indicators import BY_CODE

    began = time.perf_counter()
    table = selectors.count(BY_CODE["recorded-victims"], ["sex"], selectors.Filters(source="CTDC"))
    counts = {**table.counts, "unknown": table.counts.get("unknown", 0)}
    return {code: counts[code] for code in ("female", "male", "unknown")}, time.perf_counter() - began


def _bare_copy() -> float:
    """Seconds for COPY alone of the very rows that the import wrote. Reading them out first is not counted."""
    from django.db import connection

    spent = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                content = b"".join(map(bytes, copy))
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
            began = time.perf_counter()
            with cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                copy.write(content)
            spent += time.perf_counter() - began
    return spent


if __name__ == "__main__":
    main()
