"""Proving that one event belongs to the sealed log, to somebody who has nothing but a public key."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from kalkan.audit import canonical, merkle, signing
from kalkan.audit.canonical import LOWEST, NotCanonical
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.signing import Keys, NotAHead

FORMAT = "kalkan-audit-proof/1"


class NotProven(Exception):
    """There is no such proof, or it does not hold. Says why."""


def prove(reference: UUID) -> dict[str, Any]:
    """The inclusion proof of one event, as JSON can hold it. Raises NotProven."""
    event = AuditEvent.objects.filter(reference=reference).values_list("pk", flat=True).first()
    if event is None:
        raise NotProven("There is no event with this reference.")
    batch = Batch.objects.filter(last__gte=event).order_by("number").first()
    if batch is None:
        raise NotProven("This event is not sealed yet. Run `kalkan audit seal`.")
    head = signing.read_head_text(batch.head)
    before = Batch.objects.filter(number=batch.number - 1).values_list("last", flat=True).first()
    first = LOWEST if before is None else before + 1
    leaf, index = b"", -1
    digests: list[bytes] = []
    for data in canonical.rows(first, head.last):
        if data[18:34] == reference.bytes:
            leaf, index = data, len(digests)
        digests.append(merkle.leaf_hash(data))
    if index < 0 or merkle.root_of(digests).hex() != head.root:
        raise NotProven("The log is not as it was sealed. Run `kalkan audit verify`.")
    return {
        "format": FORMAT,
        "event": canonical.read(leaf),
        "leaf": leaf.hex(),
        "index": index,
        "path": [one.hex() for one in merkle.path_of(digests, index)],
        "head": asdict(head),
        "signature": bytes(batch.signature).hex(),
    }


def check(proof: Any, keys: Keys) -> dict[str, Any]:
    """The event that a proof is about, read from the bytes that were hashed. Needs no database. Raises NotProven."""
    try:
        if proof["format"] != FORMAT:
            raise NotProven("This is not an inclusion proof of the log.")
        head = signing.read_head(proof["head"])
        leaf, signature = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["signature"])
        path = [bytes.fromhex(one) for one in proof["path"]]
        index = proof["index"]
        event = canonical.read(leaf)
        if type(index) is not int or proof["event"] != event:
            raise NotProven("What the proof says of the event is not what was hashed.")
    except (KeyError, TypeError, ValueError, NotAHead, NotCanonical) as error:
        raise NotProven("The proof cannot be read.") from error
    root = merkle.root_through(merkle.leaf_hash(leaf), path, index=index, size=head.count)
    if root is None or root.hex() != head.root:
        raise NotProven("The event is not in the batch that the head is about.")
    if not signing.is_signed(head, signature, keys):
        raise NotProven("The head is not signed by a known key.")
    return event
