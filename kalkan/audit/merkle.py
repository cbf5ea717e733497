"""Merkle trees as in RFC 9162 (Certificate Transparency 2.0), section 2.1: SHA-256, 0x00 before a leaf, 0x01 before
a node, so that no leaf can pass for a node."""

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + data).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order (2.1.1). Joining neighbours level by level and carrying the odd one up
    gives the tree that the RFC splits at the largest power of two.

    >>> root_of([]) == EMPTY
    True
    >>> one, two, three = (leaf_hash(bytes([number])) for number in range(3))
    >>> root_of([one, two, three]) == root_of([root_of([one, two]), three])
    True
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        level = _joined(level)
    return level[0]


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from leaf `index` to the root, the nearest first (2.1.3.1).

    Raises IndexError where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    level, path = list(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level = _joined(level)
        index //= 2
    return path


def root_through(leaf: bytes, path: Sequence[bytes], *, index: int, size: int) -> bytes | None:
    """The root to which `path` leads from `leaf`, number `index` of `size` (2.1.3.2); None if it cannot be a path."""
    if not 0 <= index < size:
        return None
    found, here, last = leaf, index, size - 1
    for beside in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            found = sha256(b"\x01" + beside + found).digest()
            while not here & 1 and here:
                here >>= 1
                last >>= 1
        else:
            found = sha256(b"\x01" + found + beside).digest()
        here >>= 1
        last >>= 1
    return found if last == 0 else None


def _joined(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(level) & 1:
        above.append(level[-1])
    return above
