"""Every cell of role × door, tried: with a row of one's own, and with one that does not exist for the role."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import typer
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from kalkan.access.models import Emergency, Institution, InstitutionKind, User
from kalkan.access.roles import MATRIX, SEATS, Permission, Role, Scope
from kalkan.cases.models import Case, CaseAttachment, Interview, Screening
from kalkan.cases.views.screening import screening_pages
from kalkan.config.cli import application
from kalkan.config.database import ROOT
from kalkan.exchange.lists import LISTS
from kalkan.exchange.models import ImportRun
from kalkan.persons import services
from kalkan.persons.models import Attachment, AttachmentContent, Consent, Erasure, LegalHold, PossibleSame, SealedText
from kalkan.web.doors import COMMANDS, JOBS, PAGES, Kind, Page, document, exports
from tests.factories import make_case, make_institution, make_person, make_user
from tests.persons.people import full_details
from tests.security.topics import TOPICS

pytestmark = pytest.mark.django_db
NAMED = {kind: name for topic in TOPICS for kind, name in topic.named.items()}
REACHES = {kind: asks for topic in TOPICS for kind, asks in topic.reaches.items()}
SHUT = {403, 404}


def _addresses(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _addresses(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}"


def test_every_address_command_and_job_is_a_door() -> None:
    assert set(_addresses(get_resolver().url_patterns)) == {page.name for page in PAGES}
    assert set(typer.main.get_command(application()).commands) == set(COMMANDS)  # type: ignore[attr-defined]
    assert {name for name in jobs.tasks if "builtin" not in name} == set(JOBS)


def test_the_document_is_what_the_doors_say() -> None:
    assert (ROOT / "docs" / "doors.md").read_text() == document()


@dataclass
class Rows:
    """One row of each kind, held by one institution."""

    case: Case
    screening: Screening
    text: SealedText
    file: Attachment
    consent: Consent
    match: PossibleSame
    run: ImportRun
    account: User
    erasure: Erasure
    hold: LegalHold
    emergency: Emergency

    def arguments(self, page: Page) -> dict[str, Any]:
        if page.of in NAMED:
            return NAMED[page.of](self.case, page)
        match page.of:
            case Kind.PERSON if page.name == "cases:open":
                return {"person": self.case.person.reference}
            case Kind.PERSON:
                return {"reference": self.case.person.reference}
            case Kind.CASE:
                return {"reference": self.case.reference}
            case Kind.TEXT:
                return {"reference": self.case.reference, "text": self.text.reference}
            case Kind.FILE:
                return {"reference": self.case.reference, "file": self.file.reference}
            case Kind.SCREENING:
                named = {"page": screening_pages(self.screening)[0].name} if page.name.endswith("_page") else {}
                return {"reference": self.screening.reference, **named}
            case Kind.CONSENT:
                return {"reference": self.consent.reference}
            case Kind.MATCH:
                return {"reference": self.match.reference}
            case Kind.IMPORT:
                return {"reference": self.run.reference}
            case Kind.ACCOUNT:
                return {"reference": self.account.reference}
            case Kind.ERASURE:
                return {"reference": self.erasure.reference}
            case Kind.HOLD:
                return {"reference": self.hold.reference}
            case Kind.EMERGENCY:
                return {"reference": self.emergency.reference}
            case Kind.SESSION:
                return {"reference": uuid4()}
            case Kind.READER if page.name == "web:reads":
                return {"who": self.account.reference}
            case Kind.READER:
                return {"person": self.case.person.reference}
            case Kind.PROVINCE:
                return {"code": self.case.province_id or "TR-06"}
            case Kind.CODE_LIST:
                return {"code": "sex"}
        if page.name in {"mfa_remove_webauthn", "mfa_edit_webauthn"}:
            return {"pk": 1}
        return {"name": "codes"} if page.name == "exchange:export" else {}


def _rows(institution: Institution, *, is_with_authority: bool, user: User | None = None) -> Rows:
    """Rows of an institution; the emergency is `user`'s own where the role may open one."""
    recorder = make_user(Role.FRONTLINE_OFFICER, institution)
    opener = user if user is not None and Permission.EMERGENCY_OPEN in user.permissions else recorder
    case = make_case(institution=institution, stage="screening", is_with_authority=is_with_authority)
    person = case.person
    text = services.seal_text(person, "narrative", "Uydurma söz", by=recorder)
    Interview.objects.create(case=case, kind="preliminary", held_on=case.opened_on, narrative=text, by=recorder)
    attachment = Attachment.objects.create(
        person=person, kind="other", media_type="text/plain", size=1, is_scanned=True, attached_by=recorder
    )
    AttachmentContent.objects.create(attachment=attachment, sealed=b"x", sealed_name=b"x")
    CaseAttachment.objects.create(case=case, attachment=attachment)
    return Rows(
        case=case,
        screening=Screening.objects.create(case=case, profile="adult_labour", held_on=case.opened_on),
        text=text,
        consent=Consent.objects.create(
            person=person, purpose="support", recipient=institution, categories=["identity"], language="tr",
            given_how="signed", given_on=case.opened_on, recorded_by=recorder,
        ),
        match=PossibleSame.objects.create(person=person, other=make_person(institution), score=90),
        run=ImportRun.objects.create(by=recorder, institution=institution, format="own", source=str(uuid4())[:8]),
        account=recorder,
        file=attachment,
        erasure=Erasure.objects.create(person=person.reference, ground="erasure_on_request", requested_by=recorder),
        hold=LegalHold.objects.create(person=person.reference, reason="court", set_by=recorder),
        emergency=Emergency.objects.create(
            user=opener, person=uuid4(), named="X", ground="life", ends_at=timezone.now() + timedelta(hours=1),
            review_due_on=timezone.localdate(),
        ),
    )  # fmt: skip


