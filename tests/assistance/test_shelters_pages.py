"""The pages of shelters, as their staff and the protection officers use them."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kalkan.access.models import User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.assistance.lifecycle.shelters import Status
from kalkan.assistance.models import Absence, Bed, Incident, Shelter, Shift, Stay
from kalkan.assistance.services import shelters as services
from kalkan.audit.models import AuditEvent
from kalkan.vocabulary import selectors as vocabulary
from tests.assistance.house import House, ago, today
from tests.factories import make_institution, make_user

pytestmark = pytest.mark.django_db
PLACE = "Sakliyermark"


def browser(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, *arguments: Any, status: int = 200) -> str:
    answer = client.get(reverse(f"assistance:{name}", args=arguments))
    assert answer.status_code == status, name
    return answer.content.decode()


def send(client: Client, name: str, *arguments: Any, status: int = 302, **said: Any) -> str:
    answer = client.post(reverse(f"assistance:{name}", args=arguments), {"request_key": uuid4()} | said)
    content = answer.content.decode()
    assert answer.status_code == status, content
    return content


def test_a_place_is_asked_for_and_given_through_the_pages() -> None:
    house = House()
    case = house.case()
    officer, staff = browser(house.officer), browser(house.staff)
    hub = reverse("assistance:hub", args=[case.reference])
    assert "Ask a shelter for a place" in officer.get(hub).content.decode()
    said: dict[str, Any] = {
        "shelter": house.shelter.pk, "urgency": "now", "wanted_on": today().isoformat(), "children": 0,
        "needs": ["interpreter"], "risks": ["pursued"], "confirmed": "yes",
    }  # fmt: skip
    send(officer, "request_stay", case.reference, **said)
    stay = Stay.objects.get()
    assert house.institution.code in officer.get(hub).content.decode()
    assert stay.short_reference in page(staff, "shelter")
    answers: dict[str, Any] = {f"safety_{question.code}": "no" for question in vocabulary.codes("stay_safety")}
    send(staff, "assess_stay", stay.reference, version=stay.version, **answers)
    stay.refresh_from_db()
    bed = house.beds[0].reference
    send(staff, "admit", stay.reference, version=stay.version, bed=bed, on=today().isoformat())
    stay.refresh_from_db()
    assert stay.status == Status.ADMITTED
    assert stay.short_reference in page(staff, "beds")
    send(staff, "review_stay", stay.reference, version=stay.version)
    stay.refresh_from_db()
    leaving: dict[str, Any] = {"version": stay.version, "reason": "family", "on": today().isoformat()}
    assert "Check your answers" in send(staff, "end_stay", stay.reference, status=200, **leaving)
    send(staff, "end_stay", stay.reference, confirmed="yes", **leaving)
    stay.refresh_from_db()
    assert stay.status == Status.LEFT


def test_the_staff_read_no_case_number_and_no_reference_of_the_person_anywhere() -> None:
    house = House()
    stay = house.resident(on=ago(3))
    asked = house.request()
    services.report_incident(
        by=house.staff, kind="threat", severity="severe", happened_on=ago(1), police_informed=True,
        stay=stay.reference,
    )  # fmt: skip
    client = browser(house.staff)
    shown = page(client, "shelter") + page(client, "beds") + page(client, "report_incident")
    for one in (stay, asked):
        shown += page(client, "stay", one.reference)
        for secret in (one.case.number, str(one.case.reference), str(one.case.person.reference),
                       one.case.person.short_reference):  # fmt: skip
            assert secret not in shown
    assert stay.short_reference in shown
    assert client.get(reverse("web:case", args=[stay.case.reference])).status_code == 404
    assert client.get(reverse("persons:person", args=[stay.case.person.reference])).status_code == 404


def test_whoever_asks_who_saw_a_person_finds_the_staff_who_saw_their_stay() -> None:
    house = House()
    stay = house.resident(on=ago(1))
    client = browser(house.staff)
    for name, arguments in (("shelter", []), ("beds", []), ("stay", [stay.reference])):
        page(client, name, *arguments)
        event = AuditEvent.objects.filter(actor=house.staff).latest("pk")
        assert {stay.reference, stay.case.reference} <= set(event.subjects), name


def test_a_bed_that_somebody_else_gave_meanwhile_is_refused_with_a_sentence_on_the_page() -> None:
    house = House(beds=1)
    first, second = (house.assess(house.request()) for _ in range(2))
    client = browser(house.staff)
    said: dict[str, Any] = {"version": second.version, "bed": house.beds[0].reference, "on": ago(1).isoformat()}
    house.admit(first, house.beds[0], on=today())
    said["on"] = today().isoformat()
    shown = send(client, "admit", second.reference, status=422, **said)
    assert "Somebody has just been given this bed" in shown
    assert (
        "No bed is free today"
        in client.get(reverse("assistance:admit", args=[second.reference]), follow=True).content.decode()
    )


def test_an_overlap_in_the_past_is_refused_with_its_sentence() -> None:
    house = House()
    house.leave(house.resident(0, on=ago(5)), on=ago(1))
    stay = house.assess(house.request())
    shown = send(
        browser(house.staff), "admit", stay.reference, status=422, version=stay.version,
        bed=house.beds[0].reference, on=ago(3).isoformat(),
    )  # fmt: skip
    assert "Somebody has just been given this bed" in shown


def test_who_saw_an_older_version_is_asked_to_look_again() -> None:
    house = House()
    stay = house.request()
    services.keep_waiting(stay.reference, by=house.colleague, version=stay.version)
    client = browser(house.staff)
    send(client, "decline_stay", stay.reference, version=stay.version, reason="full", confirmed="yes")
    stay.refresh_from_db()
    assert stay.status == Status.WAITING
    assert "Look at it again" in page(client, "stay", stay.reference)


def test_a_new_house_is_set_up_bed_by_bed() -> None:
    institution = make_institution(InstitutionKind.SHELTER, "TR-06", name_tr=PLACE, name_en=PLACE)
    client = browser(make_user(Role.SHELTER_STAFF, institution))
    assert "Nobody can ask for a place yet" in page(client, "shelter")
    page(client, "beds", status=302)
    send(
        client,
        "shelter_profile",
        profiles=["women", "families"],
        is_accessible="yes",
        residents_per_staff=5,
        version=0,
    )
    send(client, "beds", room="2A", bed_kind="cot")
    assert "3, 2A or B-12" in send(client, "beds", status=422, room="yeşil oda", bed_kind="cot")
    bed = Bed.objects.get()
    send(client, "close_bed", bed.reference, reason="repair", first_on=today().isoformat())
    assert "Back into service" in page(client, "beds")
    send(client, "open_bed", bed.reference)
    assert "Take out of service" in page(client, "beds")
    send(client, "shifts", day=today().isoformat(), staff_morning=2, staff_evening=1, staff_night=0)
    assert Shift.objects.count() == 3
    assert "Too few" in page(client, "shelter"), "nobody at night"
    shelter = Shelter.objects.get()
    page(client, "shelter_profile")
    send(
        client, "shelter_profile", profiles=["men"], is_accessible="no", residents_per_staff=5, version=shelter.version
    )


def test_absences_and_incidents_are_recorded_and_followed_up() -> None:
    house = House()
    stay = house.resident(on=ago(3))
    staff, officer = browser(house.staff), browser(house.officer)
    send(staff, "absence", stay.reference, is_planned="no", reason="not_known", since_on=ago(1).isoformat())
    assert "Away without notice" in page(staff, "shelter")
    send(staff, "end_absence", Absence.objects.get().reference, returned_on=today().isoformat())
    send(
        staff, "report_incident", stay=stay.reference, incident="stranger", severity="severe",
        happened_on=today().isoformat(), police_informed="yes",
    )  # fmt: skip
    incident = Incident.objects.get()
    assert "look into it" in officer.get(reverse("assistance:hub", args=[stay.case.reference])).content.decode()
    send(officer, "incident", incident.reference, on=today().isoformat(), account="Uydurma anlatım")
    assert "Read what was found" in page(officer, "incident", incident.reference)
    assert "Uydurma anlatım" in send(
        officer, "incident_account", incident.reference, status=200, purpose="identification"
    )
    assert "Uydurma" not in page(staff, "incident", incident.reference)
    staff_reads = staff.get(reverse("assistance:incident_account", args=[incident.reference]))
    assert staff_reads.status_code == 403


def test_an_incident_can_concern_the_house_as_a_whole() -> None:
    house = House()
    house.resident()
    staff = browser(house.staff)
    assert "The house as a whole" in page(staff, "report_incident")
    send(
        staff, "report_incident", stay="", incident="fire", severity="minor", happened_on=today().isoformat(),
        police_informed="no",
    )  # fmt: skip
    incident = Incident.objects.get()
    assert incident.stay is None
    assert "The house as a whole" in page(staff, "incident", incident.reference)


def test_a_stay_says_by_when_it_is_gone_over_and_who_is_away_is_not_recorded_as_away_again() -> None:
    house = House()
    stay = house.resident(on=ago(29))
    staff, absence = browser(house.staff), reverse("assistance:absence", args=[stay.reference])
    shown = page(staff, "stay", stay.reference)
    assert "Next: go over the stay with the person" in shown
    assert "tomorrow" in shown
    assert absence in shown
    assert "Next: go over" not in page(browser(house.officer), "stay", stay.reference)
    services.record_absence(stay.reference, by=house.staff, is_planned=True, reason="visit", since_on=ago(1))
    shown = page(staff, "stay", stay.reference)
    assert f"since {ago(1):%-d %B %Y}" in shown
    assert absence not in shown


def test_what_the_house_owes_is_on_its_list_of_promises_without_the_case() -> None:
    house = House()
    stay = house.request()
    shown = page(browser(house.staff), "promises")
    assert "Answer the request for a place" in shown
    assert reverse("assistance:stay", args=[stay.reference]) in shown
    assert stay.case.number not in shown


@pytest.mark.parametrize("role", [Role.PROTECTION_OFFICER, Role.SHELTER_STAFF, Role.CENTRAL_UNIT])
def test_how_full_a_shelter_is_is_told_by_its_code_and_never_with_its_place(role: Role) -> None:
    house = House(beds=3)
    house.resident(0, on=ago(3))
    house.institution.place.name_tr = house.institution.place.name_en = PLACE
    house.institution.place.save()
    seat = {Role.CENTRAL_UNIT: "migration_centre", Role.SHELTER_STAFF: "shelter"}.get(role, "migration_province")
    user = make_user(role, make_institution(seat, None if seat == "migration_centre" else "TR-35"))
    shown = page(browser(user), "occupancy")
    assert house.institution.code in shown
    assert "33%" in shown
    assert PLACE not in shown
    assert str(house.institution.place.province) not in shown


def test_pages_take_the_same_number_of_queries_at_one_row_and_at_twenty() -> None:
    house = House(beds=21)
    officer, staff = browser(house.officer), browser(house.staff)
    case = house.case()

    def add(first: int, last: int) -> None:
        for bed in range(first, last):
            stay = house.resident(bed, on=ago(2))
            house.request()
            house.leave(house.resident(20, on=ago(30), case=case), on=ago(30))
            services.report_incident(
                by=house.staff, kind="threat", severity="severe", happened_on=today(), police_informed=True,
                stay=stay.reference,
            )  # fmt: skip
            House()

    def count() -> dict[str, int]:
        found = {}
        for client, name, arguments in (
            (staff, "shelter", []),
            (staff, "beds", []),
            (staff, "occupancy", []),
            (staff, "report_incident", []),
            (officer, "request_stay", [case.reference]),
            (officer, "hub", [case.reference]),
        ):
            address = reverse(f"assistance:{name}", args=arguments)
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found[name] = len(queries)
        return found

    add(0, 1)
    before = count()
    add(1, 8)
    assert count() == before
