"""Support programmes as they stand: whether one runs, which consent holds, and what its page shows."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance import sheets
from kalkan.assistance.lifecycle.programmes import WHY_NOT, CareKind, NeedLevel
from kalkan.assistance.models import CareNote, InformationGiven, NeedScore, Programme, Promise, ServiceDelivered
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.policy.promises import promises
from kalkan.assistance.selectors.duties import asked
from kalkan.assistance.selectors.section import Section
from kalkan.cases.lifecycle import SUPPORT_PURPOSES, Stage
from kalkan.cases.models import Case
from kalkan.persons.models import Consent, Person
from kalkan.vocabulary import selectors as vocabulary


def is_in_programme(subject: Case | Person) -> bool:
    """True while a support programme of this case, or of any case of this person, runs.

    Asks the rows that the database shows: whoever must know beyond the reach of an officer asks inside
    `beyond_reach(Task.GATE)`.
    """
    of = {"case": subject} if isinstance(subject, Case) else {"case__person": subject}
    return Programme.objects.filter(ended_on=None, **of).exists()


def running_programme(case: Case) -> str:
    """Why the case cannot be closed: its programme still runs. Nothing where none does."""
    return str(WHY_NOT["closing"]) if is_in_programme(case) else ""


def support_consent(person: Person, *, on: date) -> Consent | None:
    """The consent to support that held on that day: given, not ended, not withdrawn by then. The latest first."""
    held = Q(expires_on=None) | Q(expires_on__gte=on)
    not_withdrawn = Q(withdrawn_at=None) | Q(withdrawn_at__date__gt=on)
    rows = Consent.objects.filter(held, not_withdrawn, person=person, given_on__lte=on)
    return rows.filter(purpose__in=sorted(SUPPORT_PURPOSES)).first()


def levels_of(case: Case, areas: Iterable[str], user: User) -> dict[str, int]:
    """Area of life → how much help it needed when it was last asked about, for areas that were."""
    scores = policy.scores.visible(user).filter(assessment__programme__case=case, area__in=list(areas))
    scores = scores.order_by("assessment__assessed_on", "assessment_id")
    return dict(scores.values_list("area", "level"))


def companions_of(case: Case, user: User) -> list[dict[str, str]]:
    """Who came along and is still there, in codes: relation, sex and age band, never a name or a case."""
    there = policy.companions.visible(user).filter(programme__case=case, until=None).order_by("pk")
    return [{"relation": one.relation, "sex": one.sex, "age_band": one.age_band} for one in there]


def programmes_of(case: Case, user: User) -> list[Programme]:
    """The programmes of a case that exist for the user, the running one first."""
    rows = policy.programmes.visible(user).filter(case=case).select_related("officer", "institution")
    return sorted(rows, key=lambda one: one.ended_on is not None)


def delivered(user: User, programme: UUID | None = None) -> QuerySet[ServiceDelivered]:
    """The services delivered that exist for the user, in one programme or in all, the last begun first."""
    rows = policy.services.own(user).select_related("institution").order_by("-began_on", "-pk")
    return rows if programme is None else rows.filter(programme__reference=programme)


class NeedRow(NamedTuple):
    """One area of life over time: the level in each assessment (None: not asked), and where it went."""

    area: str
    levels: list[int | None]

    @property
    def change(self) -> int | None:
        """The last level less the first: below zero is better. None with fewer than two levels."""
        known = [level for level in self.levels if level is not None]
        return known[-1] - known[0] if len(known) > 1 else None


def needs_over_time(days: Iterable[int], scores: Iterable[NeedScore]) -> list[NeedRow]:
    """A row for each area that was ever asked, in the order of the list; a level for each assessment in `days`."""
    found = {(score.area, score.assessment_id): score.level for score in scores}
    asked = {area for area, _assessment in found}
    keys = list(days)
    return [
        NeedRow(code.code, [found.get((code.code, key)) for key in keys])
        for code in vocabulary.codes("need_area", retired=True)
        if code.code in asked
    ]


def programme_page(programme: Programme, user: User) -> dict[str, Any]:
    """Everything on the page of a programme, in a fixed number of queries."""
    of = {"programme": programme}
    assessments = list(policy.assessments.visible(user).filter(**of).select_related("note", "recorded_by"))[-6:]
    keys = [one.pk for one in assessments]
    scores = policy.scores.visible(user).filter(assessment__in=keys)
    conferences = policy.conferences.visible(user).filter(**of).select_related("note")
    return {
        "assessments": assessments,
        "needs": needs_over_time(keys, scores),
        "goals": list(
            policy.goals.visible(user)
            .filter(**of)
            .select_related("institution__province", "owner", "wording", "reason")
            .prefetch_related(asked(user))
        ),
        "services": list(policy.services.visible(user).filter(**of).select_related("institution__province")),
        "reviews": list(policy.reviews.visible(user).filter(**of).select_related("note", "recorded_by")),
        "reports": list(
            policy.reports.visible(user)
            .filter(**of)
            .select_related("provision", "reasoning", "remark", "recorded_by", "answered_by")
        ),
        "notes": list(policy.care_notes.visible(user).filter(**of).select_related("recorded_by")),
        "companions": list(policy.companions.visible(user).filter(**of).select_related("case")),
        "bookings": list(policy.bookings.visible(user).filter(**of).select_related("interpreter")),
        "legal_aid": list(
            policy.legal_aid.visible(user).filter(**of).select_related("bar", "lawyer").prefetch_related("steps")
        ),
        "compensations": list(policy.compensations.visible(user).filter(**of).select_related("court")),
        "cash": list(policy.cash.visible(user).filter(**of).select_related("conditions")),
        "conferences": list(
            conferences.prefetch_related(
                "seats__institution__province",
                "decisions__institution__province",
                "decisions__wording",
                asked(user, "decisions__"),
            )
        ),
        "next_review": promises.visible(user)
        .filter(subject=programme.reference, kind="programme_review", kept_at=None, dropped_at=None)
        .first(),
        "consent": support_consent(programme.case.person, on=timezone.localdate()),
        "levels": NeedLevel.choices,
        "may_work": programme.ended_on is None and Permission.PROGRAMME_WORK in user.permissions,
        "may_answer": Permission.PROGRAMME_APPROVE in user.permissions,
        "may_care": programme.ended_on is None and Permission.CARE_VIEW in user.permissions,
        "may_reveal": Permission.PERSONS_REVEAL in user.permissions,
    }


def promise_of_review(programme: Programme) -> Promise | None:
    """The review that is owed."""
    open_ones = Promise.objects.filter(subject=programme.reference, kept_at=None, dropped_at=None)
    return open_ones.filter(kind="programme_review").first()


def information_given(case: Case, user: User) -> list[InformationGiven]:
    """What was explained to the person, the latest first."""
    return list(policy.information.visible(user).filter(case=case).select_related("recorded_by"))


def language_of(person: Person) -> str:
    """The person's first language in which there are sheets; Turkish where there is none."""
    known = {language for _name, language in sheets.sheets()}
    return next((one for one in person.languages if one in known), "tr")


def care_kind(note: CareNote) -> str:
    """What sort of note it is, in words."""
    return str(CareKind(note.kind).label)


def programme_section(case: Case, user: User) -> Section | None:
    """The part of the page of support on the programme, for whoever may see one, and on what was explained."""
    reads = policy.reads_programmes(user)
    found = programmes_of(case, user) if reads else []
    context = {
        "case": case,
        "reads": reads,
        "programmes": found,
        "information": information_given(case, user),
        "may_begin": case.stage == Stage.PROTECTION
        and Permission.PROGRAMME_WORK in user.permissions
        and all(one.ended_on for one in found),
        "may_inform": Permission.CONSENT_RECORD in user.permissions and case.stage != Stage.CLOSED,
        "language": language_of(case.person),
    }
    return Section("programme", _("Support programme"), "assistance/hub/programme.html", context)
