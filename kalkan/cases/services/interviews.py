"""Interviews, and the hand-over from the frontline to the migration authority."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access import policy as access_policy
from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy
from kalkan.cases.lifecycle import WHY_NOT, NotPossible, Stage
from kalkan.cases.models import Case, Interview
from kalkan.cases.services.screening import follow_childhood
from kalkan.cases.services.steps import check_codes, check_day, check_province, follow_terms, move_case, take
from kalkan.persons import services as persons

_STAGE = {
    Interview.Kind.PRELIMINARY: (Stage.PRELIMINARY, Permission.CASES_SCREEN),
    Interview.Kind.IDENTIFICATION: (Stage.IDENTIFICATION, Permission.CASES_IDENTIFY),
}


@transaction.atomic
def record_interview(
    reference: UUID,
    *,
    by: User,
    kind: str,
    held_on: date,
    language: str = "",
    interpreter: str = "",
    guardian: str = "",
    rights_explained: bool,
    narrative: str,
    request_key: UUID | None = None,
) -> Interview:
    """Record an interview at its stage. What the person said is sealed under the person's key.

    The identification interview is the migration authority's; a child's interview says who represented the child.
    """
    made = concurrency.already_made(Interview.objects.filter(by=by), request_key)
    if made is not None:
        return made
    case = policy.cases.fetch(by, lock=True, reference=reference)
    stage, permission = _STAGE[Interview.Kind(kind)]
    policy.require(by, permission)
    act = "record_interview"
    if case.stage != stage:
        message = _("This interview is recorded while the case is at “%(stage)s”.")
        raise NotPossible(act, message % {"stage": stage.label})
    if kind == Interview.Kind.IDENTIFICATION and not policy.is_of_the_authority(by):
        raise NotPossible(act, WHY_NOT["migration_authority"], missing="migration_authority")
    follow_childhood(case)
    if case.is_child and not guardian:
        raise NotPossible(act, _("Say who represented the child."), missing="guardian")
    for code_list, code in (("language", language), ("interpreter", interpreter), ("guardian", guardian)):
        if code:
            check_codes(act, code_list, [code])
    check_day(case, act, held_on)

    text = narrative.strip()
    interview = Interview.objects.create(
        case=case,
        kind=kind,
        held_on=held_on,
        language=language,
        interpreter=interpreter,
        guardian=guardian,
        rights_explained=rights_explained,
        narrative=persons.seal_text(case.person, f"{kind}_interview", text, by=by) if text else None,
        by=by,
        request_key=request_key,
    )
    follow_terms(case, held_on)
    case.save(update_fields=["next_due_on"])
    record(Event.INTERVIEW_RECORDED, case, case.person, by=by, facts={"kind": str(kind)})
    return interview


@transaction.atomic
def refer_for_identification(reference: UUID, *, by: User, on: date, province: str | None = None) -> Case:
    """Hand the case to the migration authority of its province, which from now on sees case and person."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_REFER)
    check_province("refer", province)
    case.province_id = province or case.province_id
    facts = {
        "preliminary_interview": case.interviews.filter(kind=Interview.Kind.PRELIMINARY).exists(),
        "province": case.province_id,
    }

    case.is_with_authority = True
    case.assigned_to = None
    move_case(case, "refer", by=by, on=on, facts=facts)
    persons.hold_person(case.person, institution=directorate(case, by=by), province=case.province, by=by)
    return case


def directorate(case: Case, *, by: User) -> Institution:
    """The migration authority that receives a case: the directorate of its province, or else the centre.

    Raises NotPossible where neither is in the list of institutions.
    """
    bodies = access_policy.institutions.visible(by)
    found = (
        bodies.filter(kind=InstitutionKind.MIGRATION_PROVINCE, province=case.province_id).first()
        or bodies.filter(kind=InstitutionKind.MIGRATION_CENTRE).first()
    )
    if found is None:
        raise NotPossible("refer", _("No directorate of the migration authority is in the list of institutions."))
    return found


@transaction.atomic
def begin_identification(reference: UUID, *, by: User, on: date) -> Case:
    """Take up a referred case."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_IDENTIFY)
    take(case, by=by, permission=Permission.CASES_IDENTIFY)
    move_case(
        case, "begin_identification", by=by, on=on, facts={"migration_authority": policy.is_of_the_authority(by)}
    )
    return case
