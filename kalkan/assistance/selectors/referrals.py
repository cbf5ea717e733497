"""Looking at referrals: what came in, what went out, who answers for a receiver, what a letter says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import Institution, User
from kalkan.access.policy import has
from kalkan.access.roles import Permission, Role
from kalkan.access.sensitivity import name_for
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance import models
from kalkan.assistance.lifecycle import packages as tables
from kalkan.assistance.lifecycle.programmes import NeedLevel
from kalkan.assistance.lifecycle.referrals import (
    ANSWER,
    BY_NAME,
    ELSEWHERE,
    LIVE,
    REFUSED,
    WAITING,
    Side,
    Status,
)
from kalkan.assistance.models import Referral
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.policy.promises import promises
from kalkan.assistance.selectors import directory
from kalkan.assistance.selectors.section import Box, Section
from kalkan.cases import lifecycle as cases_lifecycle
from kalkan.cases import policy as cases
from kalkan.cases.models import Case
from kalkan.persons import selectors as persons
from kalkan.persons import wording
from kalkan.persons.models import Consent
from kalkan.persons.parcels import details_of
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

Words = str | Promise
_SOONEST = F("due_at").asc(nulls_last=True)
_ANSWERS = [move.name for move in BY_NAME.values() if move.side is Side.RECEIVER and Status.SENT in move.sources]
PARTS: dict[str, Words] = {
    "province": gettext_lazy("Province"),
    "exploitation_forms": gettext_lazy("Forms of exploitation"),
    "exploitation_sectors": gettext_lazy("Sectors"),
    "companions": gettext_lazy("Who comes along"),
    "health_needs": gettext_lazy("Needs: health"),
    "learning_needs": gettext_lazy("Needs: education and work"),
    "money_needs": gettext_lazy("Needs: means of living"),
    "need": gettext_lazy("What is asked for"),
}


@dataclass(frozen=True)
class ReferralLetter:
    """What stands in a sealed letter to a receiver without an account. Nothing of it tells who the person is."""

    number: str
    sender: str
    receiver: str
    category: str
    purpose: str
    basis: str
    sent_at: datetime
    answer_due_at: datetime | None
    retrieval_url: str
    code: str
    code_expires_at: datetime
    pdf: bytes = b""
    """The same to be printed. It holds the code, so nobody keeps it: it is handed out once, with the page."""


def said(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """What a package says, in words: the sender's check page and the receiver's page show exactly this."""
    words = [
        {"label": one.label, "value": one.value}
        for one in wording.said(details_of(fields))
        if one.part in fields and one.value
    ]
    values = {
        "province": _province(fields.get("province", "")),
        "exploitation_forms": ", ".join(vocabulary.labels("exploitation_form", fields.get("exploitation_forms", ()))),
        "exploitation_sectors": ", ".join(vocabulary.labels("sector", fields.get("exploitation_sectors", ()))),
        "companions": "; ".join(_companion(one) for one in fields.get("companions", ())),
        **{part: _levels(fields.get(part, {})) for part in tables.AREAS},
        "need": fields.get("need", ""),
    }
    return words + [{"label": PARTS[part], "value": value} for part, value in values.items() if value]


def unspoken(purpose: str, categories: Iterable[str], fields: dict[str, Any]) -> list[str]:
    """What the person agreed to and the package does not tell, in sentences: so that nobody thinks it was told."""
    never, silent = tables.unspoken(purpose, list(categories), fields)
    said = ((never, _("%(what)s: not passed on for this purpose.")), (silent, _("%(what)s: nothing is recorded.")))
    return [
        sentence % {"what": ", ".join(vocabulary.labels("data_category", found))} for found, sentence in said if found
    ]


def _companion(one: dict[str, str]) -> str:
    lists = (("companion_relation", "relation"), ("sex", "sex"), ("age_band", "age_band"))
    return ", ".join(vocabulary.label(code_list, one[part]) for code_list, part in lists if one[part])


def _levels(levels: dict[str, int]) -> str:
    return "; ".join(
        f"{vocabulary.label('need_area', area)}: {NeedLevel(level).label}" for area, level in levels.items()
    )


def _province(code: str) -> str:
    return vocabulary.province(code).name if code else ""


def holds(referral: Referral) -> bool:
    """Whether what it rests on stands at this moment; asked of the database, which sees the consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT assistance_referral_holds(%s)", [referral.pk])
        return bool(cursor.fetchone()[0])


