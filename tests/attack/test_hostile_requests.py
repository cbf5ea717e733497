"""A small share of `python -m tests.attack`; the whole campaign is run before a release."""

import logging
from collections.abc import Iterator

import pytest

from tests.attack import campaign, ground
from tests.attack.addresses import every_address
from tests.attack.campaign import Findings, Shot
from tests.attack.wire import Request, send

REQUESTS = 1_000


@pytest.fixture
def world(db: None) -> Iterator[ground.Ground]:
    logging.disable(logging.CRITICAL)
    yield ground.make()
    logging.disable(logging.NOTSET)


def test_no_hostile_request_breaks_the_server_or_brings_back_a_foreign_row(world: ground.Ground) -> None:
    findings = campaign.attack(world, requests=REQUESTS)
    said = "\n".join(f"--- {kind}\n{what}" for kind, what in findings.said.items())
    assert findings.is_clean, f"{findings.counts()}\n{said}"
    assert findings.requests >= REQUESTS
    assert findings.statuses[200] > REQUESTS / 20, "hardly anything was reached"
    assert {"form", "foreign", "parameters", "method", "raw body", "path", "wire"} <= set(findings.kinds)


def test_the_campaign_would_notice_a_leak(world: ground.Ground) -> None:
    """The same page as somebody to whom it does belong: the judge must see every planted value in it."""
    expert = next(one for one in world.attackers if one.name == "identification_expert")
    reader = ground.Attacker("somebody else", None, expert.session, frozenset(world.own["number"]))
    findings = Findings()
    request = Request("GET", "/work/", query="view=all", session=expert.session)
    campaign.judge(Shot(reader, "foreign", request), send(request), findings)
    assert findings.foreign_rows == 1
    assert not findings.is_clean


def test_the_campaign_knows_every_address() -> None:
    rooms = {address.name.partition(":")[0] for address in every_address()}
    assert {"web", "cases", "persons", "exchange", "statistics", "access", "audit", "vocabulary"} <= rooms
    assert {"health", "account_login"} <= {address.name for address in every_address()}
