"""What a person receives, nationwide: pages, gate, census and daily clock, each against the bare SQL of its rows.

    python bench/assistance.py [SIZE]

SIZE persons and cases (200,000), five times as many services delivered, half as many referrals with what is owed for
them, a use of a bed for each person, and SIZE / 40 services in the directory. A page includes session, account,
policy, names, template and audit event; the bare SQL is what the page itself asked, behind row-level security too.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from ground import fresh_database, median_ms, same_statements, show
from people import CASES, Sealed, seal

if TYPE_CHECKING:
    from kalkan.access.models import User

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
STAYS = 62  # for each bed, a fortnight each, the last one not ended in nine of ten beds
BEDS = max(1, SIZE // STAYS)
PAGE_AIM = "< 3 × SQL + 15 ms"
# One case in four is in protection, with a programme.
STAGES = (
    """ARRAY['screening', 'referred', 'protection', 'closed', 'identification', 'closed', 'protection', 'closed']"""
)

INSTITUTIONS = """
INSERT INTO access_institution (reference, code, kind, name_tr, name_en, is_active, is_invented)
SELECT gen_random_uuid(), c, kind, c, c, true, true
FROM (VALUES ('ngo', 40), ('shelter', greatest(1, {beds} / 80))) k (kind, number), generate_series(1, k.number) n,
    LATERAL (SELECT 'bench-' || kind || '-' || n) l (c);
"""

PROGRAMMES = """
CREATE TEMP TABLE protected AS
SELECT row_number() OVER (ORDER BY id) AS n, id AS case_id, person_id, institution_id, province_id,
    nextval(pg_get_serial_sequence('persons_consent', 'id')) AS consent_id,
    nextval(pg_get_serial_sequence('persons_sealedtext', 'id')) AS text_id
FROM cases_case WHERE stage = 'protection';

INSERT INTO persons_consent (id, reference, person_id, purpose, recipient_id, categories, language, given_how,
    given_on, expires_on, recorded_by_id, recorded_at)
SELECT consent_id, gen_random_uuid(), person_id, 'psychosocial', institution_id, ARRAY['identity'], 'ru', 'written',
    current_date - 200, NULL, {user}, now()
FROM protected;

INSERT INTO assistance_programme (reference, recorded_by_id, recorded_at, case_id, institution_id, officer_id,
    consent_id, begun_on, version)
SELECT gen_random_uuid(), {user}, now(), case_id, institution_id, {user}, consent_id, current_date - 200, 1
FROM protected;

INSERT INTO assistance_servicedelivered (reference, recorded_by_id, recorded_at, programme_id, category,
    institution_id, began_on, ended_on, quantity, unit, cost, currency, outcome, version)
SELECT gen_random_uuid(), {user}, now(), p.id, (ARRAY['health', 'legal_aid', 'psychosocial', 'education'])[1 + s % 4],
    p.institution_id, current_date - 200 + s * 9, current_date - 199 + s * 9, 1, 'session', NULL, '', 'helped', 1
FROM assistance_programme p, generate_series(1, 20) s;

INSERT INTO persons_sealedtext (id, reference, person_id, topic, sealed, written_at)
SELECT text_id, gen_random_uuid(), person_id, 'permit_number', '', now() FROM protected;

INSERT INTO assistance_permit (reference, case_id, person_id, kind, ground, starts_on, ends_on, provision_id,
    total_provision_id, requested_on, requested_by_id, state, decided_on, decided_by_id, number_id, cancel_ground,
    left_reason, recorded_at, version)
SELECT gen_random_uuid(), case_id, person_id, 'first', '', current_date - 180 + (n % 100)::int,
    current_date + 2 + (n % 100)::int, first.id, total.id, current_date - 190, {user}, 'granted', current_date - 180,
    {other}, text_id, '', '', now(), 1
FROM protected, (SELECT max(id) AS id FROM vocabulary_provision WHERE code = 'permit_first') first,
    (SELECT max(id) AS id FROM vocabulary_provision WHERE code = 'permit_total') total;
"""

# Two for each programme: three in ten wait for an answer, two are worked on, five are finished. The consent of one in
# three hundred ran out yesterday.
REFERRALS = """
CREATE TEMP TABLE referred AS
SELECT p.*, turn, (n * 7 + turn * 3) % 10 AS stands, row_number() OVER () AS k, gen_random_uuid() AS reference,
    (ARRAY['psychosocial', 'legal_aid'])[turn] AS category, r.id AS receiver_id,
    nextval(pg_get_serial_sequence('persons_consent', 'id')) AS agreed_id
