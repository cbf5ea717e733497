"""What a person receives, for the tests of the walls: rows of each topic, who sees them, which address names them.

A topic is a module here with
- `fill(case, by)`: a row in every table of the topic that belongs to the case;
- `allowed(user)`: for each model, the keys of the rows that the first wall shows the user;
- `named`: kind of door → the arguments of its address for a case (a new row is made if need be);
- `reaches`: kind of door → whether the row exists for the user, told from the role alone.
"""

from types import ModuleType

from tests.security.topics import (
    directory,
    documents,
    papers,
    pathways,
    permits,
    programmes,
    promises,
    referrals,
    shelters,
)

TOPICS: tuple[ModuleType, ...] = (
    promises,
    # pathways and travel documents
    pathways,
    papers,
    # directory
    directory,
    # referrals
    referrals,
    # support programme
    programmes,
    # shelters
    shelters,
    # permits and returns
    permits,
    # official documents
    documents,
)
