"""Every address of the urlconf, and every form that one of the attackers can really open."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.attack.ground import Attacker, Ground
from tests.attack.wire import Request, send

# Which kind of reference an address's `reference` means; elsewhere the name of the argument says it.
_KINDS = {
    "persons:judge": "match",
    "persons:withdraw": "consent",
    "cases:screening_danger": "screening",
    "cases:screening_result": "screening",
    "cases:screening_page": "screening",
}
_WORDS = {
    "page": ("danger", "act", "exploitation", "nothing"),
    "code": ("exploitation_form", "sex", "nothing"),
    "name": ("cases", "persons", "audit", "figures", "nothing"),
    "province": ("TR-06", "TR-34", "TR-99"),
}


@dataclass(frozen=True)
class Address:
    """One pattern: its name, and the name and converter of each argument."""

    name: str
    arguments: tuple[tuple[str, str], ...]

    def kind(self, argument: str) -> str:
        """Which planted references fit the argument."""
        if argument != "reference":
            return argument
        room = self.name.partition(":")[0]
        by_room = {"persons": "person", "cases": "case", "access": "account", "exchange": "import", "web": "case"}
        return _KINDS.get(self.name, by_room.get(room, "case"))

    def path(self, values: dict[str, str]) -> str:
        """The address with these values, as it would be written."""
        return reverse(self.name, kwargs=values)


@dataclass(frozen=True)
class Form:
    """A form as a browser got it: where it goes, and each field with what it may say."""

    attacker: str
    path: str
    fields: tuple[tuple[str, tuple[str, ...], str], ...]
    has_files: bool


def every_address() -> list[Address]:
    """All named patterns. Raises AssertionError for one without a name: nobody could attack it by accident."""
    found = list(_walk(get_resolver().url_patterns, "", ()))
    assert len(found) > 40
    return found


def _walk(patterns: Any, prefix: str, arguments: tuple[tuple[str, str], ...]) -> Iterator[Address]:
    for pattern in patterns:
        own = tuple((name, type(one).__name__) for name, one in getattr(pattern.pattern, "converters", {}).items())
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern.url_patterns, space, arguments + own)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, pattern
            if not own and not hasattr(pattern.pattern, "_route"):  # a regular expression: allauth's reset key
                own = tuple((name, "RegexArgument") for name in pattern.pattern.regex.groupindex)
            yield Address(prefix + pattern.name, arguments + own)


def fillings(address: Address, planted: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """A few ways to fill an address with values of one province."""
    choices: dict[str, list[str]] = {}
    for name, converter in address.arguments:
        kind = address.kind(name)
        if converter == "UUIDConverter":
            choices[name] = planted.get(kind) or planted["case"]
        elif converter == "IntConverter":
            choices[name] = ["2025", "0"]
        else:
            choices[name] = list(_WORDS.get(name, ("x",)))
    most = max((len(values) for values in choices.values()), default=1)
    for number in range(min(most, 12)):
        yield {name: values[number % len(values)] for name, values in choices.items()}


def reachable_forms(ground: Ground, addresses: list[Address]) -> tuple[list[Form], int]:
    """Every form on every page that an attacker can open with values of the own province; and how many were asked."""
    forms: dict[tuple[Any, ...], Form] = {}
    asked = 0
    for attacker in ground.attackers:
        for address in addresses:
            if address.name == "account_logout" or any(kind == "RegexArgument" for _name, kind in address.arguments):
                continue
            missed = 0
            for values in fillings(address, ground.own):
                path = address.path(values)
                asked += 1
                answer = send(Request("GET", path, session=attacker.session))
                missed = missed + 1 if answer.status == 404 else 0
                if answer.status == 403 or missed == 4:  # not this role's page, whatever the row
                    break
                if answer.status == 200 and "text/html" in answer.header("content-type"):
                    for form in read_forms(attacker, path, answer.body.decode()):
                        key = (attacker.name, address.name, tuple(name for name, _values, _kind in form.fields))
                        forms.setdefault(key, form)
    return list(forms.values()), asked


def read_forms(attacker: Attacker, path: str, html: str) -> list[Form]:
    """The forms of a page that post."""
    reader = _Reader()
    reader.feed(html)
    return [
        Form(
            attacker.name,
            urlsplit(found["action"]).path or path,
            tuple((name, tuple(values), kind) for name, (values, kind) in found["fields"].items()),
            found["has_files"],
        )
        for found in reader.forms
        if found["method"] == "post"
    ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._form: dict[str, Any] | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = {
                "action": said.get("action", ""),
                "method": said.get("method", "get").lower(),
                "has_files": "multipart" in said.get("enctype", ""),
                "fields": {},
            }
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag in {"input", "button"} and said.get("name"):
            self._note(said["name"], said.get("value", ""), said.get("type", "text"))
        if tag == "select":
            self._select = said.get("name", "")
            self._note(self._select, None, "select")
        if tag == "option" and self._select:
            self._note(self._select, said.get("value", ""), "select")
        if tag == "textarea":
            self._note(said.get("name", ""), "Uydurma metin", "textarea")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def _note(self, name: str, value: str | None, kind: str) -> None:
        if self._form is None or not name or name == "csrfmiddlewaretoken":
            return
        values, _kind = self._form["fields"].setdefault(name, ([], kind))
        if value is not None and value not in values:
            values.append(value)