FROM protected p, generate_series(1, 2) turn,
    LATERAL (SELECT p.n + turn * 5 AS who) w
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
          FROM access_institution WHERE kind = 'ngo') r
      ON r.place = w.who % r.all_of_them;

INSERT INTO persons_consent (id, reference, person_id, purpose, recipient_id, categories, language, given_how,
    given_on, expires_on, recorded_by_id, recorded_at)
SELECT agreed_id, gen_random_uuid(), person_id, category, receiver_id, ARRAY['identity'], 'ru', 'written',
    current_date - 200, CASE WHEN k % 300 = 0 THEN current_date - 2 ELSE current_date + 200 END, {user}, now()
FROM referred;

INSERT INTO assistance_referral (reference, number, case_id, province_id, sender_id, sent_by_id, sent_at, receiver_id,
    category, purpose, is_urgent, consent_id, ground, status, ended_at, version)
SELECT reference, 'R-' || k, case_id, province_id, institution_id, {user}, now() - (10 + k % 20) * INTERVAL '1 day',
    receiver_id, category, category, false, agreed_id, '',
    CASE WHEN stands < 3 THEN 'sent' WHEN stands < 5 THEN 'accepted' ELSE 'completed' END,
    CASE WHEN stands >= 5 THEN now() END, 1
FROM referred;

INSERT INTO assistance_referralmove (referral_id, move, source, target, reason, by_id, at)
SELECT r.id, m.move, m.source, m.target, '', {user}, now()
FROM assistance_referral r JOIN (VALUES ('send', '', 'sent'), ('accept', 'sent', 'accepted'),
    ('complete', 'accepted', 'completed')) m (move, source, target)
  ON m.move = 'send' OR r.status = 'completed' OR (r.status = 'accepted' AND m.move = 'accept')
ORDER BY r.id, m.source = '' DESC, m.source DESC;
"""

# What is open falls due from three weeks ago to two months ahead.
PROMISES = """
INSERT INTO assistance_promise (reference, kind, subject, case_id, institution_id, province_id, owner_id, made_at,
    due_at, kept_at)
SELECT gen_random_uuid(), kind, subject, case_id, institution_id, province_id,
    CASE WHEN n % 40 = 0 AND province_id = 'TR-06' THEN {user} END, now() - (30 + n % 30) * INTERVAL '1 day',
    now() + (n % 80 - 20) * INTERVAL '1 day', CASE WHEN is_kept THEN now() - INTERVAL '25 days' END
FROM (
    SELECT 'referral_answer' AS kind, reference AS subject, case_id, receiver_id AS institution_id, province_id,
        k AS n, stands >= 3 AS is_kept FROM referred
    UNION ALL SELECT 'referral_feedback', reference, case_id, receiver_id, province_id, k, stands >= 5
    FROM referred WHERE stands >= 3
    UNION ALL SELECT 'programme_review', p.reference, p.case_id, p.institution_id, c.province_id, p.id, is_kept
    FROM assistance_programme p JOIN cases_case c ON c.id = p.case_id, (VALUES (true), (false)) v (is_kept)
    UNION ALL SELECT 'permit_expiry', p.reference, p.case_id, c.institution_id, c.province_id, p.id, false
    FROM assistance_permit p JOIN cases_case c ON c.id = p.case_id
) owed;
"""

SHELTERS = """
INSERT INTO assistance_shelter (reference, institution_id, profiles, is_accessible, residents_per_staff, version)
SELECT gen_random_uuid(), id, ARRAY['women'], true, 8, 1 FROM access_institution WHERE code LIKE 'bench-shelter-%';

INSERT INTO assistance_bed (reference, shelter_id, room, number, kind)
SELECT gen_random_uuid(), s.id, 1 + n / s.all_of_them / 4, 1 + n / s.all_of_them % 4, 'single'
FROM generate_series(0, {beds} - 1) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
      FROM assistance_shelter) s
  ON s.place = n % s.all_of_them;

CREATE TEMP TABLE slept AS
SELECT c.id AS case_id, c.person_id, b.id AS bed_id, b.shelter_id, turn,
    nextval(pg_get_serial_sequence('assistance_stay', 'id')) AS stay_id,
    current_date - 14 * ({stays} - turn::int) AS first_on,
    CASE WHEN turn < {stays} - 1 THEN current_date - 14 * ({stays} - turn::int) + 13
         WHEN b.n % 10 = 0 THEN current_date - 7 END AS until_on
