"""What the documents of support, permits, referrals and return are filled with, in one language at a time.

Reports, permits and returns are asked for as the officer sees them: whoever does not work with them gets no document.
"""

from datetime import date

from babel import Locale
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import InstitutionKind
from kalkan.assistance.lifecycle import documents as lifecycle
from kalkan.assistance.lifecycle.documents import DocumentKind, Issued, Language, Named, Rule, Term
from kalkan.assistance.lifecycle.permit_moves import State
from kalkan.assistance.lifecycle.permits import EXTENSION
from kalkan.assistance.lifecycle.programmes import ReportState
from kalkan.assistance.lifecycle.returns import FOLLOW_UP_MONTHS, Stage
from kalkan.assistance.models import EvaluationReport, Permit, Referral, ReturnPlan
from kalkan.assistance.policy.permits import permits
from kalkan.assistance.policy.programmes import reports
from kalkan.assistance.policy.returns import returns
from kalkan.assistance.selectors.document_words import NotReady, Words, country, day, in_language, label_of, rule_of
from kalkan.assistance.selectors.permits import days_of, report_to_extend
from kalkan.assistance.selectors.referrals import ReferralLetter
from kalkan.cases.models import Case

ASKED_OR_GRANTED = (State.REQUESTED, State.GRANTED)
GIVEN_UP = (Stage.DECLINED, Stage.WITHDRAWN)


def kinds_of_support(case: Case, user: User) -> list[DocumentKind]:
    """The documents of which this user sees the rows in this case. Three queries at most."""
    rows = {
        DocumentKind.EVALUATION_REPORT: _reports(case, user),
        DocumentKind.PERMIT_REQUEST: _permits(case, user),
        DocumentKind.RETURN_AGREEMENT: _returns(case, user),
    }
    return [kind for kind, found in rows.items() if found.exists()]


def report_of(case: Case, user: User) -> EvaluationReport:
    """The latest approved report of the case. Raises NotReady where none is."""
    found = _reports(case, user).filter(state=ReportState.APPROVED).first()
    if found is None:
        raise NotReady(_("No evaluation report is approved yet: another officer approves it first."))
    return found


def permit_of(case: Case, user: User) -> Permit:
    """The latest permit asked for or granted. Raises NotReady where there is none."""
    found = _permits(case, user).first()
    if found is None:
        raise NotReady(_("No residence permit was asked for: ask for it first."))
    return found


def return_of(case: Case, user: User) -> ReturnPlan:
    """The latest return that goes on. Raises NotReady until it was thought over and approved."""
    found = _returns(case, user).first()
    if found is None or found.approved_on is None:
        raise NotReady(
            _("The return is not approved yet: the person thinks it over, then another officer approves it.")
        )
    return found


def evaluation_report(
    case: Case, by: User, person: Named, words: Words, language: Language
) -> lifecycle.EvaluationReport:
    """The latest approved evaluation report."""
    report = report_of(case, by)
    ended = report.programme.ended_on if report.programme.ended_by_id == report.pk else None
    paragraphs = tuple(part.strip() for part in words.reasoning.splitlines() if part.strip())
    return lifecycle.EvaluationReport(
        person=person,
        number=_number(report),
        verdict=report.verdict,
        ground=_term("evaluation_ground", report.ground, language),
        period=_days(report.programme.begun_on, ended or report.written_on),
        # The officer wrote in Turkish: only that version carries these words.
        reasoning=paragraphs if language == Language.TURKISH else (),
        author=report.recorded_by.full_name,
        written_on=day(report.written_on),
        approver=report.answered_by.full_name if report.answered_by else "",
        approved_on=day(report.answered_on) if report.answered_on else "",
        rule=rule_of(report.provision, language),
    )


