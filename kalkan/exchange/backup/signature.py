"""Who wrote a backup: the manifest, which names every part by its digest, signed with the key that signs the log."""

import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from kalkan.audit import signing
from kalkan.exchange.backup import Refused

MEMBER = "manifest.sig"
_WHAT = b"kalkan-backup/1\n"  # signed before the manifest, so that no head of the log passes for one


def made(manifest: bytes) -> bytes:
    """The signature of a manifest, as it lies in the archive. Raises Refused."""
    try:
        key = signing.own_key()
    except signing.KeyMissing as missing:
        raise Refused(str(missing)) from missing
    said = {"key": signing.name_of(key.public_key()), "signature": key.sign(_WHAT + manifest).hex()}
    return json.dumps(said).encode()


def check(manifest: bytes, signature: bytes, *, by: Sequence[Path]) -> None:
    """Raises Refused unless this installation signed the manifest, or a key in the files `by`."""
    try:
        keys = signing.known_keys(*by)
    except (signing.KeyMissing, signing.NotAHead, OSError) as wrong:
        raise Refused(f"Nobody can say who wrote this backup. {wrong}") from wrong
    if not signature:
        raise Refused(
            "Nobody signed this backup. One written by a version before signatures is taken with --unsigned, "
            "if its digest is the one in the log."
        )
    try:
        said = json.loads(signature)
        keys[said["key"]].verify(bytes.fromhex(said["signature"]), _WHAT + manifest)
    except (InvalidSignature, KeyError, TypeError, ValueError) as wrong:
        raise Refused(
            "This installation did not sign this backup. If another one did, name its public key: --signed-by FILE."
        ) from wrong
