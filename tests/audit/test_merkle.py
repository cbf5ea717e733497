"""The tree against the definition of RFC 9162, written down once more as the RFC has it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalkan.audit.merkle import leaf_hash, path_of, root_of, root_through

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def tree_of_the_rfc(leaves: list[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_of_the_rfc(leaves[:split]) + tree_of_the_rfc(leaves[split:])).digest()


# Published with the test vectors of Certificate Transparency (RFC 6962 and 9162 hash alike).
VECTOR = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    leaves = VECTOR[:size]
    if size == 8:
        leaves = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
        leaves.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
    assert root_of([leaf_hash(leaf) for leaf in leaves]).hex() == ROOTS[size]


@given(LEAVES)
def test_joining_neighbours_gives_the_tree_of_the_rfc(leaves: list[bytes]) -> None:
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == tree_of_the_rfc(leaves)


@given(LEAVES, st.data())
def test_a_path_leads_to_the_root_from_its_leaf_and_from_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    digests = [leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = path_of(digests, index), root_of(digests)

    assert root_through(digests[index], path, index=index, size=len(leaves)) == root
    assert root_through(leaf_hash(b"another leaf"), path, index=index, size=len(leaves)) != root
    assert root_through(digests[index], [*path, digests[0]], index=index, size=len(leaves)) != root
    if path:
        assert root_through(digests[index], path[:-1], index=index, size=len(leaves)) != root
        assert root_through(digests[index], [bytes(32), *path[1:]], index=index, size=len(leaves)) != root


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_no_path_belongs_to_a_leaf_outside_the_tree(index: int) -> None:
    digests = [leaf_hash(bytes([number])) for number in range(3)]
    assert root_through(digests[0], path_of(digests, 0), index=index, size=3) is None
    with pytest.raises(IndexError):
        path_of(digests, index)
