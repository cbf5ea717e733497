"""The official documents there are, and what each is filled with. No queries, no effects.

What is filled in is words ready to print: dates written out, codes as labels. A layout of Typst shows it; see
`kalkan/assistance/layouts`. Each document comes in Turkish, followed by the language of the person.
"""

from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DocumentKind(TextChoices):
    """Named like the file of its layout."""

    IDENTIFICATION = "identification", _("Identification form")
    DECISION = "decision", _("Decision")
    INFORMATION = "information", _("Information sheet")
    CONSENT = "consent", _("Consent sheet")
    EVALUATION_REPORT = "evaluation_report", _("Evaluation report")
    PERMIT_REQUEST = "permit_request", _("Request for a residence permit")
    REFERRAL_LETTER = "referral_letter", _("Referral letter")
    RETURN_AGREEMENT = "return_agreement", _("Return agreement")


class Language(TextChoices):
    """Languages into which the fixed words of every layout are translated."""

    TURKISH = "tr", "Türkçe"
    ENGLISH = "en", "English"
    ARABIC = "ar", "العربية"
    PERSIAN = "fa", "فارسی"
    RUSSIAN = "ru", "Русский"


RIGHT_TO_LEFT = frozenset({Language.ARABIC, Language.PERSIAN})


@dataclass(frozen=True)
class Issued:
    """What stands on every document."""

    number: str
    """Of the case."""
    institution: str
    place: str
    on: str
    reference: str
    """Of this document, so that two prints of it can be told apart."""


@dataclass(frozen=True)
class Named:
    """Who the person is. `name` is as given, in its own script; `latin` in Latin letters, empty where the same."""

    name: str
    latin: str = ""
    birth: str = ""
    sex: str = ""
    citizenships: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Kind, country and number of each paper."""


@dataclass(frozen=True)
class Rule:
    """A provision of law: its citation, its sentence, and whether both were compared with the published text."""

    citation: str
    text: str = ""
    is_verified: bool = True


@dataclass(frozen=True)
class Term:
    """A code of a list, said in the words of the layouts; a code that they do not have goes by `label`."""

    code: str
    label: str = ""


@dataclass(frozen=True)
class Part:
    """A stretch of text under its heading: paragraphs, and lists of points."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A text for the person, in one language."""

    title: str
    version: str
    is_verified: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Identification:
    """The identification form: who was heard, when, in which language, with whose help."""

    person: Named
    opened_on: str
    signal: str
    is_child: bool
    interview_on: str
    interview_language: str
    interpreter: str
    guardian: str
    rights_explained: bool
    interviewer: str
    rule: Rule


@dataclass(frozen=True)
class Decision:
    """The decision: what was drafted by one officer and decided by another, on which grounds."""

    person: Named
    outcome: str
    """Code: recognised or not_recognised, which each language has its own sentence for."""
    drafted_on: str
    drafted_by: str
    decided_on: str
    decided_by: str
    elements: tuple[str, ...]
    """Codes of what was found: act, means, purpose."""
    grounds: tuple[str, ...]
    grounds_text: str
    reasons_text: str
    rule: Rule


@dataclass(frozen=True)
class Information:
    """The information sheet. Says nothing of the person: it may lie open on a table."""

    sheet: Sheet


@dataclass(frozen=True)
class Consent:
    """The consent sheet, to be signed: the text, and what the person is asked to allow to whom."""

    person: Named
    sheet: Sheet
    asked: tuple[str, ...] = ()
    """Each as purpose, recipient and categories; empty lines to be filled by hand where nothing was recorded."""
    needs_guardian: bool = False


@dataclass(frozen=True)
class EvaluationReport:
    """The evaluation report: the document behind extending or cancelling a permit and ending support."""

    person: Named
    number: str
    verdict: str
    """Code, which each language has its own sentence for."""
    ground: Term
    period: tuple[str, str]
    """From when the programme ran until when: its end, or the day of the report."""
    reasoning: tuple[str, ...]
    """Paragraphs; in the version of the language that they were written in."""
    author: str
    written_on: str
    approver: str
    approved_on: str
    rule: Rule


@dataclass(frozen=True)
class PermitRequest:
    """The letter to the governorate that asks for a residence permit or its extension."""

    person: Named
    province: str
    is_extension: bool
    starts_on: str
    ends_on: str
    so_far: tuple[tuple[str, str], ...]
    """From when until when, of each permit that the person got before."""
    ground: Term
    officer: str
    rule: Rule
    report: str = ""
    """Number and day of the evaluation report that it rests on."""


@dataclass(frozen=True)
class ReferralLetter:
    """The sealed letter to a receiver without an account: a one-time code, and nobody's name."""

    addressee: str
    purpose: str
    is_urgent: bool
    answer_by: str
    sender: str
    officer: str
    sender_contact: str
    retrieval_code: str
    retrieval_address: str
    code_valid_until: str
    rule: Rule
    """Without a citation where the referral rests on the person's consent."""


@dataclass(frozen=True)
class ReturnAgreement:
    """What the person agreed to for the return, after the time to think it over."""

    person: Named
    country: str
    travel_on: str
    """Empty until the departure is recorded: a line to be filled by hand."""
    informed_on: str
    earliest_on: str
    """The day before which nothing is signed: the end of the time to think it over."""
    receiving: str
    escort: Term
    travel_paper: Term
    followups: str
    """Months after the journey."""
    officer: str
    approver: str
    approved_on: str
    rule: Rule


Content = (
    Identification
    | Decision
    | Information
    | Consent
    | EvaluationReport
    | PermitRequest
    | ReferralLetter
    | ReturnAgreement
)
KIND_OF: dict[type, DocumentKind] = {
    Identification: DocumentKind.IDENTIFICATION,
    Decision: DocumentKind.DECISION,
    Information: DocumentKind.INFORMATION,
    Consent: DocumentKind.CONSENT,
    EvaluationReport: DocumentKind.EVALUATION_REPORT,
    PermitRequest: DocumentKind.PERMIT_REQUEST,
    ReferralLetter: DocumentKind.REFERRAL_LETTER,
    ReturnAgreement: DocumentKind.RETURN_AGREEMENT,
}


@dataclass(frozen=True)
class Version:
    """One language of a document: filled with words of that language."""

    language: Language
    issued: Issued
    content: Content


@dataclass(frozen=True)
class Filled:
    """A document ready to be set: its versions, Turkish first."""

    versions: tuple[Version, ...] = field(default_factory=tuple)

    @property
    def kind(self) -> DocumentKind:
        return KIND_OF[type(self.versions[0].content)]
