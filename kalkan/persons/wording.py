"""What is recorded of a person, in words for a page."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.models import Majority
from kalkan.vocabulary.selectors import label, labels

LABELS = {
    "names": gettext_lazy("Names"),
    "sex": gettext_lazy("Sex"),
    "gender": gettext_lazy("Gender"),
    "birth": gettext_lazy("Date of birth"),
    "majority": gettext_lazy("Adult or child"),
    "is_age_in_doubt": gettext_lazy("The age is in doubt"),
    "citizenships": gettext_lazy("Citizenships"),
    "statelessness": gettext_lazy("Statelessness"),
    "languages": gettext_lazy("Languages"),
    "needs_interpreter": gettext_lazy("Needs an interpreter"),
    "may_be_called": gettext_lazy("May be called"),
    "contact_rule": gettext_lazy("Safe-contact rule"),
    "documents": gettext_lazy("Documents"),
    "contacts": gettext_lazy("Contacts"),
}


class Said(NamedTuple):
    """One line of a summary: which part of the details it is, its label, and what is recorded."""

    part: str
    label: str | Promise
    value: str


def said(details: PersonDetails) -> list[Said]:
    """Every part of `details`, in the order of the form."""
    values = {
        "names": "\n".join(map(_name, details.names)),
        "sex": label("sex", details.sex),
        "gender": details.gender and label("gender", details.gender),
        "birth": _birth(details.birth),
        "majority": str(Majority(details.majority).label) if details.birth is None else "",
        "is_age_in_doubt": answer(details.is_age_in_doubt),
        "citizenships": ", ".join(labels("country", details.citizenships)),
        "statelessness": details.statelessness and label("statelessness", details.statelessness),
        "languages": ", ".join(labels("language", details.languages)),
        "needs_interpreter": answer(details.needs_interpreter),
        "may_be_called": answer(details.may_be_called),
        "contact_rule": details.contact_rule and label("safe_contact", details.contact_rule),
        "documents": "\n".join(map(_document, details.documents)),
        "contacts": "\n".join(map(_contact, details.contacts)),
    }
    return [Said(part, LABELS[part], values[part]) for part in LABELS]


def answer(value: bool | None) -> str:
    """Yes, no, or not known."""
    return _("Not known") if value is None else _("Yes") if value else _("No")


def differences(theirs: PersonDetails, yours: PersonDetails) -> list[dict[str, str | Promise]]:
    """The parts in which two versions of one person differ, for the page that shows both."""
    return [
        {"label": one.label, "theirs": one.value, "yours": other.value}
        for one, other in zip(said(theirs), said(yours), strict=True)
        if one.value != other.value
    ]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _birth(birth: RoughDate | None) -> str:
    return "" if birth is None else _joined(str(birth), str(birth.precision_label))


def _name(name: NameGiven) -> str:
    return _joined(name.full, name.latin, label("name_kind", name.kind))


def _document(document: DocumentGiven) -> str:
    return _joined(
        label("document_kind", document.kind),
        document.number,
        document.country and label("country", document.country),
        document.status and label("document_status", document.status),
        f"{document.expires_on:%d.%m.%Y}" if document.expires_on else "",
    )


def _contact(contact: ContactGiven) -> str:
    safe = {True: _("safe"), False: _("not safe"), None: ""}[contact.is_safe]
    return _joined(label("contact_kind", contact.kind), contact.value, safe, contact.when_to_call, contact.what_to_say)


KINDS = {
    "data_key": gettext_lazy("Data key of the person"),
    "birth": gettext_lazy("Date of birth"),
    "search_keys": gettext_lazy("Search keys"),
    "names": gettext_lazy("Names"),
    "documents": gettext_lazy("Documents"),
    "contacts": gettext_lazy("Contacts"),
    "holdings": gettext_lazy("Institutions that held the person"),
    "texts": gettext_lazy("Texts"),
    "files": gettext_lazy("Files"),
    "matches": gettext_lazy("Pairs with possible same persons"),
    "jobs": gettext_lazy("Background jobs"),
    "consents": gettext_lazy("Consents"),
    "cases": gettext_lazy("Cases"),
    "case_links": gettext_lazy("Links to other cases"),
    "moves": gettext_lazy("Moves of the case"),
    "screenings": gettext_lazy("Screenings"),
    "interviews": gettext_lazy("Interviews"),
    "decisions": gettext_lazy("Decisions"),
    "deadlines": gettext_lazy("Deadlines"),
    "episodes": gettext_lazy("Spells of exploitation, in codes"),
    "perpetrators": gettext_lazy("Roles of alleged perpetrators, in codes"),
    "referrals": gettext_lazy("Referrals, in codes"),
    "packages": gettext_lazy("Packages of referrals"),
    "messages": gettext_lazy("Messages about referrals"),
    "imported_records": gettext_lazy("Links to imported records"),
    "import_values": gettext_lazy("Values of wrong cells"),
    "import_files": gettext_lazy("Uploaded files"),
}


def kind(code: str) -> str:
    """What an erasure counts, in words."""
    return str(KINDS.get(code, code))
