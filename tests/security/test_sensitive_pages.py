"""No page shows or takes more than the table of classes lets it, and where a shelter is is told to few."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from kalkan.access.models import Institution, User
from kalkan.access.roles import SEATS, InstitutionKind, Permission, Role
from kalkan.access.selectors import accounts
from kalkan.access.sensitivity import Act, Sensitivity, may, may_locate, name_for
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.models import Case
from kalkan.config.database import ROOT
from kalkan.exchange.lists import LISTS
from kalkan.persons.forms.acts import ConsentForm
from kalkan.web.doors import exports
from tests.factories import make_institution, make_user
from tests.security.planted import (
    MARKS,
    PLACE,
    full_case,
    plant,
)
from tests.security.test_doors import ASKED_FOR, _rows

S = Sensitivity
pytestmark = pytest.mark.django_db


# --- pages and forms -------------------------------------------------------------------------------------------------


class _Inputs(HTMLParser):
    """The names of everything on a page that can be filled in, and what its places for links and values hold."""

    def __init__(self, page: str):
        super().__init__()
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "select", "textarea"}:
            self.names.add(re.sub(r".*-\d+-", "", dict(attributes).get("name") or ""))


def _seat(role: Role) -> Institution:
    """Where the role sits, in a province if it can; an administrator at the centre, who looks after every account."""
    if role is Role.ADMINISTRATOR:
        return make_institution(InstitutionKind.MIGRATION_CENTRE, None)
    kinds = sorted(SEATS[role] - {InstitutionKind.MIGRATION_CENTRE})
    return make_institution(kinds[0], "TR-06") if kinds else make_institution(InstitutionKind.MIGRATION_CENTRE, None)


def _pages(user: User) -> Iterator[tuple[str, str]]:
    """What every door of this role shows of a planted case, asked and answered; nothing it does is kept."""
    planted = plant(user.institution)
    staff = make_user(Role.SHELTER_STAFF, planted.shelter)
    record(Event.CASE_VIEWED, planted.case, planted.case.person, by=staff)
    rows = replace(
        _rows(user.institution, is_with_authority=True, user=user),
        **{name: getattr(planted, name) for name in ("case", "screening", "consent", "text", "file")},
        account=staff if Permission.ACCOUNTS_MANAGE in user.permissions else make_user(institution=user.institution),
    )
    client = Client()
    client.force_login(user)
    for page in ASKED_FOR:
        address = reverse(page.name, kwargs=rows.arguments(page))
        for ask in (client.get, client.post):
            with transaction.atomic():
                answer = ask(address, {"purpose": "identification", "state": "all"})
                content = answer.getvalue() if answer.streaming else answer.content
                transaction.set_rollback(True)
            yield f"{ask.__name__} {page.name}", content.decode(errors="replace")


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_role_a_value_of_a_class_that_it_may_not_see(role: Role) -> None:
    user = make_user(role, _seat(role), language="en")
    shown: dict[Sensitivity, set[str]] = {sensitivity: set() for sensitivity in MARKS}
    inputs = set()
    for name, content in _pages(user):
        for sensitivity, marks in MARKS.items():
            shown[sensitivity] |= {name for mark in marks if mark in content}
        inputs |= {(name, one) for one in _Inputs(content).names}
    seen = {one: sorted(pages) for one, pages in shown.items() if pages}
    assert {one: pages for one, pages in seen.items() if not may(user, Act.VIEW, one)} == {}
    assert set(seen) == {one for one in MARKS if may(user, Act.VIEW, one)}, "what may be seen was there to be seen"
    assert [(name, one, _class_of_input(name, one)) for name, one in inputs if not _may_fill_in(user, name, one)] == []


def _class_of_input(page: str, name: str) -> Sensitivity:
    page = page.split()[1]
    if page == "cases:screening_page" and name not in PLAIN_INPUTS:
        return S.HEALTH  # one question each
    for sensitivity, pages in TAKEN.items():
        if any(page in of.split() and name in names.split() for of, names in pages.items()):
            return sensitivity
    assert name in PLAIN_INPUTS, f"Give the input {name} of {page} a class"
    return S.PLAIN


def _may_fill_in(user: User, page: str, name: str) -> bool:
    searches = may(user, Act.SEARCH, S.IDENTITY) and may(user, Act.SEARCH, S.CONTACT)
    if name == "query":
        return searches
    found = _class_of_input(page, name)
    if page.endswith("assistance:gate") and found is S.IDENTITY:  # asked for, and not kept
        return searches
    return may(user, Act.EDIT, found)


_AREAS = """
    area_children area_documents area_education area_family area_health area_housing area_legal area_money
    area_psychosocial area_return area_safety area_work
