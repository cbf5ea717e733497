"""Recording, correcting, holding, revealing, sealing."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.http import Http404

from kalkan.access.concurrency import Changed
from kalkan.access.models import InstitutionKind
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.persons import services, vault
from kalkan.persons.details import NotValid
from kalkan.persons.models import Holding, Person, PossibleSame
from tests.factories import make_institution, make_user
from tests.persons.people import details, full_details

pytestmark = pytest.mark.django_db


def test_what_is_recorded_is_what_is_revealed() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(full_details(), by=officer)
    assert services.reveal_identity(person.reference, by=officer, purpose="interview") == full_details()


def test_a_recorded_person_is_held_by_the_recorders_institution_and_by_no_province_yet() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-34"))
    person = services.record_person(details(), by=officer)
    holding = Holding.objects.get(person=person)
    assert (holding.institution, holding.province_id) == (officer.institution, None)


def test_the_same_form_sent_twice_makes_one_person() -> None:
    officer, key = make_user(Role.FRONTLINE_OFFICER), uuid4()
    first = services.record_person(details(), by=officer, request_key=key)
    assert services.record_person(details(), by=officer, request_key=key) == first
    assert Person.objects.count() == 1


def test_a_person_without_identity_has_no_key() -> None:
    person = services.record_person(replace(details(), names=()), by=make_user(Role.FRONTLINE_OFFICER))
    assert person.wrapped_key is None
    assert not person.is_erased


def test_text_makes_the_key_when_there_is_none_and_is_read_again() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(replace(details(), names=()), by=officer)
    sealed = services.seal_text(person, "narrative", "Uçaktan indi, pasaportunu aldılar.", by=officer)
    assert services.read_text(sealed, by=officer, purpose="interview") == "Uçaktan indi, pasaportunu aldılar."
    events = AuditEvent.objects.filter(action__in=[Event.TEXT_SEALED, Event.TEXT_READ], subjects=[person.reference])
    assert {event.action for event in events} == {Event.TEXT_SEALED, Event.TEXT_READ}


def test_dropping_the_wrapped_key_erases_identity_and_texts() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(full_details(), by=officer)
    sealed = services.seal_text(person, "narrative", "x", by=officer)
    Person.objects.filter(pk=person.pk).update(wrapped_key=None)
    with pytest.raises(vault.Erased):
        services.reveal_identity(person.reference, by=officer, purpose="interview")
    with pytest.raises(vault.Erased):
        services.read_text(sealed, by=officer, purpose="interview")
    with pytest.raises(vault.Erased):
        services.seal_text(person, "narrative", "y", by=officer)


def test_a_stranger_cannot_learn_that_the_person_exists() -> None:
    person = services.record_person(details(), by=make_user(Role.FRONTLINE_OFFICER))
    stranger = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-35"))
    with pytest.raises(Http404):
        services.reveal_identity(person.reference, by=stranger, purpose="interview")
    with pytest.raises(Http404):
        services.change_person(person.reference, details(), by=stranger, version=1)
    with pytest.raises(Http404):
        services.seal_text(person, "narrative", "x", by=stranger)


def test_the_centre_sees_the_person_and_not_the_identity() -> None:
    person = services.record_person(details(), by=make_user(Role.FRONTLINE_OFFICER))
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    with pytest.raises(Refused):
        services.reveal_identity(person.reference, by=centre, purpose="correction")


def test_a_change_on_an_old_version_is_refused_with_the_row_as_it_stands() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(details(), by=officer)
    services.change_person(person.reference, details(sex="male"), by=officer, version=1)
    with pytest.raises(Changed) as changed:
        services.change_person(person.reference, details(sex="other"), by=officer, version=1)
    assert (changed.value.current.version, changed.value.current.sex) == (2, "male")


def test_a_change_is_logged_by_its_parts_only() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(details(), by=officer)
    services.change_person(person.reference, details(family="Memmedova"), by=officer, version=1)
    event = AuditEvent.objects.get(action=Event.PERSON_CHANGED, facts__has_key="parts")
    assert event.facts == {"parts": ["names"]}


def test_invalid_details_are_refused_whole() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    with pytest.raises(NotValid):
        services.record_person(details(given="", family="123"), by=officer)
    assert not Person.objects.exists()


def test_who_may_be_the_same_is_found_among_all_persons_at_once() -> None:
    first = services.record_person(full_details(), by=make_user(Role.FRONTLINE_OFFICER))
    elsewhere = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.GENDARMERIE, "TR-31"))
    second = services.record_person(details("Gülnare", "Abdullayeva"), by=elsewhere)
    match = PossibleSame.objects.get()
    assert (match.person, match.other) == (second, first)
    assert match.reasons == ["name_alike"]
    event = AuditEvent.objects.get(action=Event.MATCH_FOUND)
    assert set(event.subjects) == {first.reference, second.reference}


def test_a_verdict_can_be_taken_back() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    for _ in range(2):
        services.record_person(full_details(), by=officer)
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    match = PossibleSame.objects.get()
    assert services.judge_match(match.reference, by=centre, verdict="same").judged_by == centre
    assert services.judge_match(match.reference, by=centre, verdict="open").judged_by is None
    with pytest.raises(Http404):
        services.judge_match(match.reference, by=officer, verdict="same")


def consent_of(person: Person, **fields):
    values = {
        "purpose": "shelter",
        "recipient": make_institution(InstitutionKind.NGO),
        "categories": ["contact", "health"],
        "language": "uz",
        "given_how": "written",
        "given_on": date(2026, 3, 1),
    }
    return services.give_consent(person.reference, **{**values, **fields})


def test_consent_holds_until_it_expires_or_is_withdrawn() -> None:
    from kalkan.persons.selectors import live_consents

    officer = make_user(Role.FRONTLINE_OFFICER)
    person = services.record_person(full_details(), by=officer)
    consent = consent_of(person, by=officer, expires_on=date(2026, 4, 1))
    assert list(live_consents(person, on=date(2026, 4, 1), purpose="shelter")) == [consent]
    assert not live_consents(person, on=date(2026, 4, 1), purpose="research")
    assert not live_consents(person, on=date(2026, 4, 2))
    assert not live_consents(person, on=date(2026, 2, 28))
    services.withdraw_consent(consent.reference, by=officer)
    assert not live_consents(person, on=date(2026, 4, 1))


def test_consent_for_a_child_needs_the_guardian() -> None:
    officer = make_user(Role.FRONTLINE_OFFICER)
    child = services.record_person(details(is_age_in_doubt=True), by=officer)
    with pytest.raises(NotValid):
        consent_of(child, by=officer)
    assert consent_of(child, by=officer, guardian_agreed=True).guardian_agreed
