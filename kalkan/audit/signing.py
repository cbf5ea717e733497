"""The signed heads of the log: what is signed, with which key, and how they lie in a file.

What another room signs with this key (a referral's package) begins with a format of its own, so that no text of one
kind can be taken for the other.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings

from kalkan.audit.canonical import Entry

FORMAT = "kalkan-audit/1"
BEGINNING = "0" * 64  # the head before the first one
_NAMED = 24  # bytes by which a line names an event: number and reference
Keys = Mapping[str, Ed25519PublicKey]


class KeyMissing(Exception):
    """The key that signs heads is not there, or is not whole. Says which file and what to do."""


class NotAHead(ValueError):
    """A head, a line of heads or a key cannot be read, or its signature is not of a known key."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed of one batch. Its JSON with sorted keys and no spaces is the text that the signature covers."""

    batch: int
    count: int
    first: int
    last: int
    total: int
    root: str
    previous: str
    sealed_at: str
    key: str
    format: str = FORMAT

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """What the next head names as the previous one."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A head as it is kept elsewhere: with its signature and the names of its events."""

    head: Head
    signature: bytes
    events: tuple[Entry, ...] = ()

    @property
    def text(self) -> str:
        named = b"".join(one.id.to_bytes(8, "big", signed=True) + one.reference for one in self.events)
        return json.dumps(
            {
                "head": asdict(self.head),
                "signature": self.signature.hex(),
                "events": base64.b64encode(named).decode(),
            },
            sort_keys=True,
            separators=(",", ":"),
        )


def read_head(values: Any) -> Head:
    """The head in JSON that came from outside. Raises NotAHead."""
    try:
        head = Head(**values)
    except TypeError as error:
        raise NotAHead("A head does not have the parts of a head.") from error
    numbers = (head.batch, head.count, head.first, head.last, head.total)
    words = (head.root, head.previous, head.sealed_at, head.key)
    if (
        any(type(one) is not int for one in numbers)
        or any(type(one) is not str for one in words)
        or head.format != FORMAT
    ):
        raise NotAHead("A head does not have the parts of a head.")
    return head


def read_head_text(text: str) -> Head:
    """The head whose signed text this is. Raises NotAHead."""
    try:
        head = read_head(json.loads(text))
    except ValueError as error:
        raise NotAHead("The text of a head cannot be read.") from error
    if head.text != text:
        raise NotAHead("The text of a head is not as it is signed.")
    return head


def read_line(text: str) -> Line:
    """One line of a file of heads. Raises NotAHead."""
    try:
        values = json.loads(text)
        named = base64.b64decode(values.get("events", ""), validate=True)
        signature = bytes.fromhex(values["signature"])
        head = read_head(values["head"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAHead("A line of the file is not a head of the log.") from error
    events = tuple(
        Entry(int.from_bytes(named[at : at + 8], "big", signed=True), named[at + 8 : at + _NAMED], b"")
        for at in range(0, len(named) - len(named) % _NAMED, _NAMED)
    )
    return Line(head, signature, events)


def read_lines(path: Path) -> Iterator[Line]:
    """The heads of a file, one at a time. Raises NotAHead."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            if text.strip():
                yield read_line(text)


# --- keys --------------------------------------------------------------------------------------------------------


def own_key() -> Ed25519PrivateKey:
    """The key that signs heads, from `audit.key`. Raises KeyMissing."""
    path = settings.KEYS / "audit.key"
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes()[:32])
    except FileNotFoundError as absent:
        raise KeyMissing(
            "audit.key is not in the folder of keys. Put the kept copy of this key file back."
        ) from absent
    except ValueError as damaged:
        raise KeyMissing("audit.key is damaged. Put the kept copy of this key file back.") from damaged


def name_of(key: Ed25519PublicKey) -> str:
    """How heads name the key that signed them."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def known_keys(*kept: Path) -> dict[str, Ed25519PublicKey]:
    """Public keys by name: those of the files `kept`; without any, the own one and `audit-*.pub` of earlier ones.

    Raises KeyMissing where there is none, NotAHead for a file that holds no such key.
    """
    if kept:
        found = [read_key(path) for path in kept]
    else:
        found = [own_key().public_key(), *(read_key(path) for path in sorted(settings.KEYS.glob("audit-*.pub")))]
    return {name_of(key): key for key in found}


def read_key(path: Path) -> Ed25519PublicKey:
    """A public key in PEM, as `kalkan audit key` prints it. Raises NotAHead."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAHead(f"{path.name} is not a public key.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise NotAHead(f"{path.name} is not an Ed25519 key.")
    return key


def pem() -> str:
    """The public half of the own key, to be kept by whoever checks."""
    return own_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_signed(head: Head, signature: bytes, keys: Keys) -> bool:
    """True if one of `keys`, the one that the head names, signed it."""
    return is_signed_text(head.text, signature, key=head.key, keys=keys)


def is_signed_text(text: str, signature: bytes, *, key: str, keys: Keys) -> bool:
    """True if the one of `keys` that is named `key` signed `text`, which names its own format."""
    found = keys.get(key)
    if found is None:
        return False
    try:
        found.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
