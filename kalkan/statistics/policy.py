"""Whose figures a user can see: those of the own province, of every province, of the nation."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, has, require
from kalkan.access.roles import Permission
from kalkan.vocabulary.models import Province

__all__ = ["has", "may_see_nation", "provinces", "require"]


def _provinces(user: User) -> Q:
    """The own province; from the centre, and for whoever sees the nation, every province."""
    if user.institution.province_id is None or may_see_nation(user):
        return Q()
    return Q(code=user.institution.province_id)


def may_see_nation(user: User) -> bool:
    """True for those who see the figures of the whole country."""
    return has(user, Permission.STATISTICS_NATIONAL)


provinces = Rows(Province, scope=_provinces, needs=Permission.STATISTICS_PROVINCE)
