"""Figures over 200,000 cases: each indicator against the bare SQL that it asks, the page of the nation, and plans.

    python bench/figures.py [SIZE] [--plans]

Half of the cases are an imported collection, half are Kalkan's own with screening, interview, referral and episode.
"""

import sys

from ground import fresh_database, median_ms, same_statements, show

SIZE = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), 200_000)

ROWS = """
INSERT INTO persons_person (reference, sex, gender, majority, age_band, citizenships, statelessness, languages,
    is_age_in_doubt, contact_rule, blind_keys, source, met_on, recorded_at, version)
SELECT gen_random_uuid(), (ARRAY['female', 'female', 'male', 'unknown'])[1 + n % 4], '',
    (ARRAY['adult', 'child', 'unknown'])[1 + n % 3],
    (ARRAY['0-8', '9-17', '18-20', '24-26', '30-38', 'unknown', 'unknown'])[1 + n % 7],
    CASE WHEN n % 11 = 0 THEN ARRAY[]::varchar[] WHEN n % 50 = 0 THEN ARRAY['UA', 'MD']
         ELSE ARRAY[(ARRAY['UZ', 'SY', 'UA', 'MA', 'KG', 'PH', 'TR', 'ID'])[1 + n % 8]] END,
    '', ARRAY[]::varchar[], false, '', ARRAY[]::bigint[], 'bench', current_date, now(), 1
FROM generate_series(1, {size}) n;

INSERT INTO cases_case (reference, number, person_id, stage, institution_id, province_id, is_child, is_urgent, source,
    signal, is_historic, opened_on, opened_on_precision, outcome, closing_reason, next_due_on, charged_articles,
    recorded_at, version, closed_on, decided_on, is_with_authority)
SELECT gen_random_uuid(), 'B-' || n, n, stage, {institution}, CASE WHEN n % 2 = 0 THEN p.code END, false, false,
    CASE WHEN n % 2 = 0 THEN 'kalkan' ELSE 'CTDC' END, '', n % 2 = 1, DATE '2004-01-01' + (n * 37 % 8000)::int, 'day',
    CASE WHEN n % 2 = 1 OR stage IN ('closed', 'protection') THEN 'recognised'
         WHEN stage = 'not_recognised' THEN 'not_recognised' ELSE '' END,
    CASE WHEN stage = 'closed' THEN 'returned' ELSE '' END,
    CASE WHEN stage = 'referred' THEN DATE '2026-10-01' + (n % 90)::int END, ARRAY[]::varchar[], now(), 1,
    CASE WHEN stage = 'closed' THEN DATE '2026-01-01' END,
    CASE WHEN n % 2 = 1 OR stage <> 'referred' THEN DATE '2004-02-01' + (n * 37 % 8000)::int END, false
FROM generate_series(1, {size}) n
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS turn FROM vocabulary_province) p ON p.turn = n / 2 % 81
CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 1 THEN 'closed'
    ELSE (ARRAY['referred', 'closed', 'protection', 'not_recognised'])[1 + n / 2 % 4] END AS stage) s;

INSERT INTO cases_stagechange (case_id, move, source, target, "on", recorded_at, facts)
SELECT id, 'refer', 'preliminary', 'referred', opened_on + 3, now(), '{{}}' FROM cases_case WHERE NOT is_historic;
INSERT INTO cases_screening (reference, case_id, profile, held_on, held_at_place, conclusion, advice, version,
    concluded_by_id, concluded_on)
SELECT gen_random_uuid(), id, 'adult_sexual', opened_on, '', 'signs', 'signs', 1, {user}, opened_on
FROM cases_case WHERE NOT is_historic;
INSERT INTO cases_interview (reference, case_id, kind, held_on, language, interpreter, guardian, rights_explained,
    recorded_at)
SELECT gen_random_uuid(), id, kind, opened_on + 2, '', '', '', true, now()
FROM cases_case CROSS JOIN (VALUES ('preliminary'), ('identification')) k (kind) WHERE NOT is_historic;
INSERT INTO cases_episode (reference, case_id, forms, sub_forms, sector, means, recruitment, recruiter_relation,
    countries, began_precision, ended_precision, recorded_at)
SELECT gen_random_uuid(), id,
    CASE WHEN id % 20 = 0 THEN ARRAY['sexual', 'begging'] WHEN id % 9 = 0 THEN ARRAY['unknown']
    ELSE ARRAY[(ARRAY['sexual', 'labour', 'begging'])[1 + id % 3]] END,
    ARRAY[]::varchar[], '', ARRAY[]::varchar[], ARRAY[]::varchar[], '', ARRAY[]::varchar[], '', '', now()
FROM cases_case;

ANALYZE;
"""


def main() -> None:
    """Build the rows, then count each indicator in three ways, and show the page of the nation."""
    with fresh_database("kalkan_bench_figures"):
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext
        from django.urls import reverse

        from kalkan.access.models import Institution, User
        from kalkan.access.roles import Role
        from kalkan.statistics import selectors
        from kalkan.statistics.indicators import BY_CODE, INDICATORS, Indicator

        centre = Institution.objects.create(code="bench", kind="migration_centre", name_tr="Bench", name_en="Bench")
        analyst = User.objects.create(
            email="bench@kalkan.invalid",
            full_name="Bench",
            role=Role.ANALYST,
            institution=centre,
            password="!",
            is_invented=True,
        )
        with connection.cursor() as cursor:
            # Rows laid down as they are: the triggers that watch over single moves have nothing to watch here.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(ROWS.format(size=SIZE, user=analyst.pk, institution=centre.pk))
            cursor.execute("SET session_replication_role = origin")

        for indicator in INDICATORS:
            for by in (("sex",), ("year", "province", "sex"), ("form", "citizenship")):

                def count(indicator: Indicator = indicator, by: tuple[str, ...] = by) -> object:
                    return selectors.count(indicator, by)

                name = f"{indicator.code} by {' × '.join(by)}"
                bare = median_ms(same_statements(count), times=3)
                show(name, median_ms(count, times=3), bare, peer="its SQL", aim="< 3")

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(analyst)
        asked = "?figure=recorded-victims&first_year=2004&source="

        def visit() -> None:
            assert client.get(reverse("statistics:nation") + asked).status_code == 200

        show("page of the nation", median_ms(visit, times=3), median_ms(same_statements(visit), times=3),
             peer="its SQL", aim="< 3 × SQL + 15 ms")  # fmt: skip

        if "--plans" in sys.argv:
            for code in ("recorded-victims", "interviewed-preliminary", "days-to-decision"):
                with CaptureQueriesContext(connection) as captured:
                    selectors.cube(BY_CODE[code], BY_CODE[code].breakdowns)
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {captured[-1]['sql']}")
                    print(f"\n{code}\n" + "\n".join(line for (line,) in cursor.fetchall()))


if __name__ == "__main__":
    main()
