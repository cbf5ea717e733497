"""What a page of the list of doors is."""

from dataclasses import dataclass
from enum import StrEnum

from kalkan.access.roles import MATRIX, Permission, Role


class Kind(StrEnum):
    """What the address of a page names. A row outside one's reach does not exist: 404."""

    NOTHING = ""
    PERSON = "person"
    CONSENT = "consent"
    MATCH = "pair of persons"
    ERASURE = "erasure"
    HOLD = "legal hold"
    EMERGENCY = "emergency"
    SESSION = "session"
    READER = "reader"
    FILE = "file"
    CASE = "case"
    SCREENING = "screening"
    TEXT = "sealed text"
    IMPORT = "import"
    ACCOUNT = "account"
    PATHWAY = "pathway"
    PAPER = "travel document"
    SERVICE = "service"
    REFERRAL = "referral"
    PROGRAMME = "support programme"
    DUTY = "duty of an institution"
    PLACE = "shelter"
    STAY = "stay"
    PERMIT = "permit"
    RETURN = "return"
    GATE = "question to the gate"
    OFFICIAL = "official document"
    PROVINCE = "province"
    CODE_LIST = "code list"


@dataclass(frozen=True)
class Page:
    """A page, by the name of its address. Any one of `needs` opens it; none is asked of a page open to all."""

    name: str
    needs: frozenset[Permission]
    of: Kind = Kind.NOTHING
    is_public: bool = False

    def opens_for(self, role: Role) -> bool:
        """True if the role may go through, provided that the row named is within its reach."""
        return self.is_public or not self.needs or bool(self.needs & MATRIX[role][1])


def pages(*names: str, needs: tuple[Permission, ...] = (), of: Kind = Kind.NOTHING) -> list[Page]:
    """Pages that ask for the same and name the same."""
    return [Page(name, frozenset(needs), of) for name in names]
