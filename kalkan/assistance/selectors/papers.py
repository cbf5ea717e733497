"""Looking at checked travel documents, and at what the zone of one says."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import has
from kalkan.access.roles import Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.lifecycle import mrz
from kalkan.assistance.lifecycle.papers import EXAMINATION, KEPT_FROM_OWNER, SIGNS_OF_KEEPING
from kalkan.assistance.models import PaperCheck, Promise
from kalkan.assistance.policy import papers as policy
from kalkan.assistance.selectors.section import Section
from kalkan.cases import policy as cases
from kalkan.cases.lifecycle import OPEN
from kalkan.cases.models import Answer, Case
from kalkan.cases.selectors import screening_pages
from kalkan.vocabulary import selectors as vocabulary


class Waiting(NamedTuple):
    """A document that was sent to a unit, and until when its finding is owed."""

    paper: PaperCheck
    due_at: datetime | None


def read_zone(typed: str) -> mrz.Zone:
    """The zone field by field, as of today. Raises NotAZone."""
    return mrz.read(typed, countries=_Countries(), today=timezone.localdate())


def papers_of(case: Case) -> list[PaperCheck]:
    """The checked documents of a case that the caller has fetched, newest first."""
    return list(case.paper_checks.select_related("checked_by__institution", "sent_to").order_by("-id"))


def waiting(user: User) -> list[Waiting]:
    """What the user's unit still owes a finding on, the one due first on top."""
    rows = list(policy.sent.visible(user).filter(found_at=None).select_related("checked_by__institution"))
    with beyond_reach(Task.RECEIVING):
        due = dict(
            Promise.objects.filter(kind=EXAMINATION, subject__in=[row.reference for row in rows], kept_at=None)
            .filter(dropped_at=None)
            .values_list("subject", "due_at")
        )
    return sorted(
        (Waiting(row, due.get(row.reference)) for row in rows), key=lambda one: (str(one.due_at), one.paper.pk)
    )


def examined(user: User, *, limit: int = 20) -> list[PaperCheck]:
    """What the user's unit has examined, newest first."""
    return list(policy.sent.visible(user).filter(found_at__isnull=False).order_by("-found_at", "-id")[:limit])


def experts_for(case: Case) -> list[Institution]:
    """The police units that may be asked: those of the case's province; of the whole country where it has none."""
    police = Institution.objects.filter(kind=InstitutionKind.POLICE, is_active=True).order_by("code")
    nearby = police.filter(province=case.province_id) if case.province_id else police
    return list(nearby) or list(police)


def question_to_answer(case: Case, user: User) -> str:
    """The address where a running screening asks whether papers are kept, while one is known and that is not answered.

    Empty where nothing is to be answered, or the user may not.
    """
    if not has(user, Permission.CASES_SCREEN) or not cases.cases.own(user).filter(pk=case.pk).exists():
        return ""
    answered = Answer.objects.filter(
        screening=OuterRef("pk"), question__in=SIGNS_OF_KEEPING, said__in=("yes", "observed")
    )
    is_kept = PaperCheck.objects.filter(case=case, status__in=KEPT_FROM_OWNER).exists()
    running = case.screenings.filter(~Exists(answered), conclusion="").first() if is_kept else None
    if running is None:
        return ""
    for sign in SIGNS_OF_KEEPING:
        for page in screening_pages(running):
            if any(question.code == sign for question in page.questions):
                return reverse("cases:screening_page", args=[running.reference, page.name])
    return ""


def papers_section(case: Case, user: User) -> Section:
    """The checked documents, and the question of the screening that one of them answers."""
    return Section(
        "papers",
        _("Travel documents"),
        "assistance/hub/papers.html",
        {
            "case": case,
            "papers": papers_of(case),
            "can_check": has(user, Permission.PAPERS_CHECK) and case.stage in OPEN,
            "question_url": question_to_answer(case, user),
        },
    )


class _Countries:
    """The three-letter codes that the list of countries knows as other spellings."""

    def __contains__(self, code: object) -> bool:
        found = vocabulary.resolve("country", str(code)) if code else None
        return found is not None and len(str(code)) == 3
