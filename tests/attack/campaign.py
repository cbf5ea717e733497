"""So many hostile requests, each undone, and what came of them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.db import transaction
from django.test.client import MULTIPART_CONTENT
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from tests.attack import tricks
from tests.attack.addresses import Address, Form, every_address, fillings, reachable_forms
from tests.attack.ground import Attacker, Ground
from tests.attack.wire import SECRET, Answer, Request, send

_URLENCODED = "application/x-www-form-urlencoded"
_BOUNDARY = b"157157157"
_SHOWN = 40
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Findings:
    """Counts, and the first of each kind in words, for whoever has to mend it."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    server_errors: int = 0
    foreign_rows: int = 0
    unescaped: int = 0
    led_elsewhere: int = 0
    addresses: set[str] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "requests": self.requests,
            "answered_5xx": self.server_errors,
            "foreign_rows_returned": self.foreign_rows,
            "markup_returned_unescaped": self.unescaped,
            "redirects_to_elsewhere": self.led_elsewhere,
            "addresses_attacked": len(self.addresses),
            "kinds": dict(sorted(self.kinds.items())),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }

    @property
    def is_clean(self) -> bool:
        """True if nothing was found."""
        return not (self.server_errors or self.foreign_rows or self.unescaped or self.led_elsewhere)

    def note(self, kind: str, what: str) -> None:
        """Keep the first of its kind."""
        if len(self.said) < _SHOWN:
            self.said.setdefault(kind, what)


@dataclass
class Shot:
    """One request of a campaign, by whom and of which kind."""

    attacker: Attacker
    kind: str
    request: Request
    address: str = ""