def has_account(institution_id: int) -> bool:
    """Whether somebody of the institution can answer here; the same question as in the database's rule."""
    users = User.objects.filter(institution=institution_id, is_active=True)
    return users.exclude(role=Role.ADMINISTRATOR).exists()


def received(user: User) -> list[Box]:
    """What was referred to the own institution: to answer first, then in work, then finished."""
    rows = _rows(user).filter(receiver=user.institution_id)
    return [
        Box("to_answer", gettext_lazy("To answer"), rows.filter(status__in=WAITING).order_by(_SOONEST, "sent_at")),
        Box("in_work", gettext_lazy("In work"), rows.filter(status=Status.ACCEPTED).order_by(_SOONEST, "sent_at")),
        Box("finished", gettext_lazy("Finished"), rows.exclude(status__in=LIVE).order_by("-sent_at")),
    ]


def sent(user: User) -> list[Box]:
    """What the own institution sent: where an answer of its own is awaited first."""
    rows = _rows(user).filter(sender=user.institution_id)
    is_owed = Exists(_elsewhere(OuterRef("reference")))
    refused = rows.filter(is_owed, status__in=REFUSED)
    return [
        Box(
            "sent_asked",
            gettext_lazy("Question to you"),
            rows.filter(status=Status.ASKED).order_by(_SOONEST, "sent_at"),
        ),
        Box(
            "sent_live",
            gettext_lazy("Sent, with the receiver"),
            rows.filter(status__in=LIVE).exclude(status=Status.ASKED).order_by(_SOONEST, "sent_at"),
        ),
        Box("sent_refused", gettext_lazy("Refused, find other help"), refused.order_by(_SOONEST, "sent_at")),
        Box(
            "sent_finished",
            gettext_lazy("Sent, finished"),
            rows.exclude(status__in=LIVE).exclude(is_owed, status__in=REFUSED).order_by("-sent_at"),
        ),
    ]


def _rows(user: User) -> QuerySet[Referral]:
    open_promise = models.Promise.objects.filter(subject=OuterRef("reference"), kept_at=None, dropped_at=None)
    due = open_promise.order_by("due_at").values("due_at")[:1]
    rows = policy.referrals.own(user).select_related("sender", "receiver")
    return rows.annotate(due_at=Subquery(due), is_held=policy.Holds("pk"))


def in_box(user: User, name: str = "") -> QuerySet[Referral]:
    """The referrals of one box, or all that exist for the user, to be taken out: when an answer was due and given.

    What the receiver did first is the answer, a question among it; `answer_due_at` is the term that then ran.
    """
    boxes = {box.name: box.rows for box in (*received(user), *sent(user))}
    rows = boxes[name] if name in boxes else policy.referrals.own(user).order_by("-sent_at", "pk")
    answers = models.ReferralMove.objects.filter(referral=OuterRef("pk"), move__in=_ANSWERS).order_by("pk")
    terms = models.Promise.objects.filter(subject=OuterRef("reference"), kind=ANSWER).order_by("pk")
    return rows.select_related("sender", "receiver", "provision").annotate(
        answer_due_at=Subquery(terms.values("due_at")[:1]), answered_at=Subquery(answers.values("at")[:1])
    )


def of_case(case: Case, user: User) -> QuerySet[Referral]:
    """The referrals of one case, the newest first."""
    rows = policy.referrals.visible(user).filter(case=case).select_related("sender", "receiver")
    due = models.Promise.objects.filter(subject=OuterRef("reference"), kept_at=None, dropped_at=None)
    return rows.annotate(due_at=Subquery(due.order_by("due_at").values("due_at")[:1])).order_by("-sent_at")


def hindrance(case: Case) -> str:
    """Why a referral keeps the case from being closed; empty where none does. One that was accepted goes on.

    Asked beyond the reach of whoever closes: not everybody who closes a case sees its referrals.
    """
    with beyond_reach(Task.OVERSIGHT):
        rows = Referral.objects.filter(case=case)
        is_waiting = rows.filter(status__in=WAITING).exists()
        is_refused = rows.filter(Exists(_elsewhere(OuterRef("reference"))), status__in=REFUSED).exists()
    if is_waiting:
        return _("A referral waits for its answer: withdraw it, or wait for the answer, before closing the case.")
    if is_refused:
        return _(
            "Nobody took the person on after a referral: say on it that other help is found, then close the case."
        )
    return ""