def _reaches(user: User, page: Page, *, is_own: bool) -> bool:
    """Whether the row exists for the user, told from the scope of the role alone."""
    if page.of in REACHES:
        return REACHES[page.of](user, page, is_own)
    scope, is_centre = MATRIX[Role(user.role)][0], user.institution.kind == InstitutionKind.MIGRATION_CENTRE
    match page.of:
        case Kind.NOTHING | Kind.CODE_LIST | Kind.ERASURE | Kind.HOLD | Kind.READER:
            return True
        case Kind.EMERGENCY if page.name == "web:end_emergency":
            return is_own
        case Kind.EMERGENCY:
            watches = Permission.EMERGENCY_WATCH in user.permissions
            watched = watches and (is_own or user.institution.province_id is None)
            owned = is_own and Permission.EMERGENCY_OPEN in user.permissions
            return owned or watched or Permission.EMERGENCY_REVIEW in user.permissions
        case Kind.ACCOUNT:
            return is_own or is_centre
        case Kind.PROVINCE:
            return is_own or is_centre or Permission.STATISTICS_NATIONAL in user.permissions
        case Kind.MATCH:
            return scope is Scope.NATION
        case Kind.IMPORT:
            return scope is Scope.NATION or is_own
    return scope is Scope.NATION or (is_own and scope is not Scope.NONE)


def _answer(client: Client, page: Page, rows: Rows) -> int:
    """The status of the page; of one that only takes answers, what it says to none. Nothing it does is kept."""
    address = reverse(page.name, kwargs=rows.arguments(page))
    with transaction.atomic():
        status = client.get(address).status_code
        if status == 405:
            status = client.post(address).status_code
        transaction.set_rollback(True)
    return status


# The pages of one's own account are tried in tests/access, second factor by second factor.
ASKED_FOR = [
    page
    for page in PAGES
    if not page.is_public and page.of is not Kind.SESSION and not page.name.startswith(("account_", "mfa_"))
]


@pytest.mark.parametrize("role", Role)
def test_a_role_goes_through_its_own_doors_and_through_no_other(role: Role) -> None:
    kind = next(kind for kind in InstitutionKind if kind in SEATS[role] - {InstitutionKind.MIGRATION_CENTRE}) if (
        SEATS[role] - {InstitutionKind.MIGRATION_CENTRE}
    ) else InstitutionKind.MIGRATION_CENTRE  # fmt: skip
    seat = make_institution(kind, None if kind == InstitutionKind.MIGRATION_CENTRE else "TR-06")
    user = make_user(role, seat)
    own = _rows(seat, is_with_authority=True, user=user)
    foreign = _rows(make_institution(InstitutionKind.POLICE, "TR-35"), is_with_authority=False)
    client = Client()
    client.force_login(user)
    wrong = []
    for page in ASKED_FOR:
        for rows in (own, foreign) if page.of is not Kind.NOTHING else (own,):
            is_own = rows is own
            status = _answer(client, page, rows)
            expected = page.opens_for(role) and _reaches(user, page, is_own=is_own)
            if status >= 500 or (status not in SHUT) != expected:
                wrong.append((page.name, "own" if is_own else "foreign", status, "open" if expected else "shut"))
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_a_role_exports_its_own_lists_and_no_other(role: Role) -> None:
    kind = sorted(SEATS[role])[0]
    user = make_user(role, make_institution(kind, None if kind == InstitutionKind.MIGRATION_CENTRE else "TR-06"))
    client = Client()
    client.force_login(user)
    asked = {name: f"&run={uuid4()}" for name in ("import-problems", "figure", "readers", "reads", "access-report")}
    for name in LISTS:
        status = client.get(f"{reverse('exchange:export', args=[name])}?format=csv{asked.get(name, '')}").status_code
        if not exports(name, role):
            assert status in SHUT, (name, status)
        elif name not in asked:
            assert status == 200, (name, status)


@pytest.mark.parametrize("role", [role for role in Role if Permission.PERSONS_SEARCH in MATRIX[role][1]])
def test_search_shows_no_role_a_person_beyond_its_reach(role: Role) -> None:
    officer = make_user(Role.FRONTLINE_OFFICER, make_institution(InstitutionKind.POLICE, "TR-35"))
    person = services.record_person(full_details(), by=officer)
    kind = next(kind for kind in SEATS[role] if kind != InstitutionKind.MIGRATION_CENTRE)
    client = Client()
    client.force_login(make_user(role, make_institution(kind, "TR-06")))
    name = full_details().names[0]
    answer = client.post(reverse("persons:search"), {"query": f"{name.given} {name.family}"}).content.decode()
    assert str(person.reference) not in answer
    assert person.short_reference not in answer
