"""Which code list answers which question about a person."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kalkan.persons.details import PersonDetails, Problem
from kalkan.vocabulary import selectors as vocabulary


def problems(details: PersonDetails) -> Iterator[Problem]:
    """A sentence for every code that its list does not know. An empty code is an open question, except for kinds."""
    for field, list_code, code in _asked(details):
        if code and not vocabulary.is_known(list_code, code):
            yield unknown(field, list_code, code)
    for field, rows in (("names", details.names), ("documents", details.documents), ("contacts", details.contacts)):
        if not all(row.kind for row in rows):
            yield Problem(field, _("Choose the kind."))


def unknown(field: str, list_code: str, code: str) -> Problem:
    """The sentence for a code that a list does not have."""
    return Problem(field, _("“%(code)s” is not an answer of the list “%(list)s”.") % {"code": code, "list": list_code})


def _asked(details: PersonDetails) -> Iterator[tuple[str, str, str]]:
    yield "sex", "sex", details.sex
    yield "gender", "gender", details.gender
    yield "statelessness", "statelessness", details.statelessness
    yield "contact_rule", "safe_contact", details.contact_rule
    yield from (("citizenships", "country", code) for code in details.citizenships)
    yield from (("languages", "language", code) for code in details.languages)
    yield from (("names", "name_kind", name.kind) for name in details.names)
    for document in details.documents:
        yield "documents", "document_kind", document.kind
        yield "documents", "document_status", document.status
        yield "documents", "country", document.country
    yield from (("contacts", "contact_kind", contact.kind) for contact in details.contacts)
