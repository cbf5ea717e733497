"""Between a person's rows and what they say: the only place that seals and opens identity.

Works on rows in memory and writes nothing, so one person and fifty thousand go the same way.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kalkan.persons import blind, keyring, vault
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.models import (
    Attachment,
    AttachmentContent,
    ContactPoint,
    IdentityDocument,
    Majority,
    Person,
    PersonName,
    SealedText,
)

BLOCK = 64  # sealed values are filled up to a multiple, so that a length does not give away a name


@dataclass
class IdentityRows:
    """The rows of one person's identity, not yet saved."""

    names: list[PersonName] = field(default_factory=list)
    documents: list[IdentityDocument] = field(default_factory=list)
    contacts: list[ContactPoint] = field(default_factory=list)


def data_key(person: Person) -> vault.DataKey:
    """The person's data key. Raises Erased where it was dropped or never made."""
    if person.wrapped_key is None or person.key_version is None:
        raise vault.Erased(f"Person {person.reference} has no data key.")
    return vault.unwrap(person.reference, vault.Wrapped(bytes(person.wrapped_key), person.key_version))


def give_key(person: Person) -> vault.DataKey:
    """The data key of a person whose row is new or locked, made if there is none yet; the caller saves the row.

    Raises Erased for a person whose key was dropped: erased stays erased.
    """
    if person.wrapped_key is not None or person.is_erased:
        return data_key(person)
    wrapped, key = vault.make(person.reference)
    person.wrapped_key, person.key_version = wrapped
    return key


def put(person: Person, details: PersonDetails, *, on: date) -> IdentityRows:
    """Set every column of `person` from `details` as of day `on`, and return the rows that hold the rest."""
    for column in (
        *("sex", "gender", "is_age_in_doubt", "statelessness", "needs_interpreter", "may_be_called"),
        "contact_rule",
    ):
        setattr(person, column, getattr(details, column))
    person.majority, person.age_band = details.majority_on(on), details.age_band_on(on)
    person.citizenships, person.languages = list(details.citizenships), list(details.languages)
    with blind.under(keyring.blind_versions()[-1]) as person.blind_version:
        person.blind_keys = blind.of_details(details)
    person.birth = None
    rows = IdentityRows()
    if not (details.names or details.birth or details.documents or details.contacts):
        return rows
    key = give_key(person)
    if details.birth is not None:
        birth = {"value": details.birth.value.isoformat(), "precision": str(details.birth.precision)}
        person.birth = key.seal("birth", _packed(birth))
    for name in details.names:
        parts = {part: getattr(name, part) for part in ("given", "family", "latin_given", "latin_family")}
        rows.names.append(PersonName(person=person, kind=name.kind, sealed=key.seal("name", _packed(parts))))
    for document in details.documents:
        sealed = key.seal("document", _packed({"number": document.number}))
        plain = {part: getattr(document, part) for part in ("kind", "country", "status", "expires_on")}
        rows.documents.append(IdentityDocument(person=person, sealed=sealed, **plain))
    for contact in details.contacts:
        parts = {part: getattr(contact, part) for part in ("value", "when_to_call", "what_to_say")}
        sealed = key.seal("contact", _packed(parts))
        rows.contacts.append(ContactPoint(person=person, kind=contact.kind, is_safe=contact.is_safe, sealed=sealed))
    return rows


def opened(
    person: Person,
    *,
    names: Iterable[PersonName],
    documents: Iterable[IdentityDocument] = (),
    contacts: Iterable[ContactPoint] = (),
) -> PersonDetails:
    """What the rows of `person` say. Raises Erased, NotGenuine, KeyMissing or KeyWrong."""
    key = None if person.wrapped_key is None and not person.is_erased else data_key(person)

    def read(place: str, sealed: bytes | memoryview) -> dict[str, Any]:
        if key is None:
            raise vault.NotGenuine(f"Person {person.reference} has a sealed value at {place} and no data key.")
        return json.loads(key.open(place, bytes(sealed)))

    birth = read("birth", person.birth) if person.birth is not None else None
    return PersonDetails(
        names=tuple(NameGiven(kind=name.kind, **read("name", name.sealed)) for name in names),
        sex=person.sex,
        gender=person.gender,
        birth=RoughDate(date.fromisoformat(birth["value"]), birth["precision"]) if birth else None,
        majority=Majority.UNKNOWN if birth else person.majority,
        is_age_in_doubt=person.is_age_in_doubt,
        citizenships=tuple(person.citizenships),
        statelessness=person.statelessness,
        languages=tuple(person.languages),
        needs_interpreter=person.needs_interpreter,
        may_be_called=person.may_be_called,
        contact_rule=person.contact_rule,
        documents=tuple(
            DocumentGiven(
                kind=row.kind,
                country=row.country,
                status=row.status,
                expires_on=row.expires_on,
                **read("document", row.sealed),
            )
            for row in documents
        ),
        contacts=tuple(
            ContactGiven(kind=row.kind, is_safe=row.is_safe, **read("contact", row.sealed)) for row in contacts
        ),
    )


def seal(text: SealedText, words: str) -> None:
    """Put `words` into `text`, bound to this very row; its person's row is new or locked and saved by the caller."""
    text.sealed = give_key(text.person).seal(_place(text), words.encode())


def read(text: SealedText) -> str:
    """The words of a sealed text."""
    return data_key(text.person).open(_place(text), bytes(text.sealed)).decode()


def seal_file(attachment: Attachment, content: bytes, name: str) -> AttachmentContent:
    """A file and its name, bound to this very attachment; as for `seal`, the caller saves all three rows."""
    key = give_key(attachment.person)
    return AttachmentContent(
        attachment=attachment,
        sealed=key.seal(f"file/{attachment.reference}", content),
        sealed_name=key.seal(f"file name/{attachment.reference}", _packed({"name": name})),
    )


def read_file(attachment: Attachment) -> tuple[str, bytes]:
    """Name and content of an attachment that was not removed. Raises Erased or NotGenuine."""
    kept = AttachmentContent.objects.filter(attachment=attachment).first()
    if kept is None:
        raise vault.Erased(f"Attachment {attachment.reference} was removed.")
    key = data_key(attachment.person)
    name = json.loads(key.open(f"file name/{attachment.reference}", bytes(kept.sealed_name)))["name"]
    return name, key.open(f"file/{attachment.reference}", bytes(kept.sealed))


def _place(text: SealedText) -> str:
    return f"text/{text.topic}/{text.reference}"


def _packed(parts: dict[str, str]) -> bytes:
    plain = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return plain.ljust(-(-len(plain) // BLOCK) * BLOCK)
