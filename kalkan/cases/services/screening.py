"""Holding a screening: start, answer page by page, conclude."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import assessment, lifecycle, policy
from kalkan.cases.assessment import CHILD_PROFILES, SEEN
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Answer, Case, Said, Screening
from kalkan.cases.selectors.questions import assess_screening, danger_codes, question_codes
from kalkan.cases.services.steps import check_codes, check_day, move_case, take
from kalkan.persons import services as persons
from kalkan.vocabulary.models import Profile

_AS_CHILD = {Profile.ADULT_LABOUR: Profile.CHILD_LABOUR, Profile.ADULT_SEXUAL: Profile.CHILD_SEXUAL}


@transaction.atomic
def start_screening(reference: UUID, *, by: User, profile: str, held_on: date, place: str = "") -> Screening:
    """Start a screening, or go on with the one that runs, under `profile`.

    A child is screened as a child whatever profile was chosen, and choosing a child's profile presumes a child.
    """
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_SCREEN)
    if case.stage != Stage.SCREENING:
        raise NotPossible("start_screening", _("The screening of this case is over."))
    if profile not in Profile.values:
        raise NotPossible("start_screening", _("Choose from the list."), missing="profile")
    if place:
        check_codes("start_screening", "screening_place", [place])
    check_day(case, "start_screening", held_on)

    if profile in CHILD_PROFILES and not case.is_child:
        case.is_child = True
        case.save(update_fields=["is_child"])
    follow_childhood(case)
    if case.is_child:
        profile = _AS_CHILD.get(Profile(profile), Profile(profile))
    screening, is_new = Screening.objects.get_or_create(
        case=case, conclusion="", defaults={"profile": profile, "held_on": held_on, "held_at_place": place}
    )
    if not is_new:
        screening.profile, screening.held_on, screening.held_at_place = profile, held_on, place
        screening.version += 1
        screening.save()
    record(Event.SCREENING_ANSWERED, case, case.person, by=by, facts={"profile": str(profile)})
    return screening


@transaction.atomic
def answer_questions(
    screening_reference: UUID, answers: Mapping[str, str], *, by: User, version: int | None = None
) -> Screening:
    """Save the answers of one page. An immediate danger makes the case urgent.

    With the `version` at which the page was shown, raises Changed if somebody else has since given another answer
    to one of these questions; the same answers sent twice change nothing.
    """
    screening = _fetch(screening_reference, by)
    case = screening.case
    follow_childhood(case)
    screening.refresh_from_db(fields=["profile"])
    known = question_codes(screening.profile, screening.held_on)
    if not set(answers) <= known or not set(answers.values()) <= set(Said.values):
        raise NotPossible("answer", _("Choose from the list."), missing="answers")
    stored = {answer.question: answer for answer in screening.answers.all()}
    changed = {code: said for code, said in answers.items() if code not in stored or stored[code].said != said}
    if version is not None and any(stored[code].version > version for code in changed if code in stored):
        raise concurrency.Changed(screening)
    if not changed:
        return screening

    screening.version += 1
    screening.save(update_fields=["version"])
    Answer.objects.bulk_create(
        [
            Answer(screening=screening, question=code, said=said, by=by, version=screening.version)
            for code, said in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["screening", "question"],
        update_fields=["said", "by", "at", "version"],
    )
    if not case.is_urgent and any(said in SEEN for code, said in changed.items() if code in danger_codes()):
        case.is_urgent = True
        case.version += 1
        case.save(update_fields=["is_urgent", "version"])
    record(Event.SCREENING_ANSWERED, case, case.person, by=by, facts={"questions": sorted(changed)})
    return screening


@transaction.atomic
def conclude_screening(
    screening_reference: UUID, *, by: User, conclusion: str, dissent: str = "", on: date
) -> Screening:
    """Conclude as the officer sees fit. Going another way than the signs needs words, which are sealed.

    With signs the case goes on to the preliminary interview; without, it waits to be closed or screened again.
    """
    screening = _fetch(screening_reference, by)
    case = screening.case
    act = "conclude_screening"
    if conclusion not in Screening.Conclusion.values:
        raise NotPossible(act, _("Say what you conclude."), missing="conclusion")
    if case.stage != Stage.SCREENING:
        raise NotPossible(act, _("The screening of this case is over."))
    follow_childhood(case)
    screening.refresh_from_db(fields=["profile"])
    found = assess_screening(screening)
    if not found.answered:
        raise NotPossible(act, _("Answer at least one question about signs before concluding."), missing="answers")
    is_departing = assessment.departs(found.advice, conclusion)
    if is_departing and not dissent.strip():
        raise NotPossible(act, _("Say why you conclude otherwise than the signs."), missing="dissent")
    check_day(case, act, on)

    screening.advice, screening.conclusion = found.advice, conclusion
    screening.concluded_by, screening.concluded_on, screening.concluded_at = by, on, timezone.now()
    if dissent.strip():
        screening.dissent = persons.seal_text(case.person, "screening_dissent", dissent.strip(), by=by)
    screening.version += 1
    screening.save()
    facts = {"conclusion": conclusion, "advice": str(found.advice), "departs": is_departing}
    record(Event.SCREENING_CONCLUDED, case, case.person, by=by, facts=facts)
    if conclusion == Screening.Conclusion.SIGNS:
        take(case, by=by, permission=Permission.CASES_SCREEN)
        move_case(case, act, by=by, on=on, facts={"signs": "yes", "screening": str(screening.reference)})
    return screening


def follow_childhood(case: Case) -> None:
    """Where the person is, or is presumed to be, a child, the case and its running screening follow."""
    if case.person.is_child and not case.is_child:
        case.is_child = True
        case.save(update_fields=["is_child"])
    if case.is_child and case.stage in lifecycle.WITH_FRONTLINE:
        for adult, child in _AS_CHILD.items():
            case.screenings.filter(conclusion="", profile=adult).update(profile=child)


def _fetch(reference: UUID, by: User) -> Screening:
    """A running screening with its case, both locked, the case first as everywhere."""
    seen = policy.screenings.fetch(by, reference=reference)
    case = policy.cases.fetch(by, lock=True, pk=seen.case_id)
    policy.require(by, Permission.CASES_SCREEN)
    screening = policy.screenings.fetch(by, lock=True, reference=reference)
    screening.case = case
    if screening.conclusion:
        raise NotPossible("answer", _("This screening is concluded. Its answers stay as they are."))
    return screening