def section(case: Case, user: User) -> Section | None:
    """The referrals of a case, for its page of support."""
    if not has(user, Permission.REFERRALS_VIEW):
        return None
    is_open = case.stage in cases_lifecycle.OPEN
    can_send = is_open and has(user, Permission.REFERRALS_SEND) and not case.person.is_erased
    context = {"case": case, "rows": list(of_case(case, user)), "can_send": can_send}
    return Section("referrals", _("Referrals"), "assistance/hub/referrals.html", context)


def consents_to_refer(case: Case) -> list[Consent]:
    """The live consents of the person under which something can be passed on to another institution."""
    rows = persons.live_consents(case.person).filter(purpose__in=tables.FIELDS, recipient__is_active=True)
    return list(rows.select_related("recipient").order_by("-pk"))


def provisions_to_refer(case: Case, on: Any) -> list[Provision]:
    """The provisions under which this person can be referred without consent, as they hold on day `on`."""
    grounds = grounds_of(case)
    found = [row for row in vocabulary.provisions(on=on) if row.code in tables.LAW]
    return [row for row in found if tables.LAW[row.code].ground in grounds]


def grounds_of(case: Case) -> set[str]:
    """Whom the law protects here without asking: a child, a life in danger, both or neither."""
    is_child = case.is_child or case.person.is_child
    return {ground for ground, is_given in ((tables.CHILD, is_child), (tables.LIFE, case.is_urgent)) if is_given}


def receivers(user: User) -> QuerySet[Institution]:
    """The institutions to which one can refer."""
    return Institution.objects.filter(is_active=True).exclude(pk=user.institution_id).order_by("code")


def offering(user: User, category: str, *, near: str) -> list[tuple[str, str]]:
    """References and names of the institutions that offer such a service now, the nearest to that province first.

    Of all institutions where the directory knows none: a gap in it must not keep a child or a life from help.
    """
    services = directory.search(user, directory.Wanted(category=category, province=near))
    known = {one.institution_id: one.institution for one in services if one.institution_id != user.institution_id}
    if not known:
        return names_of(receivers(user), user)
    return [(str(one.reference), name_for(user, one)) for one in known.values()]


def service_chosen(user: User, reference: str) -> models.Service | None:
    """The service of the directory with this reference, to be referred to. None for anything else."""
    try:
        return directory.search(user, directory.Wanted()).filter(reference=UUID(reference)).first()
    except ValueError:
        return None


def case_to_refer(user: User, reference: str) -> Case | None:
    """The case from which the user looks for a receiver. None for anything else."""
    if not has(user, Permission.REFERRALS_SEND):
        return None
    try:
        return cases.cases.own(user).filter(reference=UUID(reference), stage__in=cases_lifecycle.OPEN).first()
    except ValueError:
        return None


def onward_of(referral: Referral, user: User) -> QuerySet[Referral]:
    """Where the receiver referred the person on, as far as the user sees."""
    return policy.referrals.visible(user).filter(onward_of=referral).select_related("receiver")


def owed(referral: Referral, user: User) -> QuerySet[models.Promise]:
    """What is owed about it now, as far as the user sees, the earliest first."""
    rows = promises.visible(user).filter(subject=referral.reference, kept_at=None, dropped_at=None)
    return rows.select_related("institution", "provision").order_by("due_at")


def waiting_for(user: User) -> int:
    """How many referrals wait for the user's institution: to be answered, asked back, or refused and not seen to."""
    rows = policy.referrals.own(user)
    received_ones = Q(receiver=user.institution_id, status__in=[Status.SENT, Status.ANSWERED])
    asked = Q(sender=user.institution_id, status=Status.ASKED)
    refused = Q(Exists(_elsewhere(OuterRef("reference"))), sender=user.institution_id, status__in=REFUSED)
    return rows.filter(received_ones | asked | refused).count()


def is_refused(referral: Referral) -> bool:
    """Whether nobody took the person on and the sender still owes other help, as far as the user sees."""
    return referral.status in REFUSED and _elsewhere(referral.reference).exists()


def _elsewhere(subject: Any) -> QuerySet[models.Promise]:
    return models.Promise.objects.filter(subject=subject, kind=ELSEWHERE, kept_at=None, dropped_at=None)


def names_of(institutions: Iterable[Institution], user: User) -> list[tuple[str, str]]:
    """References and names as the user may know them, for a menu."""
    return sorted(((str(one.reference), name_for(user, one)) for one in institutions), key=lambda pair: pair[1])