def permit_request(case: Case, by: User, person: Named, language: Language) -> lifecycle.PermitRequest:
    """The latest permit that was asked for or granted, with what was granted before it."""
    permit = permit_of(case, by)
    province = case.institution.province or by.institution.province
    if province is None:
        raise NotReady(_("The case is with no province, so there is no governorate to ask."))
    is_extension = permit.kind == EXTENSION
    granted = days_of(case.person).granted
    behind = permit.report or report_to_extend(case, granted, permit.starts_on)
    before = (period for period in granted if period.starts_on < permit.starts_on)
    return lifecycle.PermitRequest(
        person=person,
        province=province.name,
        is_extension=is_extension,
        starts_on=day(permit.starts_on),
        ends_on=day(permit.ends_on),
        so_far=tuple(_days(period.starts_on, period.until) for period in before),
        ground=_term("permit_ground", permit.ground, language),
        officer=permit.requested_by.full_name,
        rule=rule_of(permit.provision, language),
        report=f"{_number(behind)} · {day(behind.written_on)}" if is_extension and behind else "",
    )


def return_agreement(
    case: Case, by: User, person: Named, words: Words, language: Language
) -> lifecycle.ReturnAgreement:
    """The return as it was decided, arranged and approved."""
    plan = return_of(case, by)
    receiver = plan.receiver
    return lifecycle.ReturnAgreement(
        person=person,
        country=country(plan.destination, Locale.parse(language)),
        travel_on=day(plan.departed_on) if plan.departed_on else "",
        informed_on=day(plan.decided_on) if plan.decided_on else "",
        earliest_on=day(plan.cooling_off_until) if plan.cooling_off_until else "",
        receiving=in_language(language, receiver.__str__) if receiver else words.receiver,
        escort=_term("return_escort", plan.escort, language),
        travel_paper=_term("return_papers", plan.papers, language),
        followups=", ".join(str(months) for months in FOLLOW_UP_MONTHS),
        officer=plan.decision_recorded_by.full_name if plan.decision_recorded_by else "",
        approver=plan.approved_by.full_name if plan.approved_by else "",
        approved_on=day(plan.approved_on) if plan.approved_on else "",
        rule=rule_of(plan.provision, language),
    )


def referral_issued(referral: Referral, reference: str, language: Language) -> Issued:
    """What stands on every page of the letter: the number of the referral, never that of the case."""
    sender = referral.sender
    return Issued(
        number=referral.number,
        institution=in_language(language, sender.__str__),
        place=sender.province.name if sender.province else "",
        on=day(timezone.localdate()),
        reference=reference,
    )


def referral_letter(
    referral: Referral, letter: ReferralLetter, by: User, language: Language
) -> lifecycle.ReferralLetter:
    """The letter that was just made, with its code."""
    is_shelter = referral.sender.kind == InstitutionKind.SHELTER
    return lifecycle.ReferralLetter(
        addressee=in_language(language, referral.receiver.__str__),
        purpose=label_of("consent_purpose", referral.purpose, language),
        is_urgent=referral.is_urgent,
        answer_by=f"{timezone.localtime(letter.answer_due_at):%d.%m.%Y %H:%M}" if letter.answer_due_at else "",
        sender=in_language(language, referral.sender.__str__),
        officer=by.full_name,
        sender_contact="" if is_shelter else by.email,  # an address may lead to the house
        retrieval_code=letter.code,
        retrieval_address=letter.retrieval_url,
        code_valid_until=day(timezone.localdate(letter.code_expires_at)),
        rule=rule_of(referral.provision, language) if referral.provision else Rule(""),
    )


def _reports(case: Case, user: User) -> QuerySet[EvaluationReport]:
    people = ("recorded_by", "answered_by", "programme", "provision", "reasoning")
    return reports.visible(user).filter(programme__case=case).select_related(*people).order_by("-id")


def _permits(case: Case, user: User) -> QuerySet[Permit]:
    found = permits.visible(user).filter(case=case, state__in=ASKED_OR_GRANTED)
    return found.select_related("requested_by", "provision", "report").order_by("-id")


def _returns(case: Case, user: User) -> QuerySet[ReturnPlan]:
    found = returns.visible(user).filter(case=case).exclude(stage__in=GIVEN_UP)
    people = ("decision_recorded_by", "approved_by", "receiver", "receiver_words", "provision")
    return found.select_related(*people).order_by("-id")


def _number(report: EvaluationReport) -> str:
    return report.reference.hex[:8].upper()


def _days(starts_on: date, until: date) -> tuple[str, str]:
    return day(starts_on), day(until)


def _term(code_list: str, code: str, language: Language) -> Term:
    return Term(code, label_of(code_list, code, language))
