"""Every test of the log has a file of heads of its own."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from kalkan.audit import sealing
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.audit.services import record
from tests.factories import make_user


@pytest.fixture(autouse=True)
def heads(settings: Settings, tmp_path: Path) -> Path:
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    return settings.AUDIT_HEADS


@pytest.fixture
def log(db: None, monkeypatch: pytest.MonkeyPatch) -> list[AuditEvent]:
    """Thirty events with every kind of column filled and empty, sealed in four batches."""
    monkeypatch.setattr(sealing, "SIZE", 8)
    sealing.seal()  # what the fixtures wrote
    user = make_user()
    for number in range(30):
        facts = {"number": number, "deep": {"şehir": ["ığüşöç", 1.5, None, True]}}
        subjects = [uuid4() for _subject in range(number % 4)]
        record(Event.PERSON_VIEWED, *subjects, by=user if number % 3 else None, facts=facts)
    written = list(AuditEvent.objects.filter(action=Event.PERSON_VIEWED).order_by("id"))
    heads = sealing.seal()
    assert [head.count for head in heads] == [8, 8, 8, 6]
    return written
