"""What a referral may tell: purpose × category of data → fields, and the minimum under each provision.

A table that a lawyer can read. A field that stands in neither is never passed on, whatever else was agreed to.
"""

from collections.abc import Collection
from typing import NamedTuple

FORMAT = "kalkan-referral/1"

_WHO = ("names", "sex", "birth", "majority", "is_age_in_doubt")
_SPEECH = ("languages", "needs_interpreter")
_REACH = ("contacts", "may_be_called", "contact_rule")
_STATUS = ("citizenships", "statelessness")
# Of the support programme go the levels of the last assessment and who came along: never a note, never a name.
AREAS: dict[str, tuple[str, ...]] = {
    "health_needs": ("health", "psychosocial"),
    "learning_needs": ("education", "work"),
    "money_needs": ("money",),
}
_HEALTH, _LEARNING, _MONEY = ("health_needs",), ("learning_needs",), ("money_needs",)
_FAMILY = ("companions",)
_ORDINARY = {"identity": (*_WHO, *_SPEECH), "contact": _REACH, "location": ("province",)}

# Purpose (code list `consent_purpose`) → category (code list `data_category`) → fields. Research receives nobody.
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "referral": {
        **_ORDINARY,
        "migration": _STATUS,
        "family": _FAMILY,
        "health": _HEALTH,
        "education_work": _LEARNING,
        "finance": _MONEY,
    },
    "shelter": {**_ORDINARY, "migration": _STATUS, "family": _FAMILY, "health": _HEALTH},
    "health": {**_ORDINARY, "health": _HEALTH, "family": _FAMILY},
    "psychosocial": {
        **_ORDINARY,
        "exploitation": ("exploitation_forms",),
        "health": _HEALTH,
        "family": _FAMILY,
    },
    "legal_aid": {
        **_ORDINARY,
        "documents": ("documents",),
        "migration": _STATUS,
        "exploitation": ("exploitation_forms", "exploitation_sectors"),
        "finance": _MONEY,
    },
    # An interpreter needs neither the name nor the telephone of the person.
    "interpreting": {"identity": ("sex", "majority", *_SPEECH), "location": ("province",)},
    "education_work": {**_ORDINARY, "migration": _STATUS, "education_work": _LEARNING, "family": _FAMILY},
    "family_contact": {**_ORDINARY, "family": _FAMILY},
    "consular_contact": {**_ORDINARY, "documents": ("documents",), "migration": _STATUS},
    "criminal_proceedings": {
        **_ORDINARY,
        "documents": ("documents",),
        "exploitation": ("exploitation_forms", "exploitation_sectors"),
    },
    "return": {
        **_ORDINARY,
        "documents": ("documents",),
        "migration": _STATUS,
        "family": _FAMILY,
        "health": _HEALTH,
        "finance": _MONEY,
    },
    "identification": {
        **_ORDINARY,
        "documents": ("documents",),
        "migration": _STATUS,
        "exploitation": ("exploitation_forms", "exploitation_sectors"),
    },
}
# What the sender writes of the help that is needed goes along under every basis.
ALWAYS = ("need",)


class LawBasis(NamedTuple):
    """A provision that allows to refer without consent: who it protects, and the minimum that it lets through."""

    ground: str
    purpose: str
    fields: tuple[str, ...]


CHILD, LIFE = "child", "life"
LAW: dict[str, LawBasis] = {
    "referral_child": LawBasis(CHILD, "referral", (*_WHO, *_SPEECH, "province")),
    "referral_life": LawBasis(LIFE, "referral", ("names", "sex", "majority", *_SPEECH, *_REACH, "province")),
}


def allowed(purpose: str, categories: Collection[str]) -> tuple[str, ...]:
    """The fields that this purpose and these categories of the consent both allow, in the order of the table."""
    by_category = FIELDS.get(purpose, {})
    found = [field for category, fields in by_category.items() if category in categories for field in fields]
    return (*dict.fromkeys(found), *ALWAYS)


def unspoken(purpose: str, categories: Collection[str], fields: Collection[str]) -> tuple[list[str], list[str]]:
    """The categories agreed to under which a package says nothing: not for this purpose; nothing recorded.

    >>> unspoken("health", ["identity", "photo", "family"], ["names"])
    (['photo'], ['family'])
    """
    table = FIELDS.get(purpose, {})
    never = [category for category in categories if category not in table]
    silent = [one for one in categories if one in table and not set(table[one]) & set(fields)]
    return never, silent


def allowed_by_law(code: str) -> tuple[str, ...]:
    """The minimum under a provision. Raises KeyError for one that is no basis of a referral."""
    return (*LAW[code].fields, *ALWAYS)