"""
# Page → names of the inputs that take more than plain values.
TAKEN: dict[Sensitivity, dict[str, str]] = {
    S.IDENTITY: {
        "assistance:check_paper": "zone",
        "assistance:gate": "number given family birth",
        "persons:create persons:edit": (
            "given family latin_given latin_family number expires_on birth_day birth_month birth_year birth_is_about"
        ),
    },
    S.CONTACT: {"persons:create persons:edit": "value when_to_call what_to_say"},
    S.HEALTH: {"cases:attach": "kind", "assistance:programme_needs": _AREAS},
    S.CRIMINAL: {"cases:change": "charged_articles", "cases:perpetrator": "role relation sex citizenship"},
    S.NARRATIVE: {
        "cases:attach": "file",
        "cases:episode": "place",
        "cases:screening_result": "dissent",
        "cases:preliminary_interview cases:identification_interview": "narrative",
        "cases:draft": "grounds",
        "cases:decide": "reasons",
        "cases:reconsider": "reason",
        "assistance:needs assistance:step_need assistance:hand_over_need assistance:close_need": "note",
        "assistance:incident": "account",
        "assistance:examine_paper assistance:assess_return assistance:follow_up_return": "note",
        "assistance:programme_needs assistance:programme_review": "note",
        "assistance:programme_conference": "note wording_1 wording_2 wording_3",
        "assistance:arrange_return": "receiver_words",
        "assistance:decide_permit": "reasons",
        "assistance:programme_cash": "conditions",
        "assistance:programme_compensation": "court",
        "assistance:programme_goal": "wording",
        "assistance:programme_legal_aid": "lawyer",
        "assistance:programme_report": "reasoning",
        "assistance:report": "remark",
    },
}
# The file of an import brings whole records: it has a permission of its own, and shows nothing of them again.
# What the two parties of a referral write to each other goes by the permissions of the referral.
_PLAIN = """
    basis category need receiver text
    about act_found action age began categories citizenship_1 citizenship_2 citizenship_3 columns conclusion
    contact_rule country country_1 country_2 country_3 country_4 csrfmiddlewaretoken ended expires_on figure file find
    finding first first_year format forms_found full_name email gender given_how given_on ground grounds_codes held_on
    institution interpreter is_age_in_doubt is_child is_safe is_urgent kind language language_1 language_2 language_3
    last last_year majority may_be_called means means_found needs_interpreter next number on order outcome overdue
    own_mapping person place proposed province provision purpose purpose_found reason recipient record
    recruiter_relation recruitment request_key rights_explained role rows sector sex signal source stage state
    statelessness status subject to urgent version view who words year
"""
# What an institution offers, and whom it accepts.
_DIRECTORY = """
    accessibility address age_from age_to capacity category citizenship citizenships closes_at cost days description_en
    description_tr is_always_open languages name_en name_tr opens_at phone province_id sexes web
"""
_NEEDS = (
    *("asylum", "domestic_violence", "labour_rights", "medical", "smuggled_migrant", "statelessness"),
    *("trafficking_identification", "unaccompanied_child"),
)
_COUNTS = ("INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS", "TOTAL_FORMS")
# shelters
_PLAIN += """
    bed bed_kind children day expected_on first_on ground happened_on incident is_accessible is_planned needs
    police_informed profiles residents_per_staff returned_on risks room safety_address_known safety_conflict_resident
    safety_danger_others safety_phone_traced safety_tied_resident safety_trafficker_near severity shelter since_on
    staff_evening staff_morning staff_night stay until_on urgency wanted_on
"""
# support programme, permits, returns, travel documents, official ones
_PLAIN += """
    age_band agency alterations answer amount area awarded bar began_on begins begins_on claimed code contact currency
    destination does_1 does_2 does_3 due_1 due_2 due_3 ended_on ends ends_on escort expert form guest_1 guest_2 guest_3
    guest_4 informed latin_only moment months move papers quantity relation sheet since starts_on step still_wanted
    target_on under_force unit unknown verdict was_forced
