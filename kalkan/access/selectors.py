"""Accounts as an administrator looks for them, and the matrix as a page and a document show it."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from kalkan.access import policy
from kalkan.access.models import Institution, Leave, User
from kalkan.access.roles import MATRIX, SEATS, InstitutionKind, Permission, Role, Scope
from kalkan.access.sensitivity import Act, Sensitivity, role_may


class MatrixRow(NamedTuple):
    """One permission and, role by role, whether it is held."""

    permission: Permission
    held: tuple[bool, ...]


class ClassRow(NamedTuple):
    """One class of fields and, role by role, what may be done with fields of it."""

    sensitivity: Sensitivity
    allowed: tuple[tuple[Act, ...], ...]


class Seat(NamedTuple):
    """One role, whose rows it sees, and where it can sit."""

    role: Role
    scope: Scope
    kinds: tuple[InstitutionKind, ...]


def accounts(user: User, *, words: str = "", state: str = "open") -> QuerySet[User]:
    """The accounts that an administrator looks after, by name; `state` is open, closed or all."""
    rows = policy.accounts.visible(user).select_related("institution").order_by("full_name", "pk")
    if state in {"open", "closed"}:
        rows = rows.filter(is_active=state == "open")
    for word in words.split():
        rows = rows.filter(
            Q(full_name__icontains=word)
            | Q(email__icontains=word)
            | _is_named(word)
            | Q(institution__code__iexact=word)
        )
    return rows


def _is_named(word: str) -> Q:
    return Q(institution__name_tr__icontains=word) | Q(institution__name_en__icontains=word)


def colleagues(user: User) -> QuerySet[User]:
    """Who can take over the work of an account: open accounts of the same institution and role, today not on leave."""
    today = timezone.localdate()
    away = Leave.objects.filter(ended_at=None, first_on__lte=today, last_on__gte=today)
    rows = User.objects.filter(institution=user.institution_id, role=user.role, is_active=True)
    return rows.exclude(pk=user.pk).exclude(leaves__in=away).order_by("full_name", "pk")


def seats_for(user: User) -> QuerySet[Institution]:
    """The institutions at which an administrator can make accounts."""
    rows = policy.institutions.visible(user)
    if user.institution.kind != InstitutionKind.MIGRATION_CENTRE:
        rows = rows.filter(pk=user.institution_id)
    return rows.order_by("name_tr", "code")  # a shelter's is its code


def matrix() -> list[MatrixRow]:
    """Every permission against every role, as the code has it."""
    return [MatrixRow(permission, tuple(permission in MATRIX[role][1] for role in Role)) for permission in Permission]


def classes() -> list[ClassRow]:
    """Every class of fields against every role, as the code has it."""
    return [
        ClassRow(sensitivity, tuple(tuple(act for act in Act if role_may(role, act, sensitivity)) for role in Role))
        for sensitivity in Sensitivity
    ]


def seats() -> list[Seat]:
    """Every role with its scope and seats, as the code has it."""
    return [
        Seat(role, MATRIX[role][0], tuple(kind for kind in InstitutionKind if kind in SEATS[role])) for role in Role
    ]
