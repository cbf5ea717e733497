"""Everybody sees the directory; an institution keeps its own services, the centre all of them."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, has, require
from kalkan.access.roles import Permission, Scope
from kalkan.assistance.models import Service

__all__ = ["kept", "require", "services"]


def _own(user: User) -> Q:
    return Q() if user.scope is Scope.NATION else Q(institution=user.institution_id)


def _seen(user: User) -> Q:
    """What is offered now, and of what one keeps also what is no longer offered."""
    offered = Q(is_active=True)
    if not has(user, Permission.DIRECTORY_MANAGE):
        return offered
    return offered | _own(user) if _own(user) else Q()


services = Rows(Service, scope=_seen, needs=Permission.DIRECTORY_VIEW)
kept = Rows(Service, scope=_own, needs=Permission.DIRECTORY_MANAGE)
