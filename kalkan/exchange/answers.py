"""Which answers a target knows: the code lists, the provinces, and two short lists of the doors' own."""

from kalkan.vocabulary import selectors as vocabulary

# How a case stands where it comes from, and what that body found: not our lifecycle's stages and decisions.
_OWN = {"state": ("open", "closed"), "outcome": ("recognised", "not_recognised")}


def is_known(list_code: str, code: str) -> bool:
    """True if the list has the code, retired ones included: old records keep their words."""
    if list_code in _OWN:
        return code in _OWN[list_code]
    return vocabulary.is_known(list_code, code)


def resolve(list_code: str, text: str) -> str | None:
    """The code that a cell means: a code, a label in either language or another known spelling; None if none fits."""
    if list_code in _OWN:
        return text if text in _OWN[list_code] else None
    return vocabulary.resolve(list_code, text)
