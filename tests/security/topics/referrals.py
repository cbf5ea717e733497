"""Persons handed on: rows for both parties, inside and outside of what each may see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.assistance.lifecycle.referrals import Status
from kalkan.assistance.models import Referral, ReferralCode, ReferralMessage, ReferralMove, ReferralPackage
from kalkan.assistance.policy import referrals as policy
from kalkan.cases.models import Case
from kalkan.persons.models import Consent
from kalkan.web.doors import Kind, Page
from tests.factories import make_institution, make_user

WAYS = {
    Status.SENT: (),
    Status.ACCEPTED: ("accept",),
    Status.COMPLETED: ("accept", "complete"),
    Status.REVOKED: ("revoke",),
}


def fill(case: Case, by: User) -> None:
    """One referral of the case to each of two other bodies at each state that matters, with all that hangs on it."""
    others = Institution.objects.exclude(pk=case.institution_id).exclude(kind=InstitutionKind.SHELTER)
    for receiver in others.order_by("pk")[:2]:
        for category, status in zip(("health", "legal_aid", "cash", "safety"), WAYS, strict=True):
            made(case, receiver, category=category, status=status)


def made(case: Case, receiver: Institution, *, category: str, status: Status) -> Referral:
    """A referral in that state as rows, sent by the institution of the case."""
    sender = make_user(Role.FRONTLINE_OFFICER, case.institution)
    consent = Consent.objects.create(
        person=case.person, purpose="referral", recipient=receiver, categories=["identity"], language="tr",
        given_how="written", given_on=case.opened_on, recorded_by=sender,
    )  # fmt: skip
    referral = Referral.objects.create(
        number=f"T-{consent.pk}", case=case, province_id=case.province_id, sender=case.institution, sent_by=sender,
        receiver=receiver, category=category, purpose="referral", consent=consent,
    )  # fmt: skip
    ReferralMove.objects.create(referral=referral, move="send", target=Status.SENT, by=sender)
    ReferralPackage.objects.create(referral=referral, sealed=b"x", signature=b"x", key="x")
    ReferralMessage.objects.create(referral=referral, kind="note", sealed=b"x", by=sender)
    ReferralCode.objects.create(
        referral=referral, digest="x", made_by=sender, expires_at=timezone.now() + timedelta(days=1)
    )
    if status is Status.REVOKED:
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now())
    officer = make_user(Role.FRONTLINE_OFFICER, receiver)
    for move in WAYS[status]:
        target = {"accept": Status.ACCEPTED, "complete": Status.COMPLETED, "revoke": Status.REVOKED}[move]
        ReferralMove.objects.create(
            referral=referral,
            move=move,
            source=referral.status,
            target=target,
            by=None if move == "revoke" else officer,
        )
        referral.status = target
        referral.ended_at = None if target is Status.ACCEPTED else timezone.now()
        referral.save()
    return referral


def allowed(user: User) -> dict[type[Any], set[int]]:
    """What the first wall shows, table by table."""
    rows = {
        Referral: policy.referrals,
        ReferralMove: policy.moves,
        ReferralPackage: policy.packages,
        ReferralMessage: policy.messages,
        ReferralCode: policy.codes,
    }
    return {model: set(table.visible(user).values_list("pk", flat=True)) for model, table in rows.items()}  # type: ignore[attr-defined]


def _arguments(case: Case, _page: Page) -> dict[str, Any]:
    found = case.referrals.order_by("pk").first()
    if found is None:
        found = made(case, make_institution(InstitutionKind.NGO, "TR-01"), category="health", status=Status.SENT)
    return {"reference": found.reference}


named: dict[Kind, Callable[[Case, Page], dict[str, Any]]] = {Kind.REFERRAL: _arguments}
reaches: dict[Kind, Callable[[User, Page, bool], bool]] = {}
