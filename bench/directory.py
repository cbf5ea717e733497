"""Looking for a service among many: the page of the directory against the bare SQL of the same rows.

    python bench/directory.py [SIZE]

The page includes session, account, policy, distance, names and template; the bare SQL is what the page itself asked.
"""

import sys

from ground import fresh_database, median_ms, same_statements, show

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000

ROWS = """
INSERT INTO assistance_service (reference, institution_id, category, name_tr, name_en, description_tr, description_en,
    province_id, languages, sexes, citizenships, accessibility, age_from, age_to, is_always_open, days, opens_at,
    closes_at, capacity, cost, address, phone, email, web, verified_on, is_active, is_invented, changed_at, version)
SELECT gen_random_uuid(), i.id, (ARRAY['health', 'legal_aid', 'psychosocial', 'education', 'cash'])[1 + n % 5],
    'Deneme ' || n, 'Test ' || n, '', '', CASE WHEN n % 20 > 0 THEN i.province_id END,
    CASE n % 3 WHEN 0 THEN ARRAY['tr'] WHEN 1 THEN ARRAY['tr', 'ar'] ELSE ARRAY['tr', 'ru', 'uz'] END,
    CASE WHEN n % 7 = 0 THEN ARRAY['female'] ELSE '{{}}' END, '{{}}',
    CASE WHEN n % 4 = 0 THEN ARRAY['step_free'] ELSE '{{}}' END, CASE WHEN n % 6 = 0 THEN 18 END, NULL, false,
    ARRAY[1, 2, 3, 4, 5], TIME '09:00', TIME '17:00', NULL, 'free', '', '', '', '', current_date - n % 300, true, true,
    now(), 1
FROM generate_series(1, {size}) n
JOIN (SELECT id, province_id, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS all_of_them
      FROM access_institution WHERE province_id IS NOT NULL) i ON i.turn = n % i.all_of_them;
ANALYZE;
"""


def main() -> None:
    """Build the rows, then measure the first page, a narrow search and a wide one."""
    with fresh_database("kalkan_bench_directory"):
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        from kalkan.access.models import Institution, User
        from kalkan.access.roles import Role
        from kalkan.assistance.models import Service

        police = Institution.objects.get(code="egm-06")
        officer = User.objects.create(email="bench@kalkan.invalid", full_name="Bench", role=Role.FRONTLINE_OFFICER,
                                      institution=police, password="!", is_invented=True)  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(ROWS.format(size=SIZE))
        connection.commit()
        print(f"{Service.objects.count()} services")

        client = Client()
        client.force_login(officer)
        address = reverse("assistance:directory")
        for name, asked in (
            ("everything near", {}),
            ("by category and province", {"category": "health", "province": "TR-65"}),
            ("by everything", {"category": "health", "province": "TR-65", "language": "ar", "sex": "female",
                               "age": "20", "accessibility": "step_free"}),
        ):  # fmt: skip

            def visit(asked: dict[str, str] = asked) -> None:
                response = client.get(address, asked)
                assert response.status_code == 200, response.status_code

            bare = median_ms(same_statements(visit))
            show(f"directory, {name}", median_ms(visit), bare, peer="its SQL", aim="< 3 × SQL + 15 ms")


if __name__ == "__main__":
    main()
