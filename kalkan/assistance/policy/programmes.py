"""Whose support programmes a user sees: those of the cases that exist for whoever runs, approves or oversees them.

The police unit that opened a case does not read how the person is supported. Care notes are narrower still.
"""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, Q

from kalkan.access.models import Emergency, User
from kalkan.access.policy import Rows, has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.assistance import models
from kalkan.cases import policy as cases

READING = (Permission.PROGRAMME_WORK, Permission.PROGRAMME_APPROVE, Permission.CASES_OVERSEE)
Row = TypeVar("Row", bound=Model)


def reads_programmes(user: User) -> bool:
    """True for whoever runs, approves or oversees support programmes."""
    return any(has(user, permission) for permission in READING)


def _shown(path: str, emergencies: Sequence[Emergency]) -> Q:
    return Q(**{f"{path}case__reference__in": [one.case for one in emergencies if one.case]})


def _rows(model: type[Row], path: str) -> Rows[Row]:
    """The rows whose programme stands at the end of `path`."""

    def scope(user: User) -> Q:
        return Q(**{f"{path}case__in": cases.cases.own(user)}) if reads_programmes(user) else Q(pk__in=[])

    def shown(emergencies: Sequence[Emergency]) -> Q:
        # An emergency opens what its officer may read at home, and nothing else.
        return _shown(path, [one for one in emergencies if reads_programmes(one.user)])

    return Rows(model, scope=scope, needs=Permission.CASES_VIEW, shown=shown)


programmes = _rows(models.Programme, "")
assessments = _rows(models.NeedsAssessment, "programme__")
scores = _rows(models.NeedScore, "assessment__programme__")
goals = _rows(models.Goal, "programme__")
services = _rows(models.ServiceDelivered, "programme__")
reviews = _rows(models.ProgrammeReview, "programme__")
reports = _rows(models.EvaluationReport, "programme__")
companions = _rows(models.Companion, "programme__")
bookings = _rows(models.Booking, "programme__")
legal_aid = _rows(models.LegalAid, "programme__")
legal_steps = _rows(models.LegalStep, "legal_aid__programme__")
compensations = _rows(models.Compensation, "programme__")
cash = _rows(models.CashSupport, "programme__")
conferences = _rows(models.Conference, "programme__")
seats = _rows(models.ConferenceSeat, "conference__programme__")
decisions = _rows(models.ConferenceDecision, "conference__programme__")
# No emergency opens these: what a person told a carer is not needed to save a life at once.
care_notes = Rows(
    models.CareNote, scope=lambda user: Q(programme__in=programmes.own(user)), needs=Permission.CARE_VIEW
)
interpreters = Rows(
    models.Interpreter,
    scope=lambda user: Q() if reads_programmes(user) else Q(pk__in=[]),
    needs=Permission.CASES_VIEW,
)
# Sheets are explained from the first interview on: whoever sees the case sees that it was done.
information = Rows(
    models.InformationGiven,
    scope=lambda user: Q(case__in=cases.cases.own(user)),
    needs=Permission.CASES_VIEW,
    shown=lambda emergencies: _shown("", emergencies),
)
