"""What the official documents are filled with, in one language at a time; and the documents that were made.

Whatever tells who the person is comes in from the caller, who revealed it for a purpose; nothing here opens the vault.
"""

from babel import Locale
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.assistance import sheets
from kalkan.assistance.lifecycle import documents as lifecycle
from kalkan.assistance.lifecycle.documents import DocumentKind, Issued, Language, Named, Sheet
from kalkan.assistance.models import OfficialDocument
from kalkan.assistance.policy.documents import documents as rows
from kalkan.assistance.selectors.document_words import (
    TRANSLATED,
    NotReady,
    Words,
    country,
    day,
    in_language,
    joined,
    label_of,
    rule_of,
)
from kalkan.assistance.selectors.section import Section
from kalkan.assistance.selectors.support_documents import kinds_of_support
from kalkan.cases.lifecycle import Outcome
from kalkan.cases.models import Case, Decision, Interview
from kalkan.persons.details import PersonDetails
from kalkan.persons.selectors import live_consents
from kalkan.vocabulary import selectors as vocabulary


def documents_of(case: Case, user: User) -> list[OfficialDocument]:
    """The documents of a case that this user sees, newest first."""
    return list(rows.visible(user).filter(case=case).select_related("made_by__institution"))


def documents_section(case: Case, user: User) -> Section:
    """The documents made, and the way to another."""
    return Section(
        "documents",
        _("Official documents"),
        "assistance/hub/documents.html",
        {
            "case": case,
            "documents": documents_of(case, user),
            "can_make": has(user, Permission.DOCUMENTS_MAKE),
            "can_open": has(user, Permission.PERSONS_REVEAL),
        },
    )


def kinds_for(case: Case, user: User) -> list[DocumentKind]:
    """What this user can ask for in this case now. The letter of a referral is made with its code, on its own page."""
    kinds = [DocumentKind.INFORMATION, DocumentKind.CONSENT, DocumentKind.IDENTIFICATION]
    if decision_of(case):
        kinds.append(DocumentKind.DECISION)
    return [*kinds, *kinds_of_support(case, user)]


def decision_of(case: Case) -> Decision | None:
    """The latest decision that recognised or refused."""
    made = case.decisions.filter(outcome__in=(Outcome.RECOGNISED, Outcome.NOT_RECOGNISED))
    return made.select_related("decided_by", "drafted_by", "provision", "grounds", "reasons").order_by("-id").first()


def issued(case: Case, by: User, reference: str, language: Language) -> Issued:
    """What stands on every document."""
    return Issued(
        number=case.number,
        institution=in_language(language, by.institution.__str__),
        place=by.institution.province.name if by.institution.province else "",
        on=day(timezone.localdate()),
        reference=reference,
    )


def named(details: PersonDetails, language: Language, *, latin_only: bool = False) -> Named:
    """Who the person is, in words of `language`; with `latin_only` names in Latin letters where they are known."""
    name = details.names[0] if details.names else None
    given = name.full if name else ""
    latin = name.latin if name else ""
    if latin_only and latin:
        given, latin = latin, ""
    locale = Locale.parse(language)
    papers = tuple(
        joined(label_of("document_kind", paper.kind, language), country(paper.country, locale), paper.number)
        for paper in details.documents
    )
    return Named(
        name=given,
        latin="" if latin == given else latin,
        birth=str(details.birth) if details.birth else "",
        sex=details.sex,
        citizenships=tuple(country(code, locale) for code in details.citizenships),
        documents=papers,
    )


def identification(case: Case, person: Named, language: Language) -> lifecycle.Identification:
    """The identification form, of the latest identification interview, or else of the preliminary one."""
    heard = case.interviews.select_related("by__institution").order_by("kind", "-held_on", "-id").first()
    if heard is None:
        raise NotReady(_("Record an interview first: the form says who was heard, when and in which language."))
    locale = Locale.parse(language)
    return lifecycle.Identification(
        person=person,
        opened_on=day(case.opened_on),
        signal=label_of("signal", case.signal, language),
        is_child=case.is_child,
        interview_on=day(heard.held_on),
        interview_language=locale.languages.get(heard.language, ""),
        interpreter=label_of("interpreter", heard.interpreter, language),
        guardian=label_of("guardian", heard.guardian, language),
        rights_explained=heard.rights_explained,
        interviewer=_officer(heard, language),
        rule=rule_of(vocabulary.provision("offence", on=heard.held_on), language),
    )


def decision(case: Case, person: Named, words: Words, language: Language) -> lifecycle.Decision:
    """The latest decision that recognised or refused."""
    made = decision_of(case)
    if made is None or made.decided_on is None:
        raise NotReady(_("There is no decision yet."))
    found = {"act": made.act_found, "means": made.means_found, "purpose": made.purpose_found}
    return lifecycle.Decision(
        person=person,
        outcome=made.outcome,
        drafted_on=day(made.drafted_on),
        drafted_by=made.drafted_by.full_name,
        decided_on=day(made.decided_on),
        decided_by=made.decided_by.full_name if made.decided_by else "",
        elements=tuple(name for name, is_found in found.items() if is_found),
        grounds=tuple(made.grounds_codes),
        # The officers wrote in their language: only that version carries their words.
        grounds_text=words.grounds if language == Language.TURKISH else "",
        reasons_text=words.reasons if language == Language.TURKISH else "",
        rule=rule_of(made.provision, language),
    )


def information(language: Language) -> lifecycle.Information:
    """The information sheet."""
    return lifecycle.Information(sheet("information", language))


def consent(case: Case, person: Named, language: Language) -> lifecycle.Consent:
    """The consent sheet, with what the person is recorded to allow; empty lines where nothing was recorded."""
    live = live_consents(case.person).select_related("recipient")
    asked = tuple(
        joined(label_of("consent_purpose", one.purpose, language), in_language(language, one.recipient.__str__))
        for one in live
        if language in TRANSLATED
    )
    return lifecycle.Consent(person, sheet("consent", language), asked, needs_guardian=case.is_child)


def sheet(name: str, language: Language) -> Sheet:
    """The text for the person. Raises NotReady where there is none in this language."""
    try:
        return sheets.sheet(name, language).text
    except KeyError as absent:
        message = _("There is no such sheet in %(language)s yet. Choose another language.")
        raise NotReady(message % {"language": Language(language).label}) from absent


def _officer(heard: Interview, language: Language) -> str:
    if heard.by is None:
        return ""
    return f"{heard.by.full_name}, {in_language(language, lambda: str(heard.by.institution))}"  # type: ignore[union-attr]
