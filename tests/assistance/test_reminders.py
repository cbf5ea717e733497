"""The daily round reaches people: by mail that tells nothing, to whoever owes and to the centre."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.assistance import tasks
from kalkan.assistance.models import Promise
from kalkan.assistance.services.promises import keep
from kalkan.cases.models import Case
from tests.factories import make_case, make_institution, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return make_case(institution=make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06"), stage="protection")


def _owe(case: Case, kind: str, *, days: int, **fields: object) -> Promise:
    due = timezone.now() + timedelta(days=days)
    values = {"institution": case.institution, "province_id": case.province_id, "subject": uuid4(), **fields}
    return Promise.objects.create(
        case=case, kind=kind, made_at=timezone.now() - timedelta(days=40), due_at=due, **values
    )


def _round() -> dict[str, outbox.EmailMessage]:
    """A round of the clock and the job that it left behind: address → mail."""
    outbox.outbox.clear()
    tasks.clock(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'since' FROM procrastinate_jobs WHERE task_name = 'assistance.tell' ORDER BY id")
        jobs = [since for (since,) in cursor.fetchall()]
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'assistance.tell'")
    for since in jobs:
        datetime.fromisoformat(since)
        tasks.tell(since)
    return {one.to[0]: one for one in outbox.outbox}


def test_the_owner_is_told_and_where_there_is_none_the_officers_of_the_institution(case: Case) -> None:
    owner = make_user(Role.PROTECTION_OFFICER, case.institution)
    colleague = make_user(Role.PROTECTION_OFFICER, case.institution)
    ngo = make_institution(InstitutionKind.NGO, "TR-06")
    partner, gone = make_user(Role.PARTNER, ngo), make_user(Role.PARTNER, ngo)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    administrator = make_user(Role.ADMINISTRATOR, ngo)
    stranger = make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-35"))
    _owe(case, "permit_expiry", days=6, owner=owner)
    _owe(case, "referral_answer", days=1, institution=ngo)
    sent = _round()
    assert set(sent) == {owner.email, partner.email}
    assert not {colleague.email, gone.email, administrator.email, stranger.email} & set(sent)
    assert _round() == {}, "nobody is told twice"


def test_one_mail_however_much_is_owed_and_it_names_nobody(case: Case) -> None:
    owner = make_user(Role.PROTECTION_OFFICER, case.institution)
    owner.language = "en"
    owner.save(update_fields=["language"])
    for days in (1, 2, 6):
        _owe(case, "permit_expiry", days=days, owner=owner)
    _round()
    (letter,) = outbox.outbox
    assert "owed to a person" in letter.subject
    assert case.number not in letter.subject + letter.body
    assert not any(sign.isdigit() for sign in letter.subject + letter.body)


def test_the_centre_is_told_of_what_is_overdue_and_escalates(case: Case) -> None:
    centre = make_user(Role.CENTRAL_UNIT, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    owner = make_user(Role.PROTECTION_OFFICER, case.institution)
    _owe(case, "goal", days=-1, owner=owner)
    assert set(_round()) == {owner.email}, "a goal is not brought to the centre"
    late = _owe(case, "referral_answer", days=-1, owner=owner)
    assert set(_round()) == {owner.email, centre.email}
    keep(late.subject, late.kind)
    assert _round() == {}
