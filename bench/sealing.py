"""What sealing costs: the time to seal and to verify 1,000,000 events, and how much slower writers are beside it.

    python bench/sealing.py [EVENTS]

Writers do what a page does to the log: `record` in a transaction of its own. Beside them, in a process of its own like
the worker, the log is sealed once a second: sixty times as often as the worker does. Rounds with and without sealing
alternate, so that both meet the same machine; the ratio is that of their medians.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

from ground import fresh_database

ROUNDS, SECONDS, WRITERS = 6, 5.0, 2
FILL = """
INSERT INTO audit_auditevent (reference, at, action, actor_id, subjects, facts, channel, request)
SELECT gen_random_uuid(), now() - interval '1 year' + n * interval '30 seconds',
       (ARRAY['persons:person:view', 'cases:case:view', 'persons:identity:reveal', 'cases:case:list'])[1 + mod(n, 4)],
       (%s::bigint[])[1 + mod(n, 20)], ARRAY[gen_random_uuid(), gen_random_uuid()],
       jsonb_build_object('shown', mod(n, 20), 'purpose', 'interview'), 'page', gen_random_uuid()
FROM generate_series(1, %s) AS n
"""


def main(events: int) -> None:
    """Fill, seal and verify; then write with and without sealing."""
    with tempfile.TemporaryDirectory() as folder, fresh_database("kalkan_bench_sealing"):
        os.environ["AUDIT_HEADS"] = str(Path(folder) / "heads.jsonl")
        from django.conf import settings

        settings.AUDIT_HEADS = Path(os.environ["AUDIT_HEADS"])
        actors = _filled(events)
        _measure(events)
        _ask(actors)
        _write()


def _filled(events: int) -> list[int]:
    from django.db import connection

    from kalkan.access.models import Institution, InstitutionKind, User

    seat = Institution.objects.create(code="bench", kind=InstitutionKind.POLICE, name_tr="Deneme", name_en="Test")
    actors = [
        User.objects.create(email=f"{number}@kalkan.invalid", institution=seat, role="frontline_officer").pk
        for number in range(20)
    ]
    with connection.cursor() as cursor:
        cursor.execute(FILL, [actors, events])
        cursor.execute("ANALYZE audit_auditevent")
    return actors


def _measure(events: int) -> None:
    from kalkan.audit import sealing, signing, verifying

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    heads = sealing.seal()
    sealed = time.perf_counter()
    report = verifying.verify(signing.known_keys(), kept=signing.read_lines(Path(os.environ["AUDIT_HEADS"])))
    done = time.perf_counter()
    if not report.is_whole or report.sealed < events:
        raise SystemExit(f"The log is not whole: {report}")
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{report.sealed:,} events in {len(heads)} batches")
    print(f"sealed in   {sealed - began:6.1f} s")
    print(f"verified in {done - sealed:6.1f} s, against the file of heads")
    print(f"memory grew by {more:.0f} MB")


def _ask(actors: list[int]) -> None:
    from kalkan.access.models import User
    from kalkan.audit import reading
    from kalkan.audit.models import AuditEvent

    somebody = AuditEvent.objects.exclude(subjects=[]).order_by("-pk").values_list("subjects", flat=True)[1000]
    who = User.objects.values_list("reference", flat=True).get(pk=actors[0])
    asked = {
        "who saw this person": lambda: reading.readers(somebody),
        "what did this account see, 50 rows": lambda: list(reading.reads_by(who).order_by("-pk")[:50]),
        "many records within an hour, 7 days": lambda: reading.bulk(reading.days_back(7)),
        "outside working hours, 30 days": lambda: reading.outside_hours(reading.days_back(30), except_roles=()),
    }
    for name, ask in asked.items():
        ask()
        began = time.perf_counter()
        ask()
        print(f"{name}: {(time.perf_counter() - began) * 1000:.0f} ms")


def _write() -> None:
    rates: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        is_sealing = number % 2 == 1
        sealer = _sealer() if is_sealing else None
        rates[is_sealing].append(_rate())
        if sealer is not None:
            sealer.communicate("end\n", timeout=60)
    alone, beside = statistics.median(rates[False]), statistics.median(rates[True])
    print(f"events written a second: {alone:,.0f} without sealing, {beside:,.0f} beside it")
    print(f"writers keep {beside / alone:.1%} of their throughput")


def _rate() -> float:
    from django.db import connection

    from kalkan.audit.events import Event
    from kalkan.audit.services import record

    counts = [0] * WRITERS
    until = time.perf_counter() + SECONDS

    def write(place: int) -> None:
        while time.perf_counter() < until:
            record(Event.PERSON_VIEWED, uuid4(), by=None)
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=write, args=(place,)) for place in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _sealer() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--seal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdout is None or process.stdout.readline() != "ready\n":
        raise SystemExit("The sealing process did not start.")
    return process


def seal_until_told() -> None:
    """The other process: seal once a second until a line comes."""
    import django

    django.setup()
    from kalkan.audit import sealing

    sealing.seal()
    print("ready", flush=True)
    is_told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), is_told.set()), daemon=True).start()
    while not is_told.wait(1):
        sealing.seal()


if __name__ == "__main__":
    if sys.argv[1:] == ["--seal"]:
        seal_until_told()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
