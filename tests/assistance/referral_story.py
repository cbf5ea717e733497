"""A person in protection, a sender, two partners and a body without accounts; referrals between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.models import Referral
from kalkan.assistance.services import referral_moves as moves
from kalkan.assistance.services.referrals import refer
from kalkan.audit.models import Channel
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.persons.models import Consent
from tests.factories import make_case, make_institution, make_user
from tests.persons.people import full_details

NEED = "Uydurma: psikolojik destek, haftada bir."
EVERYTHING = ("identity", "contact", "documents", "migration", "exploitation", "location", "health", "criminal")


@contextmanager
def acts(user: User | None) -> Iterator[None]:
    """As the runtime role, with what this user may see: the way every request goes."""
    with acting(Channel.PAGE, user):
        yield


@dataclass
class Cast:
    case: Case
    protector: User
    expert: User
    ngo: Institution
    partner: User
    other_partner: User
    second_ngo: Institution
    second_partner: User
    quiet_ngo: Institution
    stranger: User


def make_cast(*, stage: str = "protection", **case: Any) -> Cast:
    """The directorate holds the person and leads the case; nobody else sees either."""
    directorate = make_institution(InstitutionKind.MIGRATION_PROVINCE, "TR-06")
    protector = make_user(Role.PROTECTION_OFFICER, directorate)
    person = persons.record_person(full_details(), by=protector)
    made = make_case(person, directorate, stage=stage, **case)
    made.episodes.create(forms=["labour"], sector="A", by=protector)
    ngo = make_institution(InstitutionKind.NGO, "TR-06")
    second = make_institution(InstitutionKind.NGO, "TR-35")
    return Cast(
        case=made,
        protector=protector,
        expert=make_user(Role.IDENTIFICATION_EXPERT, directorate),
        ngo=ngo,
        partner=make_user(Role.PARTNER, ngo),
        other_partner=make_user(Role.PARTNER, ngo),
        second_ngo=second,
        second_partner=make_user(Role.PARTNER, second),
        quiet_ngo=make_institution(InstitutionKind.MUNICIPALITY, "TR-06"),
        stranger=make_user(Role.PARTNER, make_institution(InstitutionKind.NGO, "TR-06")),
    )


def consented(
    cast: Cast,
    *,
    to: Institution | None = None,
    purpose: str = "psychosocial",
    categories: tuple[str, ...] = ("identity", "contact"),
    **fields: Any,
) -> Consent:
    return persons.give_consent(
        cast.case.person.reference,
        by=cast.protector,
        purpose=purpose,
        recipient=to or cast.ngo,
        categories=categories,
        language="ru",
        given_how="written",
        given_on=timezone.localdate() - timedelta(days=3),
        **fields,
    )


def referred(cast: Cast, *, consent: Consent | None = None, **said: Any) -> Referral:
    """Sent by the protection officer under a consent to the first NGO."""
    values: dict[str, Any] = {"category": "psychosocial", "need": NEED} | said
    if "law" not in values:
        values["consent"] = (consent or consented(cast)).reference
    with acts(cast.protector):
        return refer(cast.case.reference, by=cast.protector, **values)


def fresh(referral: Referral) -> Referral:
    return Referral.objects.get(pk=referral.pk)


def accepted(cast: Cast, **said: Any) -> Referral:
    referral = referred(cast, **said)
    by = cast.partner if referral.receiver_id == cast.ngo.pk else cast.second_partner
    with acts(by):
        return moves.accept(referral.reference, by=by, version=1)
