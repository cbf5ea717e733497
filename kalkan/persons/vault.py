"""Sealing and opening what tells who a person is: AES-256-GCM under a data key per person.

A sealed value is `version byte | nonce (12) | ciphertext | tag (16)`. The person's reference and the place (table,
column and, for texts, the row) are authenticated with it, so that a value moved to another person or another place
does not open. A data key is stored only wrapped under a key-encryption key held outside the database; whoever drops
the wrapped key has erased everything sealed under it, in every backup too.
"""

from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kalkan.access.sealing import decrypt, encrypt
from kalkan.persons import keyring
from kalkan.persons.keyring import KeyMissing, KeyWrong, VaultError

__all__ = [
    "DataKey",
    "Erased",
    "KeyMissing",
    "KeyWrong",
    "NotGenuine",
    "VaultError",
    "Wrapped",
    "make",
    "rewrap",
    "unwrap",
]


class NotGenuine(VaultError):
    """A sealed value was changed, cut short, or moved from another person or place."""


class Erased(VaultError):
    """The person's data key was dropped: what was sealed under it cannot be opened by anyone."""


class Wrapped(NamedTuple):
    """A data key as the database holds it."""

    key: bytes
    version: int


class DataKey:
    """One person's key, unwrapped, for as long as this object lives."""

    __slots__ = ("_cipher", "_reference")

    def __init__(self, reference: UUID, secret: bytes):
        self._reference, self._cipher = reference, AESGCM(secret)

    def seal(self, place: str, value: bytes) -> bytes:
        """`value` as ciphertext that opens only for this person and at this place."""
        return encrypt(self._cipher, value, _bound(self._reference, place))

    def open(self, place: str, sealed: bytes) -> bytes:
        """The value that was sealed for this person at this place. Raises NotGenuine for anything else."""
        try:
            return decrypt(self._cipher, sealed, _bound(self._reference, place))
        except InvalidTag as refused:
            raise NotGenuine(f"A sealed value at {place} of person {self._reference} is not genuine.") from refused


def make(reference: UUID) -> tuple[Wrapped, DataKey]:
    """A new data key for a person, wrapped under the current key-encryption key."""
    version, secret = keyring.current_version(), AESGCM.generate_key(bit_length=256)
    wrapped = encrypt(AESGCM(keyring.key_encryption_key(version)), secret, _bound(reference, f"key/{version}"))
    return Wrapped(wrapped, version), DataKey(reference, secret)


def unwrap(reference: UUID, wrapped: Wrapped) -> DataKey:
    """The person's data key. Raises KeyMissing, KeyWrong or NotGenuine."""
    return DataKey(reference, _secret(reference, wrapped))


def rewrap(reference: UUID, wrapped: Wrapped, version: int) -> Wrapped:
    """The same data key under another version of the key-encryption key: what it sealed stays as it is."""
    secret = _secret(reference, wrapped)
    cipher = AESGCM(keyring.key_encryption_key(version))
    return Wrapped(encrypt(cipher, secret, _bound(reference, f"key/{version}")), version)


def _secret(reference: UUID, wrapped: Wrapped) -> bytes:
    cipher = AESGCM(keyring.key_encryption_key(wrapped.version))
    try:
        return decrypt(cipher, wrapped.key, _bound(reference, f"key/{wrapped.version}"))
    except InvalidTag as refused:
        raise NotGenuine(f"The data key of person {reference} was changed, or belongs to somebody else.") from refused


def _bound(reference: UUID, place: str) -> bytes:
    return reference.bytes + place.encode()
