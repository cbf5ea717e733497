"""Where a column may lead to. Everything that a mapping can say about Kalkan's side stands in this table."""

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a target field holds, and so how a cell is read for it."""

    CODE = "code"  # one code of a list
    CODES = "codes"  # several codes of a list
    DATE = "date"
    TEXT = "text"  # goes into the vault


class Target(NamedTuple):
    kind: Kind
    code_list: str = ""
    is_identity: bool = False


def _code(code_list: str) -> Target:
    return Target(Kind.CODE, code_list)


def _codes(code_list: str) -> Target:
    return Target(Kind.CODES, code_list)


_VAULT = Target(Kind.TEXT, is_identity=True)
TARGETS: dict[str, Target] = {
    "name.given": _VAULT,
    "name.family": _VAULT,
    "birth": Target(Kind.DATE, is_identity=True),
    "contact.mobile": _VAULT,
    "contact.home_phone": _VAULT,
    "contact.email": _VAULT,
    "contact.address": _VAULT,
    "document.national_id": _VAULT,
    "document.passport": _VAULT,
    "note": _VAULT,
    "person.sex": _code("sex"),
    "person.gender": _code("gender"),
    "person.age_band": _code("age_band"),
    "person.citizenships": _codes("country"),
    "person.languages": _codes("language"),
    "person.statelessness": _code("statelessness"),
    "case.opened_on": Target(Kind.DATE),
    "case.closed_on": Target(Kind.DATE),
    "case.signal": _code("signal"),
    "case.state": _code("state"),
    "case.outcome": _code("outcome"),
    "case.province": _code("province"),
    "case.charged_articles": _codes("charged_article"),
    "episode.forms": _codes("exploitation_form"),
    "episode.sub_forms": _codes("exploitation_sub_form"),
    "episode.sector": _code("sector"),
    "episode.means": _codes("means_of_control"),
    "episode.recruitment": _codes("recruitment"),
    "episode.recruiter_relation": _code("relation"),
    "episode.countries": _codes("country"),
    "episode.began_on": Target(Kind.DATE),
    "episode.ended_on": Target(Kind.DATE),
}
# Texts of one target may be spread over several columns; they are joined in the order of the columns.
JOINED = frozenset({"contact.address", "note"})
