"""AES-256-GCM as this house writes it, for every room that seals something: no room has a format of its own.

A sealed value is `version byte | nonce (12) | ciphertext | tag (16)`. What it belongs to is authenticated with it, so
that a value moved to another place does not open.
"""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FORMAT = 1
NONCE = 12
TAG = 16


def encrypt(cipher: AESGCM, value: bytes, bound: bytes) -> bytes:
    """`value` sealed so that it opens only together with `bound`."""
    head, nonce = bytes([FORMAT]), secrets.token_bytes(NONCE)
    return head + nonce + cipher.encrypt(nonce, value, head + bound)


def decrypt(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    """The value. Raises InvalidTag where it was changed, cut short, moved, or sealed with another key."""
    head = sealed[:1]
    if head != bytes([FORMAT]) or len(sealed) < 1 + NONCE + TAG:
        raise InvalidTag
    return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], head + bound)


@lru_cache(maxsize=8)
def account_cipher(purpose: str) -> AESGCM:
    """The cipher for one kind of secret of accounts (sessions, second factors), from the key file `accounts.key`."""
    info = f"kalkan accounts {purpose}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(settings.ACCOUNTS_KEY))