FROM (SELECT id, person_id, row_number() OVER (ORDER BY id) - 1 AS k FROM cases_case) c
JOIN (SELECT id, shelter_id, row_number() OVER (ORDER BY id) - 1 AS n FROM assistance_bed) b ON b.n = c.k / {stays},
    LATERAL (SELECT c.k % {stays} AS turn) t;

INSERT INTO assistance_stay (id, reference, case_id, shelter_id, status, urgency, wanted_on, sex, age_band, is_child,
    languages, children, needs, risks, requested_by_id, requested_at, answers, is_high_risk, misfits, ground,
    assessed_by_id, assessed_at, admitted_by_id, admitted_on, left_on, reason, answered_at, version)
SELECT stay_id, gen_random_uuid(), case_id, shelter_id, CASE WHEN until_on IS NULL THEN 'admitted' ELSE 'left' END,
    'soon', first_on, 'female', '24-26', false, ARRAY['ru'], 0, '{{}}', '{{}}', {user}, first_on, '{{}}', false,
    '{{}}', '', {user}, first_on, {other}, first_on, until_on,
    CASE WHEN until_on IS NULL THEN '' ELSE 'own_wish' END, first_on, 1
FROM slept;

INSERT INTO assistance_beduse (stay_id, bed_id, person_id, first_on, until_on)
SELECT stay_id, bed_id, person_id, first_on, until_on FROM slept;

INSERT INTO assistance_absence (reference, stay_id, is_planned, reason, since_on, returned_on, by_id, recorded_at)
SELECT gen_random_uuid(), stay_id, true, 'visit', first_on + 3, first_on + 5, {user}, now()
FROM slept WHERE turn % 5 = 1;
"""

DIRECTORY = """
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
FROM generate_series(1, {services}) n
JOIN (SELECT id, province_id, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS all_of_them
      FROM access_institution WHERE province_id IS NOT NULL) i ON i.turn = n % i.all_of_them;
