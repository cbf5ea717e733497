"""The sealed letter to a receiver without an account, and the one-time code that opens its package once."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.access.sensitivity import name_for
from kalkan.assistance.lifecycle.documents import Filled, Language, Version
from kalkan.assistance.lifecycle.referrals import LIVE, why_not
from kalkan.assistance.models import Promise, Referral, ReferralCode
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors import support_documents as support
from kalkan.assistance.selectors.referrals import ReferralLetter, has_account, holds
from kalkan.assistance.services import packages
from kalkan.assistance.services.referrals import spoken
from kalkan.assistance.services.typesetting import CannotBeSet, set_pdf
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible
from kalkan.persons.parcels import Lock
from kalkan.vocabulary import selectors as vocabulary

LASTS = timedelta(days=14)
LENGTH = 16  # signs of thirty: 78 bits


class NotRetrieved(Exception):
    """Number and code open nothing. Which of the two is wrong, or whether it is over, is not told."""


class Retrieved(NamedTuple):
    """What the one who held number and code gets to see, once."""

    fields: dict[str, Any]
    is_genuine: bool


@transaction.atomic
def make_letter(reference: UUID, *, by: User, retrieval_url: str, language: str = Language.TURKISH) -> ReferralLetter:
    """The letter of a live referral with a new code, which is shown once; an earlier code stops to open.

    Its PDF is in Turkish and `language`. Raises NotPossible where the receiver has accounts: whoever can sign in needs
    no letter; and where a letter is in none of the fonts.
    """
    referral = policy.referrals.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.REFERRALS_SEND)
    if not policy.is_sender(by, referral):
        raise why_not("letter", "sender")
    if referral.status not in LIVE:
        raise why_not("letter", "live")
    if not holds(referral):
        raise why_not("letter", "basis")
    if has_account(referral.receiver_id):
        raise why_not("letter", "no_account")
    now = timezone.now()
    code = spoken(LENGTH)

    policy.codes.own(by).filter(referral=referral, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    made = ReferralCode.objects.create(
        referral=referral, digest=_digest(code), made_by=by, made_at=now, expires_at=now + LASTS
    )
    owed = Promise.objects.filter(subject=referral.reference, kept_at=None, dropped_at=None)
    basis = referral.provision.citation if referral.provision else _("With the consent of the person")
    letter = ReferralLetter(
        number=referral.number,
        sender=name_for(by, referral.sender),
        receiver=name_for(by, referral.receiver),
        category=vocabulary.label("service_category", referral.category),
        purpose=vocabulary.label("consent_purpose", referral.purpose),
        basis=basis,
        sent_at=referral.sent_at,
        answer_due_at=owed.order_by("due_at").values_list("due_at", flat=True).first(),
        retrieval_url=retrieval_url,
        code=code,
        code_expires_at=made.expires_at,
    )
    pdf = _pdf(referral, letter, by=by, language=Language(language))
    # The digest tells whether a paper is the one that was made; from it nobody finds the code, which is 78 bits.
    facts = {"language": str(Language(language)), "sha256": sha256(pdf).hexdigest()}
    record(Event.REFERRAL_LETTER_MADE, referral, referral.case, by=by, facts=facts)
    return replace(letter, pdf=pdf)


def _pdf(referral: Referral, letter: ReferralLetter, *, by: User, language: Language) -> bytes:
    number = uuid4().hex[:8].upper()
    versions = tuple(
        Version(
            one, support.referral_issued(referral, number, one), support.referral_letter(referral, letter, by, one)
        )
        for one in dict.fromkeys((Language.TURKISH, language))
    )
    try:
        return set_pdf(Filled(versions), at=timezone.now()).content
    except CannotBeSet as refused:
        raise NotPossible("letter", str(refused), missing="font") from None


def retrieve(number: str, code: str) -> Retrieved:
    """The package of a letter, once; nobody is signed in. Raises NotRetrieved, recorded; a wrong code counts.

    The way past the wall is the function `assistance_referral_retrieve`, which compares, counts and uses the code up.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT referral, receiver, person, wrapped_key, key_version, sealed, signature, key "
                "FROM assistance_referral_retrieve(%s, %s)",
                [_plain(number), _plain(code)],
            )
            found = cursor.fetchone()
        if found is None:
            record(Event.REFERRAL_RETRIEVAL_REFUSED, by=None)
        else:
            record(Event.REFERRAL_RETRIEVED, found[0], found[2], by=None, facts={"receiver": str(found[1])})
    if found is None:
        raise NotRetrieved
    referral, receiver, person, wrapped, version, sealed, signature, key = found
    opened = packages.read(
        Lock(person, bytes(wrapped), version),
        sealed=bytes(sealed),
        signature=bytes(signature),
        key=key,
        referral=str(referral),
        receiver=str(receiver),
    )
    return Retrieved(opened.fields, opened.is_genuine)


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _plain(typed: str) -> str:
    """As it was printed: capitals, in groups of four."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())[:40]
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))
