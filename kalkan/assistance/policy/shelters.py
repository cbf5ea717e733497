"""Which shelters, beds and stays exist for whom.

A shelter by its code and profile exists for all who may see how full shelters are. What goes on inside exists for
its own staff; a stay also for the protection officers who see its case.
"""

from collections.abc import Sequence

from django.db.models import Q

from kalkan.access.models import Emergency, User
from kalkan.access.policy import Rows, has
from kalkan.access.policy import require as require
from kalkan.access.roles import Permission
from kalkan.assistance.models import (
    Absence,
    Bed,
    BedClosure,
    BedUse,
    CensusDay,
    CensusRow,
    Incident,
    Shelter,
    Shift,
    Stay,
)
from kalkan.cases import policy as cases


def _own(user: User, shelter: str) -> Q:
    """What belongs to the shelter in which the user works."""
    return Q(**{f"{shelter}__institution": user.institution_id}) if _manages(user) else Q(pk__in=[])


def _manages(user: User) -> bool:
    return has(user, Permission.STAYS_MANAGE)


def _in_stays(user: User, stay: str) -> Q:
    """What belongs to a stay of the own shelter, or of a case that the user can work on."""
    found = Q(**{f"{stay}shelter__institution": user.institution_id}) if _manages(user) else Q(pk__in=[])
    if has(user, Permission.STAYS_REQUEST):
        found |= Q(**{f"{stay}case__in": cases.cases.own(user)})
    return found


def _shown(emergencies: Sequence[Emergency], stay: str = "") -> Q:
    return Q(**{f"{stay}case__reference__in": [one.case for one in emergencies if one.case]})


def _everybody(user: User) -> Q:
    return Q()


_NEEDS = Permission.OCCUPANCY_VIEW

shelters = Rows(Shelter, scope=_everybody, needs=_NEEDS)
beds = Rows(Bed, scope=lambda user: _own(user, "shelter"), needs=Permission.STAYS_MANAGE)
closures = Rows(BedClosure, scope=lambda user: _own(user, "bed__shelter"), needs=Permission.STAYS_MANAGE)
bed_uses = Rows(BedUse, scope=lambda user: _own(user, "bed__shelter"), needs=Permission.STAYS_MANAGE)
shifts = Rows(Shift, scope=lambda user: _own(user, "shelter"), needs=Permission.STAYS_MANAGE)
stays = Rows(Stay, scope=lambda user: _in_stays(user, ""), needs=_NEEDS, shown=_shown)
absences = Rows(
    Absence, scope=lambda user: _in_stays(user, "stay__"), needs=_NEEDS, shown=lambda found: _shown(found, "stay__")
)
incidents = Rows(
    Incident,
    scope=lambda user: _own(user, "shelter") | _in_stays(user, "stay__"),
    needs=_NEEDS,
    shown=lambda found: _shown(found, "stay__"),
)
census_days = Rows(CensusDay, scope=_everybody, needs=_NEEDS)
census_rows = Rows(CensusRow, scope=lambda user: _own(user, "shelter"), needs=Permission.STAYS_MANAGE)
