"""Whose hands a case went through: what the rules about other officers ask."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.cases.lifecycle import Outcome
from kalkan.cases.models import Case, Interview


def has_identification_interview(case: Case) -> bool:
    """True once the migration authority has heard the person."""
    return case.interviews.filter(kind=Interview.Kind.IDENTIFICATION).exists()


def interviewed(case: Case, user: User) -> bool:
    """True if `user` held an identification interview in this case."""
    return case.interviews.filter(kind=Interview.Kind.IDENTIFICATION, by=user).exists()


def made_a_refusal(case: Case, user: User) -> bool:
    """True if `user` drafted or decided a refusal in this case, and so may not reconsider it."""
    hands = Q(drafted_by=user) | Q(decided_by=user)
    return case.decisions.filter(hands, outcome=Outcome.NOT_RECOGNISED).exists()
