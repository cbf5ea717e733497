"""Every page of support, as in `test_pages`; a file of its own, so that both are walked at the same time."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import resolve, reverse

from kalkan.access.roles import Role
from kalkan.assistance.urls import urlpatterns
from tests.browser.pages import support
from tests.browser.walking import LOOKS, Visit, problems
from tests.factories import make_user

FILES = {"export_directory"}
"""Answers with a file, not with a page."""


@pytest.mark.browser
@LOOKS
def test_no_page_of_support_has_a_serious_violation_scrolls_sideways_or_lacks_a_picture(
    visit: Visit, language: str, theme: str, width: int
) -> None:
    assert problems(support(), visit, language=language, theme=theme, width=width) == []


@pytest.mark.django_db
def test_every_address_of_support_that_shows_a_page_is_walked() -> None:
    walked = {resolve(shown.address.partition("?")[0]).url_name for shown in support()}
    client = Client()
    client.force_login(make_user(Role.PROTECTION_OFFICER))
    answering = {str(one.name) for one in urlpatterns if _answers(client, one)}
    assert len(answering) > 80
    assert answering - walked - FILES == set()


def _answers(client: Client, pattern: object) -> bool:
    """Whether it takes GET at all: that is asked before the row that the address names."""
    arguments = [uuid4() for _argument in pattern.pattern.converters]  # type: ignore[attr-defined]
    address = reverse(f"assistance:{pattern.name}", args=arguments)  # type: ignore[attr-defined]
    return client.get(address).status_code != 405
