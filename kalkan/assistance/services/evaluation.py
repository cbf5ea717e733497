"""The evaluation report: written by one officer, answered by another. Nothing else ends a support programme."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.assistance.lifecycle.duties import OWED, TO_SETTLE
from kalkan.assistance.lifecycle.programmes import REPORTS, ReportState, Verdict, check, check_ground, refusal
from kalkan.assistance.models import EvaluationReport, Promise
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.services.programmes import check_within, running, seal
from kalkan.assistance.services.promises import drop, end_of, keep, promise
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.services.steps import check_codes
from kalkan.vocabulary import calendar
from kalkan.vocabulary import selectors as vocabulary


@transaction.atomic
def write_report(
    reference: UUID,
    *,
    by: User,
    on: date,
    ground: str,
    verdict: str,
    reasoning: str,
    under_force: bool | None = None,
    request_key: UUID | None = None,
) -> EvaluationReport:
    """Write the report on a programme; another officer answers it within the term.

    `under_force` is asked where the law knows the exception: yes makes the ground impossible (Law 6458 art. 49).
    """
    programme = running(reference, by)
    made = concurrency.already_made(EvaluationReport.objects.filter(recorded_by=by), request_key)
    if made is not None:
        return made
    check_within("evaluate", programme, on)
    check_codes("evaluate", "evaluation_ground", [ground])
    found = check_ground(ground, verdict, under_force=under_force)
    if not reasoning.strip():
        raise refusal("evaluate", "reason")
    if programme.evaluationreport_set.filter(state=ReportState.WRITTEN).exists():
        raise refusal("evaluate", "one_report")

    report = EvaluationReport.objects.create(
        programme=programme, ground=ground, provision=vocabulary.provision(found.provision, on=on),
        under_force=under_force if found.asks_force else None, verdict=verdict,
        reasoning=seal(programme, "evaluation", reasoning, by), written_on=on, recorded_by=by, request_key=request_key,
    )  # fmt: skip
    term = vocabulary.provision("evaluation_answer", on=on)
    promise(
        programme.case, "evaluation_report", subject=report.reference, institution=programme.institution,
        due_at=end_of(calendar.due_on(term, on)), provision=term,
    )  # fmt: skip
    facts = {"report": str(report.reference), "ground": ground, "verdict": verdict}
    record(Event.EVALUATION_WRITTEN, programme.case, programme.case.person, by=by, facts=facts)
    return report


@transaction.atomic
def answer_report(
    reference: UUID, *, by: User, move: str, version: int, on: date | None = None, remark: str = ""
) -> EvaluationReport:
    """Approve a report that another wrote, or return it with a reason. Approved, one that ends the programme ends it.

    Nothing is owed in an ended programme any more: its reviews and goals are dropped.
    """
    report = policy.reports.fetch(by, lock=True, reference=reference)
    found = REPORTS[move]
    policy.require(by, found.permission)
    facts = {"another_hand": report.recorded_by_id != by.pk, "reason": remark.strip()}
    check(REPORTS, move, state=report.state, facts=facts)
    concurrency.claim(report, version)
    programme = policy.programmes.fetch(by, lock=True, pk=report.programme_id)
    day = on or timezone.localdate()
    check_within(move, programme, day)
    if day < report.written_on:
        raise refusal(move, "order")

    report.state, report.answered_by, report.answered_on = found.target, by, day
    if remark.strip():
        report.remark = seal(programme, "evaluation", remark, by)
    report.save()
    keep(report.reference, "evaluation_report")
    told = {"report": str(report.reference), "state": str(report.state), "verdict": str(report.verdict)}
    record(Event.EVALUATION_ANSWERED, programme.case, programme.case.person, by=by, facts=told)
    if report.state == ReportState.APPROVED and report.verdict == Verdict.END:
        programme.ended_on, programme.ended_by = day, report
        programme.version += 1
        programme.save()
        drop(programme.reference)
        for subject in _owed_in(programme.pk):
            drop(subject)
        facts_of_end = {"programme": str(programme.reference), "report": str(report.reference)}
        record(Event.PROGRAMME_ENDED, programme.case, programme.case.person, by=by, facts=facts_of_end)
    return report


def _owed_in(programme: int) -> list[UUID]:
    """What the goals and conferences of a programme still owe."""
    mine = Promise.objects.filter(kept_at=None, dropped_at=None, kind__in=[*OWED, TO_SETTLE])
    return list(mine.filter(case__programmes=programme).values_list("subject", flat=True))