"""


class Accounts(NamedTuple):
    """Who works on it."""

    officer: "User"
    partner: "User"
    centre: "User"
    police: list["User"]


def main() -> None:
    """Lay the rows down, then measure the pages, the gate, the census and the clock."""
    with fresh_database("kalkan_bench_assistance"):
        accounts = _accounts()
        people = seal(SIZE, has_papers=True)
        _lay(accounts)
        _pages(accounts)
        _directory(accounts)
        _gate(accounts, people)
        _census()
        _clock()


def _accounts() -> Accounts:
    from django.db import connection

    from kalkan.access.models import Institution, User
    from kalkan.access.roles import Role

    with connection.cursor() as cursor:
        cursor.execute(INSTITUTIONS.format(beds=BEDS))

    def account(name: str, role: Role, **institution: object) -> User:
        home = Institution.objects.filter(**institution).order_by("pk").first()
        return User.objects.create(email=f"{name}@kalkan.invalid", full_name="Bench", role=role, institution=home,
                                   password="!", is_invented=True)  # fmt: skip

    return Accounts(
        account("officer", Role.PROTECTION_OFFICER, kind="migration_province", province="TR-06"),
        account("partner", Role.PARTNER, kind="ngo"),
        account("centre", Role.CENTRAL_UNIT, kind="migration_centre"),
        [account(f"police-{turn}", Role.FRONTLINE_OFFICER, code="egm-06") for turn in range(4)],
    )


def _lay(accounts: Accounts) -> None:
    from django.db import connection

    rows = CASES + PROGRAMMES + REFERRALS + PROMISES + SHELTERS + DIRECTORY
    given = {"user": accounts.officer.pk, "other": accounts.centre.pk, "stages": STAGES}
    sizes = {"beds": BEDS, "stays": STAYS, "services": SIZE // 40}
    with connection.cursor() as cursor:
        # Rows laid down as they are: the triggers that watch over single moves have nothing to watch here.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(rows.format(**given, **sizes))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        for table in ("cases_case", "assistance_servicedelivered", "assistance_referral", "assistance_promise",
                      "assistance_bed", "assistance_beduse", "assistance_service"):  # fmt: skip
            cursor.execute(f"SELECT count(*) FROM {table}")
            print(f"{table:<30} {cursor.fetchone()[0]:>10,}")


def _pages(accounts: Accounts) -> None:
    from django.urls import reverse

    from kalkan.cases.models import Case

    officer, partner, centre, _police = accounts
    promises, referrals = reverse("assistance:promises"), reverse("assistance:referrals")
    _visit("promises, one province", officer, promises, {"view": "all"})
    _visit("promises, own institution", officer, promises)
    _visit("promises, partner", partner, promises)
    _visit("promises, central unit", centre, promises, {"view": "all"})
    _visit("age of promises, central unit", centre, reverse("assistance:ageing"))
    _visit("referrals, partner", partner, referrals)
    case = Case.objects.filter(province_id="TR-06", stage="protection").first()
    assert case is not None
    _visit("support of a case", officer, reverse("assistance:hub", args=[case.reference]))
    _visit("how full shelters are", centre, reverse("assistance:occupancy"))


def _directory(accounts: Accounts) -> None:
    from django.urls import reverse

    everything = {"category": "health", "province": "TR-65", "language": "ar", "sex": "female", "age": "20",
                  "accessibility": "step_free"}  # fmt: skip
    address = reverse("assistance:directory")
    _visit("directory, everything near", accounts.officer, address)
    _visit("directory, category and province", accounts.officer, address, {"category": "health", "province": "TR-65"})
    _visit("directory, by everything", accounts.officer, address, everything)


def _visit(name: str, user: "User", address: str, asked: dict[str, str] | None = None) -> None:
    from django.test import Client

    client = Client()
    client.force_login(user)

    def visit() -> None:
        response = client.get(address, asked)
        assert response.status_code == 200, response.status_code

    bare = median_ms(same_statements(visit))
    show(name, median_ms(visit), bare, peer="its SQL", aim=PAGE_AIM)


def _gate(accounts: Accounts, people: list[Sealed]) -> None:
    """Asked in process, as page and command ask it. Nobody may ask in vain for ever: the officers take turns."""
    from kalkan.access.session import acting
    from kalkan.assistance.forms.gate import details
    from kalkan.assistance.services.gate import ask_gate
    from kalkan.audit.models import Channel
    from kalkan.persons.details import PersonDetails, RoughDate

    police = cycle(accounts.police)

    def ask(asked: PersonDetails) -> None:
        by = next(police)
        with acting(Channel.PAGE, by):
            ask_gate(asked, by=by)

    sample = people[:: max(1, SIZE // 30)][:30]
    kinds = {
        "gate, by document number": [details(number=one.number) for one in sample],
        "gate, by name and birth": [
            details(given=one.given, family=one.family, birth=RoughDate(one.birth)) for one in sample
        ],
        "gate, nobody found": [details(number=f"ZZ{turn:07d}") for turn in range(30)],
    }
    for name, asked in kinds.items():
        turns = cycle(asked)
        bare = median_ms(same_statements(partial(ask, asked[0])))
        show(name, median_ms(lambda turns=turns: ask(next(turns))), bare, peer="its SQL", aim="< 30 ms")


def _census() -> None:
    """One night after the other, from a fortnight ago on."""
    from django.utils import timezone

    from kalkan.access.session import acting
    from kalkan.assistance.services.shelters import take_census
    from kalkan.audit.models import Channel

    nights = (timezone.localdate() - timedelta(days=left) for left in range(14, 0, -1))

    def count() -> None:
        night = next(nights)
        with acting(Channel.JOB, None):
            assert take_census(first=night, until=night)[night] or SIZE < STAYS

    bare = median_ms(same_statements(count), times=5)
    show("census of one night", median_ms(count, times=10), bare, peer="its SQL", aim=PAGE_AIM)


def _clock() -> None:
    """The first round over everything, and one at once after it, which finds nothing to do."""
    from kalkan.access.session import acting
    from kalkan.assistance.services.clock import Round, go_round
    from kalkan.audit.models import Channel

    def go() -> Round:
        with acting(Channel.JOB, None):
            return go_round()

    first, again = same_statements(go), []
    for name in ("clock, over everything", "clock, at once again"):
        bare, _nothing = _once(first if not again else same_statements(go))
        took, done = _once(go)
        again.append(done)
        show(name, took, bare, peer="its SQL", aim="seconds")
        print(f"  {done.reminded:,} reminded, {done.escalated:,} escalated")
    assert again[1] == Round(0, 0), again


def _once(act: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    done = act()
    return (time.perf_counter() - began) * 1000, done


if __name__ == "__main__":
    main()
