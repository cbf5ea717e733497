"""Light or dark, Turkish or English: kept in a cookie, and the language in the account too."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

THEMES = [("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))]


def theme_of(request: HttpRequest) -> str:
    """The theme that the reader chose, `system` without a choice."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME)
    return chosen if chosen in {value for value, _name in THEMES} else "system"
