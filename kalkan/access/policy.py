"""The one way to rows, and the one way to ask whether something is allowed."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from kalkan.access.models import Emergency, Institution, Session, User
from kalkan.access.roles import InstitutionKind, Permission, Scope

Row = TypeVar("Row", bound=Model)


class Refused(PermissionDenied):
    """The row is visible, the act is not allowed: 403. Carries the permission so that the refusal can be logged."""

    def __init__(self, permission: Permission):
        super().__init__(str(permission.label))
        self.permission = permission


class ReadOnly(Refused):
    """Only an emergency shows the row: it can be read, not changed."""

    def __init__(self) -> None:
        super().__init__(Permission.EMERGENCY_OPEN)


def has(user: User, permission: Permission) -> bool:
    """True if the user's role holds the permission and the account is open."""
    return bool(user.is_active and permission in user.permissions)


def require(user: User, permission: Permission) -> None:
    """Raises Refused (403) unless `user` holds `permission`."""
    if not has(user, permission):
        raise Refused(permission)


def open_emergencies(user: User) -> tuple[Emergency, ...]:
    """What this user has opened in an emergency and that is open now; remembered at the user for the log.

    Asked anew each time, so that an end closes at once. A role that may not open one has none.
    """
    found: tuple[Emergency, ...] = ()
    if has(user, Permission.EMERGENCY_OPEN):
        now = timezone.now()
        found = tuple(Emergency.objects.filter(user=user, ended_at=None, opened_at__lte=now, ends_at__gt=now))
    # One that ends while a page is made still showed what that page shows: it stays remembered until the next one.
    user.open_emergencies = found or user.open_emergencies
    return found


class Rows(Generic[Row]):
    """Which rows of one table exist for a user. A row outside is not forbidden: it does not exist (404).

    `scope` maps a user to the condition under which a row is theirs; `needs` is the permission without which
    the table is empty for them. `shown` says which rows the user's open emergencies show: to be read, never changed.
    """

    def __init__(
        self,
        model: type[Row],
        *,
        scope: Callable[[User], Q],
        needs: Permission,
        shown: Callable[[Sequence[Emergency]], Q] | None = None,
    ):
        self._model, self._scope, self._needs, self._shown = model, scope, needs, shown

    def visible(self, user: User) -> QuerySet[Row]:
        """The rows that exist for this user, those of an open emergency among them."""
        return self._rows(user, with_emergencies=self._shown is not None)

    def own(self, user: User) -> QuerySet[Row]:
        """The rows that exist for this user without any emergency: what lists show, and what can be changed."""
        return self._rows(user, with_emergencies=False)

    def fetch(self, by: User, *, lock: bool = False, own: bool = False, **lookup: Any) -> Row:
        """The one row that matches `lookup` among those visible; with `own`, among those that can be changed.
        With `lock` it is locked for writing, which asks for `own`.

        Raises Http404 when none is visible, whether or not it exists; Refused for one that only an emergency shows.
        """
        is_own = own or lock
        rows = self.own(by) if is_own else self.visible(by)
        if lock:
            rows = rows.select_for_update(of=("self",))
        try:
            return rows.get(**lookup)
        except (ObjectDoesNotExist, ValidationError, ValueError) as absent:
            if is_own and isinstance(absent, ObjectDoesNotExist) and self.visible(by).filter(**lookup).exists():
                raise ReadOnly from absent
            raise Http404(f"No {self._model._meta.verbose_name} here") from absent

    def is_own(self, user: User, row: Row) -> bool:
        """True for a visible row that no emergency was needed to see."""
        return not user.open_emergencies or self.own(user).filter(pk=row.pk).exists()

    def _rows(self, user: User, *, with_emergencies: bool) -> QuerySet[Row]:
        rows = self._model._default_manager.all()
        if not has(user, self._needs):
            return rows.none()
        scope = self._scope(user)
        opened = open_emergencies(user) if with_emergencies else ()
        # An empty condition is the whole nation: "or" would narrow it to the emergencies.
        if opened and scope and self._shown is not None:
            scope |= self._shown(opened)
        return rows.filter(scope)

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


def _emergencies(user: User) -> Q:
    """One's own; those of the officers one watches over; all of them for whoever reviews."""
    if has(user, Permission.EMERGENCY_REVIEW):
        return Q()
    watched = Q(user=user)
    if has(user, Permission.EMERGENCY_WATCH):
        if user.institution.province_id is None:
            return Q()
        watched |= Q(user__institution__province=user.institution.province_id)
    return watched


institutions = Rows(Institution, scope=_institutions, needs=Permission.MATRIX_VIEW)
accounts = Rows(User, scope=_accounts, needs=Permission.ACCOUNTS_MANAGE)
emergencies = Rows(Emergency, scope=_emergencies, needs=Permission.MATRIX_VIEW)
# One's own sessions; an administrator ends those of an account without seeing them.
sessions = Rows(Session, scope=lambda user: Q(user=user.pk), needs=Permission.MATRIX_VIEW)
