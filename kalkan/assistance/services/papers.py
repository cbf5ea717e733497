"""Checking a travel document, sending a doubtful one to the police's document expert, and the expert's finding."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import papers as lifecycle
from kalkan.assistance.lifecycle.mrz import NotAZone, Zone
from kalkan.assistance.lifecycle.papers import EXAMINATION, State, Verdict
from kalkan.assistance.models import PaperCheck
from kalkan.assistance.policy import papers as policy
from kalkan.assistance.selectors.papers import read_zone
from kalkan.assistance.services.promises import end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle as cases_lifecycle
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def check_paper(
    reference: UUID,
    *,
    by: User,
    kind: str,
    country: str = "",
    status: str = "",
    zone: str = "",
    alterations: Iterable[str] = (),
    verdict: str,
    expert: Institution | None = None,
    request_key: UUID | None = None,
) -> PaperCheck:
    """Record the check of one document of a case; in doubt it goes to the police unit `expert`, which owes a finding.

    `zone` is the machine-readable zone as typed or read, empty for a document without one. What it says is sealed;
    the findings are kept as codes. Raises NotPossible for a zone that cannot be read, with the line to mend.
    """
    made = concurrency.already_made(PaperCheck.objects.filter(checked_by=by), request_key)
    if made is not None:
        return made
    case = cases.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PAPERS_CHECK)
    if case.stage not in cases_lifecycle.OPEN:
        raise NotPossible("check_paper", _("The case is closed. Nothing in it can be changed."))
    seen = list(dict.fromkeys(alterations))
    for code_list, codes in (
        ("document_kind", [kind]),
        ("country", [country] if country else []),
        ("document_status", [status] if status else []),
        ("alteration", seen),
    ):
        _check_codes(code_list, codes)
    found = _zone(zone)
    in_doubt = verdict == Verdict.DOUBT
    is_expert = expert is not None and expert.is_active and expert.kind == InstitutionKind.POLICE
    facts = {
        "right_digits": found is None or not found.doubtful,
        "no_alteration": not seen,
        "expert": is_expert,
    }
    lifecycle.check("doubt" if in_doubt else "clear", state=State.NEW, facts=facts)

    paper = PaperCheck.objects.create(
        case=case,
        kind=kind,
        country=country,
        status=status,
        zone=persons.seal_text(case.person, "document_zone", "\n".join(found.lines), by=by) if found else None,
        result=found.codes if found else {},
        alterations=seen,
        verdict=Verdict(verdict),
        checked_by=by,
        sent_to=expert if in_doubt else None,
        request_key=request_key,
    )
    if in_doubt and expert is not None:
        rule = vocabulary.provision(EXAMINATION, on=timezone.localdate())
        due = end_of(calendar.due_on(rule, timezone.localdate()))
        promise(case, EXAMINATION, subject=paper.reference, institution=expert, due_at=due, provision=rule)
    event_facts = {"paper": str(paper.reference), "verdict": paper.verdict, "alterations": seen}
    record(Event.PAPER_CHECKED, case, case.person, by=by, facts=event_facts)
    return paper


@transaction.atomic
def examine_paper(reference: UUID, *, by: User, finding: str, note: str, version: int) -> PaperCheck:
    """Record what the expert of the unit found, with a sealed note. Raises Changed if a colleague was faster."""
    paper = policy.sent.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.PAPERS_EXAMINE)
    concurrency.claim(paper, version)
    facts = {"finding": finding, "other_hand": paper.checked_by_id != by.pk}
    lifecycle.check("find", state=paper.state, facts=facts)
    _check_codes("paper_finding", [finding])

    # The expert sees neither person nor case; the note is sealed under the person's key, and the promise is kept.
    with beyond_reach(Task.RECEIVING):
        case = Case.objects.select_related("person").get(pk=paper.case_id)
        if note.strip():
            paper.note = persons.enter_text(case.person, "document_examination", note.strip(), by=by)
        paper.finding, paper.found_by, paper.found_at = finding, by, timezone.now()
        keep(paper.reference, EXAMINATION)
        paper.save()
    record(Event.PAPER_EXAMINED, case, case.person, by=by, facts={"paper": str(paper.reference), "finding": finding})
    return paper


def _zone(typed: str) -> Zone | None:
    if not typed.strip():
        return None
    try:
        return read_zone(typed)
    except NotAZone as wrong:
        raise NotPossible("check_paper", str(wrong), missing="zone") from wrong


def _check_codes(code_list: str, codes: list[str]) -> None:
    for code in codes:
        if not vocabulary.is_known(code_list, code):
            raise NotPossible("check_paper", _("Choose an answer of the list."), missing=code_list)
