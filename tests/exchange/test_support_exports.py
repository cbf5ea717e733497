"""What persons receive leaves as lists: rows of one's own reach, codes and days, and nothing that leads to anybody."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from kalkan.access.models import Institution, User
from kalkan.access.roles import Role
from kalkan.assistance.lifecycle.packages import LAW, LIFE
from kalkan.assistance.lifecycle.referrals import Status
from kalkan.assistance.models import (
    CensusRow,
    Programme,
    Promise,
    Referral,
    ReferralMove,
    ReturnPlan,
    Service,
    ServiceDelivered,
)
from kalkan.assistance.services.shelters import take_census
from kalkan.audit.models import AuditEvent
from kalkan.cases.models import Case
from kalkan.persons.models import Consent
from kalkan.vocabulary.selectors import provisions
from tests.assistance.house import House, ago
from tests.exchange.test_exports import fetch as fetch
from tests.exchange.test_exports import table
from tests.factories import make_case, make_institution, make_user
from tests.security.topics import permits, programmes
from tests.security.topics.referrals import made

pytestmark = pytest.mark.django_db
Fetch = Callable[..., HttpResponse]
OF_A_PLACE = ("referrals", "permits", "returns", "services-delivered", "own-services")


def filled(seat: Institution, receiver: Institution) -> Case:
    """A case of that office with one row of every list."""
    case, officer = make_case(institution=seat, stage="protection"), make_user(Role.PROTECTION_OFFICER, seat)
    made(case, receiver, category="legal_aid", status=Status.ACCEPTED)
    permits.fill(case, officer)
    programmes.fill(case, officer)
    Service.objects.create(
        institution=seat, category="legal_aid", name_tr=f"Hizmet {case.number}", name_en=f"Service {case.number}",
        province_id=seat.province_id, verified_on=timezone.localdate(),
    )  # fmt: skip
    return case


def lines(response: HttpResponse) -> list[dict[str, str]]:
    heading, *rows = table(response)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def protector(seat: Institution) -> User:
    return make_user(Role.PROTECTION_OFFICER, seat, language="en")


@pytest.fixture
def ngo() -> Institution:
    return make_institution("ngo", "TR-35")


@pytest.mark.parametrize("name", OF_A_PLACE)
def test_only_the_rows_of_ones_own_reach_leave_and_that_they_left_is_recorded(
    fetch: Fetch, ngo: Institution, name: str
) -> None:
    here, there = make_institution(province="TR-06"), make_institution(province="TR-34")
    mine, theirs = filled(here, ngo), filled(there, ngo)
    user = protector(here)
    found = lines(fetch(user, name))
    marks = {
        "referrals": ("Referral", mine.referrals.get().number),
        "permits": ("Case number", mine.number),
        "returns": ("Case number", mine.number),
        "services-delivered": ("Institution", here.name_en),
        "own-services": ("Name", f"Service {mine.number}"),
    }
    column, mark = marks[name]
    assert [line[column] for line in found] == [mark]
    event = AuditEvent.objects.get(action="exchange:export:run")
    assert (event.actor, event.facts) == (user, {"list": name, "count": 1})
    national = make_user(Role.PROTECTION_OFFICER, make_institution("migration_centre", None), language="en")
    if name != "own-services":  # the centre's officers keep the services of their own institution
        assert len(lines(fetch(national, name))) == 2
    assert theirs.number not in str(found)


@pytest.mark.parametrize("name", OF_A_PLACE)
def test_the_query_count_of_no_list_grows_with_its_rows(fetch: Fetch, ngo: Institution, name: str) -> None:
    here = make_institution(province="TR-06")
    user, spent = protector(here), []
    for more in (1, 19):
        for _number in range(more):
            filled(here, ngo if name != "referrals" else make_institution("ngo", "TR-35"))
        table(fetch(user, name))
        with CaptureQueriesContext(connection) as queries:
            found = table(fetch(user, name))
        spent.append(len(queries))
    assert len(found) == 21
    assert spent[0] == spent[1]


def test_what_was_typed_as_a_formula_leaves_as_text(fetch: Fetch) -> None:
    here = make_institution(province="TR-06")
    attack = '=HYPERLINK("http://x.invalid")'
    filled(here, make_institution("ngo", "TR-35", name_tr=attack, name_en=attack))
    Service.objects.update(name_tr="@SUM(A1)", name_en="@SUM(A1)")
    user = protector(here)
    assert [line["Receiver"] for line in lines(fetch(user, "referrals"))] == [f"'{attack}"]
    response = fetch(user, "own-services", format="xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    response.close()
    assert book.active["C2"].value == "'@SUM(A1)"
    assert book.active["C2"].data_type == "s"


def test_a_referral_tells_how_long_the_answer_took_and_on_what_it_rests(fetch: Fetch, ngo: Institution) -> None:
    here = make_institution(province="TR-06")
    case, user = make_case(institution=here, stage="protection", is_urgent=True), protector(here)
    sent_at = timezone.now() - timedelta(days=2)
    provision = next(one for one in provisions() if one.code in LAW and LAW[one.code].ground == LIFE)
    consent = Consent.objects.create(
        person=case.person, purpose="legal_aid", recipient=ngo, categories=["identity"], language="tr",
        given_how="written", given_on=case.opened_on, recorded_by=user,
    )  # fmt: skip
    of = {"case": case, "sender": here, "sent_by": user, "sent_at": sent_at, "receiver": ngo, "purpose": "legal_aid"}
    answered = Referral.objects.create(number="T-1", category="legal_aid", consent=consent, **of)
    waiting = Referral.objects.create(
        number="T-2", category="safety", provision=provision, ground=LIFE, is_urgent=True, **of
    )
    for one in (answered, waiting):
        ReferralMove.objects.create(referral=one, move="send", target="sent", by=user, at=sent_at)
    ReferralMove.objects.create(
        referral=answered, move="accept", source="sent", target="accepted", at=sent_at + timedelta(hours=5, minutes=30)
    )
    Referral.objects.filter(pk=answered.pk).update(status="accepted")
    for due_in, kind in ((3, "referral_answer"), (1, "referral_feedback")):
        Promise.objects.create(
            case=case, kind=kind, subject=waiting.reference, institution=ngo, province_id="TR-06",
            due_at=timezone.now() + timedelta(days=due_in), made_at=sent_at,
        )  # fmt: skip
    found = {line["Referral"]: line for line in lines(fetch(user, "referrals"))}
    first, second = found[answered.number], found[waiting.number]
    assert (first["Hours to answer"], first["Basis"], first["Urgent"]) == ("5.5", "Consent", "no")
    assert (first["Service"], first["Where it stands"]) == ("Legal aid", "Accepted")
    assert (second["Hours to answer"], second["Answered"], second["Urgent"]) == ("", "", "yes")
    assert second["Basis"] == provision.citation_en
    assert second["Answer due"].startswith((timezone.localdate() + timedelta(days=3)).isoformat())
    assert list(first) == [
        *("Referral", "Service", "Purpose", "Sender", "Receiver", "Where it stands", "Sent", "Answer due", "Answered"),
        *("Hours to answer", "Ended", "Urgent", "Basis"),
    ]


def test_the_view_of_the_page_narrows_the_file(fetch: Fetch, ngo: Institution) -> None:
    here = make_institution(province="TR-06")
    case = filled(here, ngo)
    made(case, ngo, category="safety", status=Status.COMPLETED)
    user = protector(here)

    def count(name: str, **asked: str) -> int:
        return len(lines(fetch(user, name, **asked)))

    assert count("referrals") == 2
    assert [count("referrals", view=view) for view in ("sent_live", "sent_finished", "to_answer")] == [1, 1, 0]
    assert [count("permits", view=view) for view in ("requested", "running", "over", "x")] == [1, 0, 0, 1]
    assert [count("returns", view=view) for view in ("ended", "gone", "planned")] == [1, 0, 0]
    assert [count("returns", stage=stage) for stage in ("declined", "offered", "x")] == [1, 0, 1]
    programme = Programme.objects.get()
    assert count("services-delivered", programme=str(programme.reference)) == 1
    assert count("services-delivered", programme=str(case.reference)) == 0
    assert fetch(user, "services-delivered", programme="not a reference").status_code == 404


def test_of_a_service_neither_its_kind_nor_what_came_of_it_leaves(fetch: Fetch, ngo: Institution) -> None:
    here = make_institution(province="TR-06")
    filled(here, ngo)
    ServiceDelivered.objects.update(
        category="health", outcome="improved", quantity=2, unit="session", cost="1250.50", currency="TRY"
    )
    [line] = lines(fetch(protector(here), "services-delivered"))
    assert (line["Quantity"], line["Cost"], line["Currency"]) == ("2.0", "1250.5", "TRY")
    assert list(line) == ["Institution", "Began on", "Ended on", "Quantity", "Unit", "Cost", "Currency"]
    assert "health" not in str(line).lower()


def test_no_list_tells_a_country_a_name_or_a_reference_of_the_person(fetch: Fetch, ngo: Institution) -> None:
    here = make_institution(province="TR-06")
    case = filled(here, ngo)
    ReturnPlan.objects.update(destination="UZ")
    for name in OF_A_PLACE:
        content = b"".join(fetch(protector(here), name).streaming_content).decode()  # type: ignore[attr-defined]
        for told in (str(case.person.reference), case.person.short_reference, str(case.reference), "Uzbekistan"):
            assert told not in content, (name, told)


@pytest.mark.parametrize("role", [Role.CENTRAL_UNIT, Role.PROTECTION_OFFICER])
def test_the_census_leaves_night_by_night_with_codes_alone(fetch: Fetch, role: Role) -> None:
    house, other = House(beds=3), House(province="TR-34")
    house.resident(0, on=ago(3))
    house.resident(1, on=ago(1))
    take_census(first=ago(3))
    assert CensusRow.objects.count() == 4
    centre = role is Role.CENTRAL_UNIT
    seat = make_institution("migration_centre" if centre else "migration_province", None if centre else "TR-35")
    user = make_user(role, seat, language="en")
    found = [tuple(line.values()) for line in lines(fetch(user, "census"))]
    expected = [(ago(1), 2), (ago(2), 1), (ago(3), 1)]
    here, there = (f"Shelter {one.institution.code}" for one in (house, other))
    assert [row for row in found if row[1] == here] == [
        (day.isoformat(), here, str(residents), "0") for day, residents in expected
    ]
    assert [row[2] for row in found if row[1] == there] == ["0", "0", "0"]
    narrowed = lines(fetch(user, "census", first=ago(2).isoformat(), last=ago(2).isoformat()))
    assert {line["Night"] for line in narrowed} == {ago(2).isoformat()}
    for name in ("census", "occupancy"):
        content = b"".join(fetch(user, name).streaming_content).decode()  # type: ignore[attr-defined]
        for place in (house.institution.place, other.institution.place):
            assert place.name not in content
            assert str(place.province) not in content


def test_the_staff_of_a_shelter_take_no_list_out(fetch: Fetch) -> None:
    house = House()
    for name in ("census", "occupancy", "referrals", "own-services"):
        assert fetch(house.staff, name).status_code == 403
    for user, is_offered in ((house.staff, False), (house.officer, True)):
        client = Client()
        client.force_login(user)
        shown = client.get(reverse("assistance:occupancy")).content.decode()
        assert ("Gece gece" in shown) is is_offered
        assert ("/exchange/exports/" in shown) is is_offered


def test_the_census_asks_the_same_queries_for_one_house_and_for_many(fetch: Fetch) -> None:
    user, spent = make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None)), []
    for more in (1, 7):
        for _number in range(more):
            House().resident(0, on=ago(3))
        take_census(first=ago(1))
        for name in ("census", "occupancy"):
            table(fetch(user, name))
            with CaptureQueriesContext(connection) as queries:
                table(fetch(user, name))
            spent.append(len(queries))
    assert spent[:2] == spent[2:]


def test_each_table_has_its_export_beside_it(ngo: Institution) -> None:
    here = make_institution(province="TR-06")
    filled(here, ngo)
    House()
    client = Client()
    client.force_login(protector(here))
    programme = Programme.objects.get().reference
    pages: list[tuple[str, list[Any], str]] = [
        ("referrals", [], "referrals/?view=sent_live&amp;format=xlsx"),
        ("all_permits", [], "permits/?view=requested&amp;format=csv"),
        ("all_returns", [], "returns/?view=ended&amp;format=csv"),
        ("occupancy", [], "occupancy/?format=csv"),
        ("occupancy", [], "census/?format=csv"),
        ("programme", [programme], f"services-delivered/?programme={programme}&amp;format=csv"),
        ("own_services", [], "own-services/?format=csv"),
    ]
    for name, arguments, link in pages:
        shown = client.get(reverse(f"assistance:{name}", args=arguments)).content.decode()
        assert f"/exchange/exports/{link}" in shown, name
