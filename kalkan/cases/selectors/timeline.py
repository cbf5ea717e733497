"""What happened in a case, newest first, in a fixed number of queries."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.cases import lifecycle, policy
from kalkan.cases.models import Case
from kalkan.persons.models import SealedText

Words = str | Promise


class Entry(NamedTuple):
    """One thing that happened: the day it happened, and the moment it was recorded."""

    on: date | None
    recorded_at: datetime | None
    kind: str
    title: Words
    detail: Words
    by: User | None
    icon: str
    text: SealedText | None = None


_ICONS = {
    "open": "folder-plus",
    "import": "database-import",
    "refer": "send",
    "recognise": "shield-check",
    "not_recognise": "circle-x",
    "begin_protection": "heart-handshake",
    "close": "archive",
    "close_without_signs": "archive",
    "break_off": "archive",
    "break_off_identification": "archive",
}


def timeline(case: Case, user: User) -> list[Entry]:
    """Moves, screenings, interviews, drafts and decisions of a case that `user` may see, newest first.

    Free text comes as a sealed pointer; reading it is an act of its own.
    """
    case = policy.cases.fetch(user, pk=case.pk)
    entries = [*_moves(case), *_screenings(case), *_interviews(case), *_decisions(case), *_episodes(case)]
    return sorted(entries, key=_when, reverse=True)


def _when(entry: Entry) -> tuple[date, datetime]:
    assert entry.on is not None  # noqa: S101 - what is concluded or decided has its day, by rule of the database
    assert entry.recorded_at is not None  # noqa: S101
    return entry.on, entry.recorded_at


def _moves(case: Case) -> list[Entry]:
    return [
        Entry(
            change.on,
            change.recorded_at,
            change.move,
            lifecycle.done(change.move),
            "",
            change.by,
            _ICONS.get(change.move, "arrow-right"),
        )
        for change in case.stage_changes.select_related("by__institution")
    ]


def _screenings(case: Case) -> list[Entry]:
    found = case.screenings.exclude(conclusion="").select_related("concluded_by__institution", "dissent")
    return [
        Entry(
            screening.concluded_on,
            screening.concluded_at,
            "screening",
            _("Screening: %(conclusion)s") % {"conclusion": screening.get_conclusion_display()},
            _("The signs said: %(advice)s") % {"advice": screening.get_advice_display()},
            screening.concluded_by,
            icon="clipboard-check",
            text=screening.dissent,
        )
        for screening in found
    ]


def _interviews(case: Case) -> list[Entry]:
    found = case.interviews.select_related("by__institution", "narrative")
    return [
        Entry(
            interview.held_on,
            interview.recorded_at,
            "interview",
            interview.get_kind_display(),
            _("Rights were explained.") if interview.rights_explained else _("Rights were not explained."),
            interview.by,
            icon="messages",
            text=interview.narrative,
        )
        for interview in found
    ]


def _decisions(case: Case) -> list[Entry]:
    entries = []
    found = case.decisions.select_related(
        "drafted_by__institution", "decided_by__institution", "provision", "grounds", "reasons"
    )
    for decision in found:
        proposed = _("Proposed: %(outcome)s") % {"outcome": decision.get_proposed_display()}
        entries.append(
            Entry(
                decision.drafted_on,
                decision.recorded_at,
                "draft",
                proposed,
                decision.provision.citation,
                decision.drafted_by,
                icon="writing",
                text=decision.grounds,
            )
        )
        if decision.reasons is not None:
            entries.append(
                Entry(
                    decision.decided_on,
                    decision.reasons.written_at,
                    "decision",
                    _("Decided: %(outcome)s") % {"outcome": decision.get_outcome_display()},
                    decision.provision.citation,
                    decision.decided_by,
                    icon="gavel",
                    text=decision.reasons,
                )
            )
    return entries


def _episodes(case: Case) -> list[Entry]:
    return [
        Entry(
            episode.recorded_at.date(),
            episode.recorded_at,
            "episode",
            _("Exploitation recorded"),
            "",
            episode.by,
            icon="map-pin",
            text=episode.place,
        )
        for episode in case.episodes.select_related("by__institution", "place")
    ]
