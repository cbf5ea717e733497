"""Pages with 200,000 persons and cases: each page against the bare SQL of the same rows on the same connection.

    python bench/pages.py [SIZE] [--plans]

The page includes session, account, policy, template and audit event; the bare SQL is what the page itself asked.
With --plans, the work list's query is shown as PostgreSQL plans it for the owner and behind row-level security.
"""

import sys
from typing import TYPE_CHECKING
from uuid import uuid4

from ground import fresh_database, median_ms, same_statements, show
from people import CASES

if TYPE_CHECKING:
    from kalkan.access.models import User

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000

PERSONS = """
INSERT INTO persons_person (reference, sex, gender, majority, is_age_in_doubt, age_band, citizenships, statelessness,
    languages, contact_rule, blind_keys, source, met_on, recorded_at, version)
SELECT gen_random_uuid(), CASE WHEN n % 4 = 0 THEN 'male' ELSE 'female' END, '', 'adult', false, '24-26', ARRAY['UZ'],
    '', ARRAY['ru'], '', ARRAY[]::bigint[], 'bench', current_date, now(), 1
FROM generate_series(1, {size}) n;
"""
STAGES = """ARRAY['screening', 'preliminary', 'referred', 'identification', 'closed', 'closed', 'closed', 'closed']"""


def main() -> None:
    """Build the rows, then measure the work list, a case and a save, for an expert of one province and the centre."""
    with fresh_database("kalkan_bench_pages"):
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        from kalkan.access.models import Institution, User
        from kalkan.access.roles import Role
        from kalkan.cases.models import Case

        directorate = Institution.objects.get(kind="migration_province", province_id="TR-06")
        expert = User.objects.create(email="bench@kalkan.invalid", full_name="Bench", role=Role.IDENTIFICATION_EXPERT,
                                     institution=directorate, password="!", is_invented=True)  # fmt: skip
        ankara = Institution.objects.get(kind="migration_centre")
        centre = User.objects.create(email="centre@kalkan.invalid", full_name="Centre", role=Role.CENTRAL_UNIT,
                                     institution=ankara, password="!", is_invented=True)  # fmt: skip
        with connection.cursor() as cursor:
            # Rows laid down as they are: the triggers that watch over single moves have nothing to watch here.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(PERSONS.format(size=SIZE) + CASES.format(user=expert.pk, stages=STAGES) + "ANALYZE")
            cursor.execute("SET session_replication_role = origin")
        connection.commit()
        print(f"{Case.objects.count()} cases")

        for name, user in (("expert of one province", expert), ("central unit", centre)):
            client = Client()
            client.force_login(user)
            case = Case.objects.filter(province_id="TR-06", stage="referred").first()
            assert case is not None
            for page, address in (
                ("work list", reverse("web:home")),
                ("case", reverse("web:case", args=[case.reference])),
            ):

                def visit(client: Client = client, address: str = address) -> None:
                    response = client.get(address)
                    assert response.status_code == 200, response.status_code

                bare = median_ms(same_statements(visit))
                show(f"{page}, {name}", median_ms(visit), bare, peer="its SQL", aim="< 3 × SQL + 15 ms")

        client = Client()
        client.force_login(expert)
        assigned = Case.objects.filter(province_id="TR-06", stage="identification").first()
        assert assigned is not None

        def save() -> None:
            response = client.post(
                reverse("cases:identification_interview", args=[assigned.reference]),
                {"request_key": str(uuid4()), "held_on": "2026-11-20", "language": "tr", "interpreter": "not_needed",
                 "rights_explained": "yes", "narrative": "Uydurma"},
            )  # fmt: skip
            assert response.status_code == 302, response.content.decode()[-2000:]

        if "--plans" in sys.argv:
            _show_plans(expert)

        bare = median_ms(same_statements(save))
        show("save an interview", median_ms(save), bare, peer="its SQL", aim="< 3 × SQL + 15 ms")


def _show_plans(expert: "User") -> None:
    from kalkan.access.session import acting
    from kalkan.audit.models import Channel
    from kalkan.cases.selectors import work_list

    def plan() -> str:
        return work_list(expert)[:25].explain(analyze=True, costs=False)

    bare = median_ms(lambda: list(work_list(expert)[:25]))
    print(f"\nwork list without row-level security\n{plan()}")
    with acting(Channel.PAGE, expert):
        walled = median_ms(lambda: list(work_list(expert)[:25]))
        print(f"\nwork list behind row-level security\n{plan()}")
    show("work list behind the second wall", walled, bare, peer="without", aim="the same index")


if __name__ == "__main__":
    main()
