"""Which browser on which system: enough for a person to know a session again, and for us to see it change hands."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The first word found decides: most browsers name several, the more particular one comes first here.
_BROWSERS = (
    ("Edg", "edge", "Edge"),
    ("OPR/", "opera", "Opera"),
    ("SamsungBrowser", "samsung", "Samsung Internet"),
    ("YaBrowser", "yandex", "Yandex"),
    ("Firefox/", "firefox", "Firefox"),
    ("FxiOS/", "firefox", "Firefox"),
    ("CriOS/", "chrome", "Chrome"),
    ("Chrome/", "chrome", "Chrome"),
    ("Safari/", "safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "windows", "Windows"),
    ("Android", "android", "Android"),
    ("iPhone", "ios", "iOS"),
    ("iPad", "ios", "iOS"),
    ("CrOS", "chromeos", "ChromeOS"),
    ("Mac OS X", "macos", "macOS"),
    ("Linux", "linux", "Linux"),
)
_OTHER = "other"


def family(user_agent: str) -> str:
    """Browser and system as two codes; versions are left out, so that an update ends no session.

    >>> family("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
    'chrome/linux'
    >>> family("")
    'other/other'
    """
    return f"{_first(_BROWSERS, user_agent)}/{_first(_SYSTEMS, user_agent)}"


def words(code: str) -> str | Promise:
    """A family as people say it: Firefox, Windows."""
    browser, _slash, system = code.partition("/")
    known = {code: name for table in (_BROWSERS, _SYSTEMS) for _mark, code, name in table}
    named = [known[part] for part in (browser, system) if part in known]
    return ", ".join(named) if named else _("Another browser")


def _first(table: tuple[tuple[str, str, str], ...], user_agent: str) -> str:
    return next((code for mark, code, _name in table if mark in user_agent), _OTHER)
