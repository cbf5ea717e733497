"""Every page: accessible in both languages and themes, no wider than a small telephone, and every picture there."""

import pytest

from tests.browser.pages import everything
from tests.browser.walking import LOOKS, Visit, problems

pytestmark = pytest.mark.browser


@LOOKS
def test_no_page_has_a_serious_violation_scrolls_sideways_or_lacks_a_picture(
    visit: Visit, language: str, theme: str, width: int
) -> None:
    assert problems(everything(), visit, language=language, theme=theme, width=width) == []
