"""How sensitive a field is, and which roles may see, change, export or search what is that sensitive.

Each room says the class of each field of its models in its own `sensitivity.py`; every door asks `may` here.
"""

from collections.abc import Iterator, Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import Institution, ShelterPlace, User
from kalkan.access.policy import Refused
from kalkan.access.roles import MATRIX, InstitutionKind, Permission, Role, Scope


class Sensitivity(TextChoices):
    """What somebody learns who reads the field. Where a field could be of several, the one that fewest may see."""

    IDENTITY = "identity", _("Identity")
    CONTACT = "contact", _("Contact")
    SHELTER_LOCATION = "shelter_location", _("Location of a shelter")
    HEALTH = "health", _("Health")
    CARE = "care", _("Psychosocial and health notes")
    CRIMINAL = "criminal", _("Criminal proceedings")
    NARRATIVE = "narrative", _("Narrative")
    PLAIN = "plain", _("Plain")


class Act(TextChoices):
    """What is done with a field."""

    VIEW = "view", _("sees")
    EDIT = "edit", _("records")
    EXPORT = "export", _("exports")
    SEARCH = "search", _("searches")


# Any one of these permissions allows the act; none at all: nobody, at no door.
Rule = tuple[Permission, ...]
_NOBODY: Rule = ()
_EVERYBODY: Rule = (Permission.MATRIX_VIEW,)  # who may go through the door at all, and sees the row
_CASEWORK: Rule = (
    Permission.CASES_SCREEN,
    Permission.CASES_IDENTIFY,
    Permission.CASES_DECIDE,
    Permission.CASES_PROTECT,
)
_RECORDING: Rule = (Permission.CASES_SCREEN, Permission.CASES_IDENTIFY, Permission.CASES_PROTECT)
_REVEALING: Rule = (Permission.PERSONS_REVEAL,)

RULES: dict[Sensitivity, dict[Act, Rule]] = {
    sensitivity: dict(zip(Act, rules, strict=True))
    for sensitivity, rules in {
        # view, edit, export, search
        Sensitivity.IDENTITY: (_REVEALING, (Permission.PERSONS_EDIT,), _NOBODY, (Permission.PERSONS_SEARCH,)),
        Sensitivity.CONTACT: (_REVEALING, (Permission.PERSONS_EDIT,), _NOBODY, (Permission.PERSONS_SEARCH,)),
        Sensitivity.SHELTER_LOCATION: ((Permission.SHELTER_LOCATION_VIEW,), _NOBODY, _NOBODY, _NOBODY),
        Sensitivity.HEALTH: (_CASEWORK, _RECORDING, _NOBODY, _NOBODY),
        Sensitivity.CARE: ((Permission.CARE_VIEW,), (Permission.CARE_VIEW,), _NOBODY, _NOBODY),
        Sensitivity.CRIMINAL: (_CASEWORK, _RECORDING, _CASEWORK, _NOBODY),
        Sensitivity.NARRATIVE: (_REVEALING, (*_CASEWORK, Permission.PAPERS_EXAMINE), _NOBODY, _NOBODY),
        Sensitivity.PLAIN: (_EVERYBODY, _EVERYBODY, _EVERYBODY, _EVERYBODY),
    }.items()
}

# Model → class → names of its fields.
Declared = Mapping[str, Mapping[Sensitivity, str]]

# Where a shelter is follows from its name too: both stand in a table of their own.
FIELDS: Declared = {
    "Institution": {
        Sensitivity.PLAIN: "id reference code kind name_tr name_en province is_active is_invented",
    },
    "ShelterPlace": {
        Sensitivity.SHELTER_LOCATION: "name_tr name_en province",
        Sensitivity.PLAIN: "id institution",
    },
}


def classes(declared: Declared) -> Iterator[tuple[str, str, Sensitivity]]:
    """Each model, field and class of a room."""
    for model, by_class in declared.items():
        for sensitivity, names in by_class.items():
            for name in names.split():
                yield model, name, sensitivity


def role_may(role: Role, act: Act, sensitivity: Sensitivity) -> bool:
    """True if the role may do this with fields of this class, in rows within its reach and behind doors open to it."""
    held = MATRIX[role][1]
    if act is Act.EXPORT and Permission.EXPORT_RUN not in held:
        return False
    return not held.isdisjoint(RULES[sensitivity][act])


def may(user: User, act: Act, sensitivity: Sensitivity) -> bool:
    """What every door asks before it shows, takes, writes out or looks for a field of this class."""
    return bool(user.is_active and role_may(Role(user.role), act, sensitivity))


def require(user: User, act: Act, sensitivity: Sensitivity) -> None:
    """Raises Refused (403) unless `user` may. Not for what nobody may: no such door exists."""
    if not may(user, act, sensitivity):
        raise Refused(RULES[sensitivity][act][0])


def may_locate(user: User, institution: Institution) -> bool:
    """True where the user may know the place: of a shelter its staff, and the protection officers of its province."""
    return institution.kind != InstitutionKind.SHELTER or place_for(user, institution) is not None


def place_for(user: User, institution: Institution) -> ShelterPlace | None:
    """Where a shelter is, for those who may know; the row policy of the table says the same."""
    if institution.kind != InstitutionKind.SHELTER or not may(user, Act.VIEW, Sensitivity.SHELTER_LOCATION):
        return None
    place: ShelterPlace | None = getattr(institution, "place", None)
    if place is None:
        return None
    match user.scope:
        case Scope.NATION:
            return place
        case Scope.PROVINCE:
            return place if place.province_id == user.institution.province_id else None
    return place if institution.pk == user.institution_id else None


def name_for(user: User, institution: Institution) -> str:
    """The institution as this user may know it: a shelter by name and province, or by its code alone."""
    place = place_for(user, institution)
    return str(institution) if place is None else f"{place.name} ({place.province})"
