"""What another room seals under a person's key for readers who may not see the person, and what it may hold of them.

Such a room keeps the ciphertext in rows of its own and says itself who may open it. The key goes with the person, so
that erasing the person closes every parcel too.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from kalkan.persons import sealing, vault
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.models import Person
from kalkan.persons.sealing import BLOCK
from kalkan.persons.vault import Erased as Erased
from kalkan.persons.vault import NotGenuine as NotGenuine


class Lock(NamedTuple):
    """What opens the parcels of one person, together with the key files of the installation."""

    person: UUID
    wrapped_key: bytes
    key_version: int


def lock_of(person: Person) -> Lock:
    """The lock of a person whose row is visible. Raises Erased where there is no key."""
    if person.wrapped_key is None or person.key_version is None:
        raise vault.Erased(f"Person {person.reference} has no data key.")
    return Lock(person.reference, bytes(person.wrapped_key), person.key_version)


def give_lock(person: Person) -> Lock:
    """The lock of a person whose row is locked for writing; a key is made and saved where there is none yet."""
    if person.wrapped_key is None:
        sealing.give_key(person)
        person.save(update_fields=["wrapped_key", "key_version"])
    return lock_of(person)


def close(lock: Lock, place: str, text: str) -> bytes:
    """`text` sealed for this person and place; its length is hidden to the nearest block."""
    plain = text.encode()
    return _key(lock).seal(place, plain.ljust(-(-len(plain) // BLOCK) * BLOCK))


def open_parcel(lock: Lock, place: str, sealed: bytes | memoryview) -> str:
    """The text. Raises Erased where it was emptied, NotGenuine where it was changed or moved."""
    if not sealed:
        raise vault.Erased(f"What lay at {place} was removed.")
    return _key(lock).open(place, bytes(sealed)).decode().rstrip(" ")


def part_of(details: PersonDetails, parts: Collection[str], *, on: date) -> dict[str, Any]:
    """The named parts of `details` as plain values, those that say something; `majority` as it is on day `on`."""
    plain = asdict(details) | {"majority": details.majority_on(on)}
    if details.birth is not None:
        plain["birth"] = {"value": details.birth.value.isoformat(), "precision": str(details.birth.precision)}
    for document in plain["documents"]:
        document["expires_on"] = document["expires_on"] and document["expires_on"].isoformat()
    return {part: plain[part] for part in parts if part in plain and plain[part] not in (None, "", ())}


def details_of(values: dict[str, Any]) -> PersonDetails:
    """What `part_of` gave, as details again: for the words of a page. Other values are left aside."""
    known = {part: values[part] for part in PersonDetails.__dataclass_fields__ if part in values}
    birth = known.get("birth")
    if birth is not None:
        known["birth"] = RoughDate(date.fromisoformat(birth["value"]), birth["precision"])
    known["names"] = tuple(NameGiven(**one) for one in known.get("names", ()))
    known["contacts"] = tuple(ContactGiven(**one) for one in known.get("contacts", ()))
    known["documents"] = tuple(
        DocumentGiven(**one | {"expires_on": one["expires_on"] and date.fromisoformat(one["expires_on"])})
        for one in known.get("documents", ())
    )
    for part in ("citizenships", "languages"):
        known[part] = tuple(known.get(part, ()))
    return PersonDetails(**known)


def _key(lock: Lock) -> vault.DataKey:
    return vault.unwrap(lock.person, vault.Wrapped(lock.wrapped_key, lock.key_version))
