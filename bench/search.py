"""Search over ciphertext with 200,000 persons against a plaintext trigram search of the same names, in one run.

    python bench/search.py [SIZE]

Both stand on one server: a PostgreSQL with contrib, started for this run on a socket of its own where its programs
are found (Debian keeps them in /usr/lib/postgresql), or the one that `DATABASE_URL` names. Without one, our search is
shown against its own SQL only. Ours includes the permission, the scope, decryption, comparison and the audit event;
the peer is bare SQL: `name % query`, best first, 25 rows.
"""

import os
import pwd
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from ground import fresh_database, median_ms, same_statements, show
from people import seal

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000


def main() -> None:
    """Build the persons, then measure."""
    with _server_with_trigrams() as has_trigrams, fresh_database("kalkan_bench_search"):
        _measure(has_trigrams)


@contextmanager
def _server_with_trigrams() -> Iterator[bool]:
    """A PostgreSQL with pg_trgm in `DATABASE_URL`, private to this run; False where none is found."""
    if os.environ.get("DATABASE_URL"):
        yield _can_trigrams(os.environ["DATABASE_URL"])
        return
    found = sorted(Path("/usr/share/postgresql").glob("*/extension/pg_trgm.control"))
    programs = Path("/usr/lib/postgresql") / found[-1].parts[-3] / "bin" if found else None
    if programs is None or not (programs / "initdb").exists():
        print("No PostgreSQL with contrib was found: no plaintext search to compare with.")
        yield False
        return
    folder = Path(tempfile.mkdtemp(prefix="kalkan-bench-"))
    owner = _owner()
    if owner is not None:
        shutil.chown(folder, owner)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=owner, cwd=folder)

    data = str(folder / "data")
    try:
        run(str(programs / "initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            os.environ["DATABASE_URL"] = f"postgresql://bench@/postgres?host={folder}"
            yield True
        finally:
            del os.environ["DATABASE_URL"]
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: somebody else owns the server then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _can_trigrams(url: str) -> bool:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
    return row == (1,)


def _measure(has_trigrams: bool) -> None:
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from kalkan.access.models import Institution, User
    from kalkan.access.roles import Role
    from kalkan.access.services import load_institutions
    from kalkan.persons import naming, selectors, services
    from kalkan.persons.models import Person

    load_institutions()
    directorate = Institution.objects.get(kind="migration_province", province_id="TR-06")
    authority = Institution.objects.get(kind="migration_centre")
    accounts = {
        name: User.objects.create(email=f"{name}@kalkan.invalid", full_name="Bench", password="!", role=role,
                                  institution=institution, is_invented=True)
        for name, role, institution in (
            ("nation", Role.DECIDING_OFFICER, authority), ("province", Role.IDENTIFICATION_EXPERT, directorate)
        )
    }  # fmt: skip
    people = [(one.pk, one.name, one.phone) for one in seal(SIZE)]
    with connection.cursor() as cursor:
        cursor.execute(  # one in eighty is held by the directorate
            "INSERT INTO persons_holding (person_id, institution_id, province_id, since) "
            "SELECT id, %s, NULL, now() FROM persons_person WHERE id %% 80 = 0",
            [directorate.pk],
        )
        if has_trigrams:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("CREATE TABLE plain (id bigint PRIMARY KEY, name text)")
            with cursor.copy("COPY plain FROM STDIN") as copy:
                for pk, name, _phone in people:
                    copy.write_row((pk, naming.latin(name)))
            cursor.execute("CREATE INDEX ON plain USING gin (name gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE")
    print(f"{Person.objects.count()} persons")

    chance = random.Random(157)
    sample = chance.sample(people, 30)
    kinds = {
        "exact name": [(pk, name) for pk, name, _phone in sample],
        "misspelt name": [(pk, _misspelt(name, chance)) for pk, name, _phone in sample],
        "family name first": [(pk, " ".join(reversed(name.split()))) for pk, name, _phone in sample],
        "commonest name": [(0, "Mehmet Yılmaz")] * 30,
        "phone": [(pk, phone) for pk, _name, phone in sample],
    }
    for kind, asked in kinds.items():
        for scope, user in accounts.items():

            def ours(query: str, user: User = user) -> list[int]:
                return [found.person.pk for found in selectors.search(user, query)]

            took = _median(ours, asked)
            if has_trigrams and kind != "phone":
                show(f"{kind}, {scope}", took, _median(_plain, asked), peer="pg_trgm", aim="≤ 1")
            else:
                bare = same_statements(partial(ours, asked[0][1]))
                show(f"{kind}, {scope}", took, median_ms(bare), peer="its SQL", aim="< 3 × SQL + 15 ms")
            if scope == "nation" and asked[0][0]:
                hits = sum(pk in ours(query) for pk, query in asked)
                plain = sum(pk in _plain(query) for pk, query in asked) if has_trigrams and kind != "phone" else None
                print(f"  among the first 25: {hits} of 30" + ("" if plain is None else f", pg_trgm {plain} of 30"))

    client, expert = Client(), accounts["province"]
    client.force_login(expert)
    held = Person.objects.filter(holdings__institution=directorate).latest("pk")
    details = services.identity_of(held)

    def visit() -> None:
        assert client.get(reverse("persons:person", args=[held.reference])).status_code == 200

    def save() -> None:
        version = Person.objects.values_list("version", flat=True).get(pk=held.pk)
        services.change_person(held.reference, details, by=expert, version=version)

    def record() -> None:
        services.record_person(details, by=expert, request_key=uuid4())

    show("open a person", median_ms(visit), median_ms(same_statements(visit)), peer="its SQL", aim="< 3 × SQL + 15 ms")
    show("correct a person", median_ms(save), median_ms(same_statements(save)), peer="its SQL",
         aim="< 3 × SQL + 15 ms")  # fmt: skip
    took = median_ms(record, times=10)
    print(f"record a person, all possible same ones found   {took:.2f} ms")


def _median(search, asked: list[tuple[int, str]]) -> float:
    turn = iter([query for _pk, query in asked] * 2)
    return median_ms(lambda: search(next(turn)), times=len(asked))


def _plain(query: str) -> list[int]:
    from django.db import connection

    from kalkan.persons import naming

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM plain WHERE name %% %s ORDER BY similarity(name, %s) DESC, id LIMIT 25",
            [naming.latin(query)] * 2,
        )
        return [pk for (pk,) in cursor.fetchall()]


def _misspelt(name: str, chance: random.Random) -> str:
    index = chance.randrange(1, len(name))
    return name[:index] + name[index + 1 :]


if __name__ == "__main__":
    main()
