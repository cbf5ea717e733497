"""The package of a referral: put together, signed and sealed at sending; opened and verified for whoever may look."""

import json
import secrets
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from kalkan.access.models import User
from kalkan.assistance.lifecycle.packages import AREAS, FORMAT
from kalkan.assistance.models import Referral, ReferralMessage, ReferralPackage
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors.programmes import companions_of, levels_of
from kalkan.audit import signing
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.models import Case
from kalkan.persons import parcels
from kalkan.persons import policy as persons_policy
from kalkan.persons import services as persons
from kalkan.persons.parcels import Lock

_CLOSED = (parcels.Erased, parcels.NotGenuine)


class Opened(NamedTuple):
    """What a reader gets to see: the fields, or none where the seal or the signature is not good."""

    fields: dict[str, Any]
    is_genuine: bool
    thread: tuple[tuple[ReferralMessage, str | None], ...] = ()


def fields_of(case: Case, parts: Collection[str], *, by: User, need: str, on: date) -> dict[str, Any]:
    """The named parts of what is recorded and `by` sees, as they go into a package; nothing else is in it."""
    found = parcels.part_of(persons.identity_of(case.person), parts, on=on)
    if not found.get("is_age_in_doubt"):
        found.pop("is_age_in_doubt", None)
    episodes = list(case.episodes.all())
    more = {
        "province": case.province_id or "",
        "exploitation_forms": sorted({form for episode in episodes for form in episode.forms}),
        "exploitation_sectors": sorted({episode.sector for episode in episodes if episode.sector}),
        "need": need,
        "companions": companions_of(case, by),
        **{part: levels_of(case, areas, by) for part, areas in AREAS.items() if part in parts},
    }
    return found | {part: value for part, value in more.items() if part in parts and value}


def close(referral: Referral, fields: dict[str, Any], *, basis: str, lock: Lock) -> ReferralPackage:
    """Sign and seal what the receiver may know. It stays as it is from now on, whatever changes in the record."""
    key = signing.own_key()
    name = signing.name_of(key.public_key())
    text = json.dumps(
        {
            "format": FORMAT,
            "referral": str(referral.reference),
            "number": referral.number,
            "sender": str(referral.sender.reference),
            "receiver": str(referral.receiver.reference),
            "category": referral.category,
            "purpose": referral.purpose,
            "basis": basis,
            "sent_at": referral.sent_at.isoformat(),
            "key": name,
            # The signature lies beside the seal: without this, whoever guesses the fields could try the guess on it.
            "salt": secrets.token_hex(16),
            "fields": fields,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return ReferralPackage.objects.create(
        referral=referral,
        sealed=parcels.close(lock, _place(referral.reference), text),
        signature=key.sign(text.encode()),
        key=name,
    )


def look_inside(referral: Referral, *, by: User) -> Opened | None:
    """The package and the thread as this user may see them now; None where there is nothing for them to see.

    Recorded as an opening of the person's data; a package that is not genuine is recorded besides, and not shown.
    """
    package = policy.packages.visible(by).filter(referral=referral).first()
    if package is None:
        return None
    lock = lock_for(referral, by=by)
    if lock is None:
        return None
    opened = read(
        lock,
        sealed=bytes(package.sealed),
        signature=bytes(package.signature),
        key=package.key,
        referral=str(referral.reference),
        receiver=str(referral.receiver.reference),
    )
    messages = policy.messages.visible(by).filter(referral=referral).select_related("by__institution")
    thread = tuple((message, _words(lock, message)) for message in messages)
    record(Event.REFERRAL_OPENED, referral, lock.person, by=by, facts={"messages": len(thread)})
    if not opened.is_genuine:
        record(Event.REFERRAL_NOT_GENUINE, referral, by=by)
    return opened._replace(thread=thread)


def read(lock: Lock, *, sealed: bytes, signature: bytes, key: str, referral: str, receiver: str) -> Opened:
    """The fields of a sealed package, if seal and signature are good and it is the one of this referral."""
    try:
        text = parcels.open_parcel(lock, _place(referral), sealed)
    except _CLOSED:
        return Opened({}, is_genuine=False)
    is_signed = signing.is_signed_text(text, signature, key=key, keys=signing.known_keys())
    content = json.loads(text) if is_signed else {}
    said = (content.get("format"), content.get("referral"), content.get("receiver"))
    if said != (FORMAT, referral, receiver):
        return Opened({}, is_genuine=False)
    return Opened(content["fields"], is_genuine=True)


def lock_for(referral: Referral, *, by: User) -> Lock | None:
    """What opens the referral's sealed parts: of a person whom the user sees, or past the wall for its two parties.

    The way past the wall is the function `assistance_referral_key`, which looks at receiver, state and consent itself.
    """
    person = persons_policy.persons.visible(by).filter(cases=referral.case_id).first()
    if person is not None:
        return None if person.is_erased else parcels.lock_of(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, wrapped_key, key_version FROM assistance_referral_key(%s)", [referral.pk])
        found = cursor.fetchone()
    return None if found is None or found[1] is None else Lock(found[0], bytes(found[1]), found[2])


def place_of(message: ReferralMessage) -> str:
    """Where a message is sealed: it opens at this row only."""
    return f"referral message/{message.kind}/{message.reference}"


def _words(lock: Lock, message: ReferralMessage) -> str | None:
    try:
        return parcels.open_parcel(lock, place_of(message), message.sealed)
    except _CLOSED:
        return None


def _place(reference: Any) -> str:
    return f"referral/{reference}"
