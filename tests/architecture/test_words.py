"""No page speaks half Turkish."""

from pathlib import Path

import pytest

from kalkan.config import messages
from kalkan.config.database import ROOT

CATALOGUES = sorted((ROOT / "kalkan").glob("*/__init__.py"))


@pytest.mark.parametrize("room", [path.parent for path in CATALOGUES], ids=lambda path: path.name)
def test_every_word_of_a_room_has_its_turkish(room: Path) -> None:
    assert messages.untranslated(messages.gather(room)) == []


@pytest.mark.parametrize("room", [path.parent for path in CATALOGUES], ids=lambda path: path.name)
def test_turkish_keeps_the_places_for_values(room: Path) -> None:
    for message in messages.gather(room):
        if message.id and message.python_format:
            strings = message.string if isinstance(message.string, tuple | list) else [message.string]
            original = message.id if isinstance(message.id, str) else message.id[-1]
            for string in strings:
                assert not string or messages.places(string) == messages.places(original), original
