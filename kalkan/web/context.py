"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kalkan.web.navigation import navigation
from kalkan.web.preferences import THEMES, theme_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """The quick exit's address, whether invented people are shown, the institution's sign-on, and the version."""
    return {
        "quick_exit_url": settings.QUICK_EXIT_URL,
        "is_demonstration": settings.IS_DEMONSTRATION,
        "sign_on_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "version": settings.VERSION,
        "languages": [code for code, _name in settings.LANGUAGES],
        "theme": theme_of(request),
        "themes": THEMES,
        "navigation": navigation(request),
    }
