"""Sending heads away: what is kept elsewhere cannot be changed here."""

import json
from dataclasses import asdict
from urllib.request import Request, urlopen

from django.conf import settings

from kalkan.audit import signing
from kalkan.audit.models import Batch

_PATIENCE = 20  # seconds


class NotTaken(Exception):
    """The address did not take the head."""


def publish(number: int) -> None:
    """Post one signed head, without the names of its events, to the address of the settings. Raises NotTaken, OSError.

    A setting that was taken away since is no error: there is nothing to do any more.
    """
    address = settings.AUDIT_WEBHOOK
    if not address:
        return
    if not address.startswith(("https://", "http://")):
        raise NotTaken("AUDIT_WEBHOOK is no http address.")
    batch = Batch.objects.get(number=number)
    head = signing.read_head_text(batch.head)
    body = json.dumps({"head": asdict(head), "signature": bytes(batch.signature).hex()}).encode()
    request = Request(address, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310 - checked above
    with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
        if answer.status >= 300:
            raise NotTaken(f"The address answered {answer.status}.")
