"""The one door for files: every upload passes it before anything is kept, whoever sends it and whatever it is for."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.persons.files import cleaning, kinds, scanning
from kalkan.persons.files.kinds import Kind

LONGEST_NAME = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\"<>:|?*]")


class Refusal(Exception):
    """A file that is not kept. Carries a code for the log and a sentence that says how to mend it."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class Admitted(NamedTuple):
    """A file that may be kept, as it is kept."""

    content: bytes
    name: str
    kind: Kind
    is_scanned: bool


def admit(content: bytes, *, name: str, declared: str, by: User, about: Iterable[Any] = ()) -> Admitted:
    """The file made fit to be kept. Raises Refusal, which is recorded with its code, and nothing of the file is kept.

    Call it outside a transaction: the record of a refusal must stay.
    """
    try:
        return _admit(content, name=name, declared=declared)
    except Refusal as refusal:
        record(Event.UPLOAD_REFUSED, *about, by=by, facts={"reason": refusal.code, "bytes": len(content)})
        raise


def admit_table(content: bytes, *, by: User) -> bool:
    """Whether a table on its way to an import was scanned. Raises Refusal, recorded, for what cannot be a table.

    The import's own reader judges what is inside; it never runs anything and keeps only values.
    """
    try:
        if kinds.is_never_a_table(content):
            raise _not_allowed()
        return _scan(content)
    except Refusal as refusal:
        record(Event.UPLOAD_REFUSED, by=by, facts={"reason": refusal.code, "bytes": len(content)})
        raise


def safe_name(name: str, kind: Kind) -> str:
    """The last part of the name without what hides or breaks, with the ending that the content has."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0]
    stem = " ".join(_UNSAFE.sub(" ", stem).split()).strip(". ")[:LONGEST_NAME]
    return f"{stem or _('file')}.{kind.ending}"


def _admit(content: bytes, *, name: str, declared: str) -> Admitted:
    if not content:
        raise Refusal("empty", _("The file is empty."))
    if len(content) > settings.ATTACHMENT_LIMIT:
        limit = filesizeformat(settings.ATTACHMENT_LIMIT)
        raise Refusal("too_large", _("The file is larger than %(limit)s.") % {"limit": limit})
    kind = kinds.looks_like(content)
    if kind is None:
        raise _not_allowed()
    is_scanned = _scan(content)  # as it came: cleaning could hide what the scanner knows
    try:
        kept, kind = cleaning.clean(content, kind)
    except cleaning.Harmful:
        sentence = _("The file has macros, scripts or other files inside. Save it without them, or print it to PDF.")
        raise Refusal("active_content", sentence) from None
    except cleaning.Unreadable:
        sentence = _("The file is damaged, locked with a password, or far larger inside. Open it and save it again.")
        raise Refusal("unreadable", sentence) from None
    if not kinds.fits_its_name(kind, name=name, declared=declared):
        sentence = _("The content of the file is not what its name says. Save it anew under the right type.")
        raise Refusal("not_as_declared", sentence)
    return Admitted(kept, safe_name(name, kind), kind, is_scanned)


def _scan(content: bytes) -> bool:
    if not scanning.is_configured():
        return False
    try:
        found = scanning.infection_in(content)
    except scanning.NotScanned:
        sentence = _("The file could not be scanned for malware, so it was not kept. Try again later.")
        raise Refusal("not_scanned", sentence) from None
    if found is not None:
        sentence = _("The scanner found malware in the file. It was not kept; tell your information security officer.")
        raise Refusal("infected", sentence)
    return True


def _not_allowed() -> Refusal:
    return Refusal("not_allowed", _("This type of file is not kept: PDF, JPEG, PNG, TXT, DOCX or XLSX are."))
