"""The one way to rows, and the one way to ask whether something is allowed."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from kalkan.access.models import Institution, Session, User
from kalkan.access.roles import InstitutionKind, Permission, Scope

Row = TypeVar("Row", bound=Model)


class Refused(PermissionDenied):
    """The row is visible, the act is not allowed: 403. Carries the permission so that the refusal can be logged."""

    def __init__(self, permission: Permission):
        super().__init__(str(permission.label))
        self.permission = permission


def has(user: User, permission: Permission) -> bool:
    """True if the user's role holds the permission and the account is open."""
    return bool(user.is_active and permission in user.permissions)


def require(user: User, permission: Permission) -> None:
    """Raises Refused (403) unless `user` holds `permission`."""
    if not has(user, permission):
        raise Refused(permission)


class Rows(Generic[Row]):
    """Which rows of one table exist for a user. A row outside is not forbidden: it does not exist (404).

    `scope` maps a user to the condition under which a row is theirs; `needs` is the permission without which
    the table is empty for them.
    """

    def __init__(self, model: type[Row], *, scope: Callable[[User], Q], needs: Permission):
        self._model, self._scope, self._needs = model, scope, needs

    def visible(self, user: User) -> QuerySet[Row]:
        """The rows that exist for this user."""
        rows = self._model._default_manager.all()
        if not has(user, self._needs):
            return rows.none()
        return rows.filter(self._scope(user))

    def fetch(self, by: User, *, lock: bool = False, **lookup: Any) -> Row:
        """The one row that matches `lookup` among those visible, locked for writing on request.

        Raises Http404 when none is visible, whether or not it exists.
        """
        rows = self.visible(by)
        if lock:
            rows = rows.select_for_update(of=("self",))
        try:
            return rows.get(**lookup)
        except (ObjectDoesNotExist, ValidationError, ValueError) as absent:
            raise Http404(f"No {self._model._meta.verbose_name} here") from absent

    def require(self, by: User, permission: Permission) -> None:
        require(by, permission)


def by_place(user: User, *, institution: str, province: str) -> Q:
    """The usual scope: nation, own province, own institution or nothing, on the named lookups."""
    match user.scope:
        case Scope.NATION:
            return Q()
        case Scope.PROVINCE:
            return Q(**{province: user.institution.province_id}) | Q(**{institution: user.institution_id})
        case Scope.INSTITUTION:
            return Q(**{institution: user.institution_id})
    return Q(pk__in=[])


def _institutions(user: User) -> Q:
    return Q(is_active=True)


def _accounts(user: User) -> Q:
    """An administrator looks after the accounts of the own institution; at the migration authority's centre, all."""
    is_centre = user.institution.kind == InstitutionKind.MIGRATION_CENTRE
    return Q() if is_centre else Q(institution=user.institution_id)


institutions = Rows(Institution, scope=_institutions, needs=Permission.MATRIX_VIEW)
accounts = Rows(User, scope=_accounts, needs=Permission.ACCOUNTS_MANAGE)
# One's own sessions; an administrator ends those of an account without seeing them.
sessions = Rows(Session, scope=lambda user: Q(user=user.pk), needs=Permission.MATRIX_VIEW)