def attack(ground: Ground, *, requests: int, tell: Callable[[Findings], None] = lambda findings: None) -> Findings:
    """Send at least `requests` requests, drawn by Hypothesis, each in a transaction that is rolled back.

    `tell` hears of the findings after about every thousand, and at the end.
    """
    findings = Findings()
    with transaction.atomic():
        forms, asked = reachable_forms(ground, every_address())
        transaction.set_rollback(True)
    assert asked > 100, "the world is too small to attack"
    assert len(forms) > 20, "hardly a form can be reached"

    @settings(
        max_examples=max(requests // 4, 50),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(shots(ground, every_address(), forms))
    def fire(shot: Shot) -> None:
        if findings.requests < requests:
            before = findings.requests // 1000
            _fire(shot, findings)
            if findings.requests // 1000 > before:
                tell(findings)

    while findings.requests < requests:
        fire()
    tell(findings)
    return findings


def _fire(shot: Shot, findings: Findings) -> None:
    with transaction.atomic():
        answer = send(shot.request)
        judge(shot, answer, findings)
        target = urlsplit(answer.header("location")) if answer.status in {301, 302, 303} else None
        if target is not None and target.path.startswith("/") and shot.request.method == "POST":
            seen = Request("GET", target.path, target.query, session=shot.request.session)
            told = Shot(shot.attacker, "what came of it", seen, shot.address)
            # What was sent is the sender's own: it may be shown on the page that follows.
            judge(told, send(seen), findings, spoken=shot.request.spoken())
        transaction.set_rollback(True)


def judge(shot: Shot, answer: Answer, findings: Findings, *, spoken: str = "") -> None:
    """Count one answer."""
    findings.requests += 1
    findings.statuses[answer.status] += 1
    findings.kinds[shot.kind] += 1
    if shot.address:
        findings.addresses.add(shot.address)
    what = f"{shot.attacker.name}, {shot.kind}: {shot.request}\n"
    if answer.status >= 500:
        findings.server_errors += 1
        last = answer.trace.strip().splitlines()[-1:] or [""]
        findings.note(f"5xx {shot.address} {last[0][:120]}", what + answer.trace)
    if any("\r" in value or "\n" in value for _name, value in answer.headers):
        findings.led_elsewhere += 1
        findings.note(f"header split {shot.address}", what)
    target = urlsplit(answer.header("location"))
    if target.netloc and target.netloc.split(":")[0] != "127.0.0.1":
        findings.led_elsewhere += 1
        findings.note(f"redirect {shot.address}", what + answer.header("location"))
    text, said = answer.text(), shot.request.spoken() + spoken
    found = {one for one in _UUID.findall(text) if one in shot.attacker.foreign}
    found |= {word for word in shot.attacker.words if word in text}
    leaked = [marker for marker in found if marker not in said]
    if leaked:
        findings.foreign_rows += 1
        findings.note(f"leak {shot.attacker.name} {shot.address}", what + f"{answer.status} {sorted(leaked)[:10]}")
    if tricks.MARKUP.partition(" ")[0] in text and "text/html" in answer.header("content-type"):
        findings.unescaped += 1
        findings.note(f"markup {shot.address}", what)


@st.composite
def shots(draw: st.DrawFn, ground: Ground, addresses: list[Address], forms: list[Form]) -> Shot:
    """One hostile request of one of six kinds."""
    attacker = draw(st.sampled_from(ground.attackers))
    known = [*(one for values in ground.own.values() for one in values), *_all(ground.others)]
    kinds = ("form", "form", "form", "foreign", "foreign", "parameters", "method", "raw body", "path", "wire")
    kind = draw(st.sampled_from(kinds))
    if kind == "form":
        return _tampered_form(draw, ground, forms, known)
    if kind == "path":
        path = draw(st.one_of(st.sampled_from(tricks.PATHS), st.text(max_size=40).map(_as_path)))
        return Shot(attacker, kind, Request("GET", path, session=attacker.session))
    address = draw(st.sampled_from(addresses))
    path = _path(draw, address, ground.others if kind == "foreign" or draw(st.booleans()) else ground.own)
    request = Request("GET", path, session=attacker.session)
    if kind == "foreign" and draw(st.booleans()):
        request.method = "POST"
        _post(request, _invented(draw, known))
    elif kind == "parameters":
        request.query = draw(st.one_of(st.text(max_size=80).map(quote), st.just(urlencode(_invented(draw, known)))))
    elif kind == "method":
        request.method = draw(st.sampled_from(tricks.METHODS))
        _post(request, _invented(draw, known))
        request.headers["CONTENT_TYPE"] = draw(st.sampled_from(tricks.CONTENT_TYPES))
    elif kind == "raw body":
        request.method, request.body = "POST", draw(tricks.raw_bytes())
        request.headers |= {"CONTENT_TYPE": draw(st.sampled_from(tricks.CONTENT_TYPES)), "X-CSRFToken": SECRET}
    elif kind == "wire":
        request.headers |= draw(st.sampled_from(tricks.HEADERS))
        request.cookies = draw(st.sampled_from(("", *tricks.COOKIES)))
        if draw(st.booleans()):
            request.method = "POST"
            _post(request, _invented(draw, known))
            request.content_length = draw(st.one_of(st.none(), st.sampled_from(tricks.LENGTHS)))
    return Shot(attacker, kind, request, address.name)


def _tampered_form(draw: st.DrawFn, ground: Ground, forms: list[Form], known: list[str]) -> Shot:
    form = draw(st.sampled_from(forms))
    attacker = next(one for one in ground.attackers if one.name == form.attacker)
    said: list[tuple[str, str]] = []
    for name, values, kind in form.fields:
        if kind == "file" or (kind in {"checkbox", "submit"} and draw(st.booleans())):
            continue
        said.append((name, draw(st.sampled_from(values)) if values and any(values) else draw(_plausible(name))))
    for _number in range(draw(st.integers(0, 3))):
        how = draw(st.sampled_from(("value", "value", "hidden", "twice", "drop")))
        if how == "hidden" or not said:
            said.append((draw(st.sampled_from(tricks.HIDDEN)), draw(tricks.values(known))))
            continue
        place = draw(st.integers(0, len(said) - 1))
        if how == "value":
            said[place] = (said[place][0], draw(tricks.values(known)))
        elif how == "twice":
            said.append((said[place][0], draw(tricks.values(known))))
        else:
            del said[place]
    if draw(st.integers(0, 3)) == 0:
        said.append(("confirmed", "yes"))
    request = Request("POST", form.path, session=attacker.session)
    if form.has_files:
        named = [name for name, _values, kind in form.fields if kind == "file"]
        files = [(name, *draw(st.sampled_from(tricks.FILES))) for name in named]
        request.body = _multipart(said, files)
        request.headers["CONTENT_TYPE"] = MULTIPART_CONTENT.split(";")[0] + f"; boundary={_BOUNDARY.decode()}"
    else:
        _post(request, said)
    if draw(st.integers(0, 9)) == 0:  # as somebody else, for whom the form was never shown
        attacker = draw(st.sampled_from(ground.attackers))
        request.session = attacker.session
    return Shot(attacker, "form", request, f"form of {form.path.split('/')[1]}/{form.path.rstrip('/').split('/')[-1]}")


def _plausible(name: str) -> st.SearchStrategy[str]:
    """What a field that offers no answers would accept."""
    if "on" in name.split("_") or "began" in name or "ended" in name:
        return st.sampled_from(["2026-03-02", "03.2026", "2026", ""])
    if "mail" in name or name == "login":
        return st.sampled_from(["biri@kalkan.invalid", "kimse@kalkan.invalid"])
    return st.sampled_from(["Uydurma", "12", "", "TR1234567", "+90 555 000 00 00"])


def _invented(draw: st.DrawFn, known: list[str]) -> list[tuple[str, str]]:
    names = st.sampled_from(
        (*tricks.HIDDEN, "q", "page", "view", "order", "stage", "format", "next", "purpose", "login")
    )
    return draw(st.lists(st.tuples(names, tricks.values(known)), max_size=6))


def _path(draw: st.DrawFn, address: Address, planted: dict[str, list[str]]) -> str:
    values = draw(st.sampled_from(list(fillings(address, planted))))
    if any(kind == "RegexArgument" for _name, kind in address.arguments):
        return f"/account/password/reset/key/{quote(draw(st.sampled_from(tricks.TEXTS))[:500])}-{draw(st.uuids())}/"
    for name, converter in address.arguments:
        if converter in {"StringConverter", "SlugConverter"} and draw(st.booleans()):
            made = draw(st.sampled_from(tricks.TEXTS)).replace("/", "")[:3000]
            fits = made and (converter == "StringConverter" or made.replace("-", "").replace("_", "").isascii())
            values[name] = made if fits and made.strip() and _is_slug(made, converter) else values[name]
    return address.path(values)


def _is_slug(text: str, converter: str) -> bool:
    return converter == "StringConverter" or all(one.isascii() and (one.isalnum() or one in "-_") for one in text)


def _as_path(text: str) -> str:
    return "/" + text.encode("utf-8", "surrogatepass").decode("latin-1")


def _post(request: Request, said: list[tuple[str, str]]) -> None:
    pairs = [("csrfmiddlewaretoken", SECRET), *said]
    request.body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs).encode()
    request.headers["CONTENT_TYPE"] = _URLENCODED


def _quoted(text: str) -> str:
    return quote(tricks.boundary(text), safe="")


def _multipart(said: list[tuple[str, str]], files: list[tuple[str, str, str, bytes]]) -> bytes:
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (tricks.boundary(name), tricks.boundary(value))
        for name, value in [("csrfmiddlewaretoken", SECRET), *said]
    ]
    for name, filename, content_type, content in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {content_type}'
        parts.append(tricks.boundary(head) + b"\r\n\r\n" + content)
    return b"".join(b"--" + _BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + _BOUNDARY + b"--\r\n"


def _all(planted: dict[str, list[str]]) -> list[str]:
    return [one for values in planted.values() for one in values]