"""
PLAIN_INPUTS = {*_PLAIN.split(), *_DIRECTORY.split()}
PLAIN_INPUTS |= {f"{part}_{need}" for part in ("open", "with") for need in _NEEDS}
PLAIN_INPUTS |= {f"{rows}-{n}" for rows in ("names", "documents", "contacts") for n in _COUNTS}


# --- where a shelter is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_a_shelter_is_located_by_its_staff_and_the_protection_officers_of_its_province(role: Role) -> None:
    here, elsewhere = make_institution("shelter", "TR-06"), make_institution("shelter", "TR-35")
    seats = [make_institution(kind, "TR-06") for kind in sorted(SEATS[role] - {"shelter", "migration_centre"})]
    seats += [make_institution("migration_centre", None)] if "migration_centre" in SEATS[role] else []
    seats += [here] if "shelter" in SEATS[role] else []
    for seat in seats:
        user = make_user(role, seat)
        is_centre = seat.kind == InstitutionKind.MIGRATION_CENTRE
        knows_here = role is Role.PROTECTION_OFFICER or (role is Role.SHELTER_STAFF and seat == here)
        assert may_locate(user, here) is knows_here, seat.kind
        assert may_locate(user, elsewhere) is (role is Role.PROTECTION_OFFICER and is_centre), seat.kind
        for shelter in (here, elsewhere):
            is_named = shelter.place.name_tr in (said := name_for(user, shelter)) or shelter.place.name_en in said
            assert is_named is may_locate(user, shelter)
            assert is_named or said == str(shelter)


@pytest.mark.parametrize(("language", "said"), [("tr", "Sığınma evi"), ("en", "Shelter")])
def test_everybody_speaks_of_a_shelter_by_its_code(language: str, said: str) -> None:
    with translation.override(language):
        assert str(make_institution("shelter", "TR-06", code="shelter-x")) == f"{said} shelter-x"
        assert str(make_institution("police", "TR-06", name_tr="Emniyet", name_en="Emniyet")) == "Emniyet"


def test_the_code_of_no_shelter_that_is_loaded_tells_its_name_or_place() -> None:
    with (ROOT / "data" / "institutions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (ROOT / "data" / "provinces.csv").open(encoding="utf-8") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    shelters = [row for row in rows if row["kind"] == InstitutionKind.SHELTER]
    assert shelters
    for row in shelters:
        told = {row["province"], row["province"][-2:], names[row["province"]], *row["name_tr"].split()[:1]}
        assert not [part for part in told if part.casefold() in row["code"].casefold()], row["code"]


def test_the_picker_of_recipients_names_shelters_to_those_who_may_know() -> None:
    seat = make_institution("migration_province", "TR-06")
    near = make_institution("shelter", "TR-06", name_tr=f"{PLACE} evi", name_en=f"{PLACE} house")
    far = make_institution("shelter", "TR-35", name_tr="Uzakmark evi", name_en="Uzakmark house")
    for role, is_told in ((Role.PROTECTION_OFFICER, True), (Role.IDENTIFICATION_EXPERT, False)):
        offered = str(ConsentForm(by=make_user(role, seat), is_child=False)["recipient"])
        assert (near.code in offered) is not is_told
        assert (f"{PLACE} evi ({near.place.province})" in offered) is is_told
        assert far.code in offered
        assert "Uzakmark" not in offered


def test_an_administrator_cannot_find_a_shelter_by_guessing_its_name() -> None:
    shelter = make_institution("shelter", "TR-35", name_tr=f"{PLACE} evi", name_en=f"{PLACE} house")
    staff = make_user(Role.SHELTER_STAFF, shelter)
    administrator = make_user(Role.ADMINISTRATOR, make_institution("migration_centre", None))
    assert staff in set(accounts(administrator, words=shelter.code))
    assert staff not in set(accounts(administrator, words=PLACE))
    assert staff not in set(accounts(administrator, words="evi"))


@pytest.mark.parametrize("name", sorted(set(LISTS) - {"import-problems", "codes", "provisions"}))
def test_no_list_tells_where_a_shelter_is(name: str) -> None:
    """The shelter's staff read and are read about, and the shelter even leads a case: only its code leaves."""
    shelter = make_institution("shelter", "TR-76", name_tr=f"{PLACE} evi", name_en=f"{PLACE} house")
    case, staff = full_case(shelter), make_user(Role.SHELTER_STAFF, shelter)
    Case.objects.filter(pk=case.pk).update(province=None)
    record(Event.CASE_VIEWED, case, case.person, by=staff)
    make_user(Role.SHELTER_STAFF, shelter)
    asked = {"person": case.person.reference, "who": staff.reference, "indicator": "recorded-victims", "by": "sex"}
    answered = set()
    for role in Role:
        if not exports(name, role):
            continue
        client = Client()
        client.force_login(make_user(role, make_institution(min(SEATS[role] & {"migration_centre"}), None)))
        answer = client.get(reverse("exchange:export", args=[name]), {"format": "csv", **asked})
        content = answer.getvalue().decode()
        assert answer.status_code == 200 or name == "figure"  # whose province, for those of one province
        answered.add(answer.status_code)
        assert not [told for told in (PLACE, "TR-76", str(shelter.place.province)) if told in content]
    assert 200 in answered
