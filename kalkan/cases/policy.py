"""Which cases exist for whom, and who may do what with them.

A case belongs to the institution that opened it. The migration authority of the province sees it once it was referred
(or was opened by the authority itself): a screening that found nothing stays where it was held.
"""

from collections.abc import Collection, Sequence

from django.db.models import Q

from kalkan.access.models import Emergency, InstitutionKind, User
from kalkan.access.policy import Refused, Rows, has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission, Scope
from kalkan.cases.models import Case, CaseAttachment, Decision, Screening

AUTHORITY = frozenset({InstitutionKind.MIGRATION_CENTRE, InstitutionKind.MIGRATION_PROVINCE})
# Whoever works on a case may add what came to light: episodes, roles, links.
RECORDING = (Permission.CASES_SCREEN, Permission.CASES_IDENTIFY, Permission.CASES_PROTECT)


def _scope(user: User, case: str = "") -> Q:
    match user.scope:
        case Scope.NATION:
            return Q()
        case Scope.PROVINCE:
            return Q(**{f"{case}institution": user.institution_id}) | Q(
                **{f"{case}province": user.institution.province_id, f"{case}is_with_authority": True}
            )
        case Scope.INSTITUTION:
            return Q(**{f"{case}institution": user.institution_id})
    return Q(pk__in=[])


def _shown(emergencies: Sequence[Emergency], case: str = "") -> Q:
    return Q(**{f"{case}reference__in": [one.case for one in emergencies if one.case]})


cases = Rows(Case, scope=_scope, needs=Permission.CASES_VIEW, shown=_shown)
screenings = Rows(
    Screening,
    scope=lambda user: _scope(user, "case__"),
    needs=Permission.CASES_VIEW,
    shown=lambda emergencies: _shown(emergencies, "case__"),
)
decisions = Rows(Decision, scope=lambda user: _scope(user, "case__"), needs=Permission.CASES_VIEW)
attachments = Rows(CaseAttachment, scope=lambda user: _scope(user, "case__"), needs=Permission.CASES_VIEW)


def is_of_the_authority(user: User) -> bool:
    """True for officers of the migration authority, the only body that identifies."""
    return user.institution.kind in AUTHORITY


def require_any(by: User, permissions: Collection[Permission]) -> None:
    """Raises Refused (403) unless `by` holds one of `permissions`."""
    if not any(has(by, permission) for permission in permissions):
        raise Refused(next(iter(permissions)))
