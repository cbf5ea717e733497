"""What every answer says to the browser: on every address, for everybody, whatever came of the request."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings

from kalkan.config.database import ROOT
from kalkan.web.headers import HEADERS
from kalkan.web.uploads import most_bytes
from tests.address import database_url
from tests.attack.addresses import every_address, fillings
from tests.browser.pages import everything, support
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOWHERE = {
    kind: ["00000000-0000-4000-8000-000000000000"]
    for kind in ("case", "person", "screening", "match", "consent", "account", "import")
}


class _Inline(HTMLParser):
    """Collects whatever a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_data = said.get("type") == "application/json"  # which no browser runs
        if tag == "style" or (tag == "script" and "src" not in said and not is_data):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in said if name.startswith("on") or name == "style"]
        self.found += [f"{tag} {name}={value}" for name, value in said.items() if _leads_away(tag, name, value)]


def _leads_away(tag: str, name: str, value: str) -> bool:
    if value.strip().lower().startswith("javascript:"):
        return True
    loads = (tag, name) in {("script", "src"), ("link", "href"), ("img", "src"), ("use", "href"), ("form", "action")}
    return loads and value.startswith(("http:", "https:", "//"))


def _check(response, name: str) -> None:  # type: ignore[no-untyped-def]
    for header, value in HEADERS.items():
        assert response[header] == value, (name, header)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'", name
    assert policy["script-src"] == policy["style-src"] == "'self'", name
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", name
    assert "unsafe" not in response["Content-Security-Policy"], name
    assert response["X-Frame-Options"] == "DENY", name
    assert response["X-Content-Type-Options"] == "nosniff", name
    assert response["Referrer-Policy"] == "same-origin", name
    assert response["Cross-Origin-Opener-Policy"] == "same-origin", name
    assert "no-store" in response["Cache-Control"], name
    assert not {"Server", "X-Powered-By"} & set(response.headers), name
    if "text/html" in response.get("Content-Type", "") and not response.streaming:
        reader = _Inline()
        reader.feed(response.content.decode())
        assert reader.found == [], name


def test_every_page_that_somebody_works_on_is_strict() -> None:
    count = 0
    for shown in chain(everything(), support()):
        client = Client()
        if shown.user is not None:
            client.force_login(shown.user)
        _check(client.get(shown.address), shown.name)
        count += 1
    assert count > 250


def _every_path() -> Iterator[str]:
    for address in every_address():
        if all(kind != "RegexArgument" for _name, kind in address.arguments):
            yield address.path(next(fillings(address, NOWHERE)))


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_every_address_is_strict_whatever_it_answers(method: str) -> None:
    """Also a redirect to sign-in, a refusal, a page that is not there, a method that is not allowed."""
    reached = set()
    for user in (None, make_user("identification_expert"), make_user("central_unit")):
        for path in _every_path():
            client = Client()
            if user is not None:
                client.force_login(user)
            response = getattr(client, method)(path)
            if path != "/health/":
                _check(response, f"{method} {path}")
            reached.add(response.status_code)
            if response.streaming:
                list(response.streaming_content)
    assert {302, 404} & reached


def test_a_fault_of_ours_is_strict_too(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    monkeypatch.setattr("kalkan.web.views.home.work", None)
    monkeypatch.setattr("kalkan.cases.policy.cases.own", None)
    response = client.get("/work/")
    assert response.status_code == 500
    for header in ("Permissions-Policy", "Cross-Origin-Resource-Policy", "X-Content-Type-Options", "Cache-Control"):
        assert header in response, header


def test_a_browser_that_signs_out_clears_what_it_kept_and_keeps_language_and_theme() -> None:
    client = Client()
    client.force_login(make_user())
    assert "Clear-Site-Data" not in client.get("/work/")
    response = client.post("/account/logout/")
    assert (response.status_code, response["Clear-Site-Data"]) == (302, '"cache", "storage"')
    assert "Clear-Site-Data" not in client.get("/account/login/")


def test_a_static_file_is_for_this_origin_only() -> None:
    path = next(iter((django_settings.STATIC_ROOT / "kalkan").glob("site.*.css"))).name
    response = Client().get(f"/static/kalkan/{path}")
    assert response.status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    response.close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "a b"])
def test_an_unknown_host_is_refused_and_never_echoed(host: str) -> None:
    response = Client().get("/account/login/", headers={"host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_a_forwarded_host_is_not_believed() -> None:
    client = Client(headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"})
    response = client.get("/work/")
    assert response["Location"] == "/account/login/?next=/work/"


def test_a_request_that_announces_too_much_is_refused_unread() -> None:
    class Unread:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("was read")

        readline = read

    client = Client()
    announced = {"CONTENT_LENGTH": str(most_bytes() + 1), "wsgi.input": Unread()}
    for path in ("/account/login/", "/nothing/", "/exchange/imports/new/"):
        response = client.post(path, **announced)
        assert response.status_code == 413, path
        assert "413" not in response.content.decode()
    for nonsense, answered in (("²", 400), ("\0", 400), ("many", 400), ("-5", 400), ("9" * 5000, 413)):
        assert Client().post("/account/login/", CONTENT_LENGTH=nonsense).status_code == answered, nonsense


def test_no_more_files_are_read_than_a_form_asks_for() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    many = {f"f{number}": SimpleUploadedFile("a.txt", b"a") for number in range(50)}
    assert len(RequestFactory().post("/", many).FILES) == 5


@override_settings(UPLOAD_LIMIT=1000)
def test_an_upload_never_lies_open_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    request = RequestFactory().post(
        "/", {"a": SimpleUploadedFile("a", b"a" * 999), "b": SimpleUploadedFile("b", b"b" * 5000)}
    )
    assert (request.FILES["a"].size, request.FILES["a"].read()) == (999, b"a" * 999)
    assert (request.FILES["b"].size, request.FILES["b"].read()) == (5000, b""), "too large: only its size is kept"


def test_the_deployed_settings_pass_every_check_of_django_and_harden_every_cookie() -> None:
    """In a process of its own, with https as on a server."""
    script = (
        "import django, json\nfrom django.conf import settings as s\ndjango.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('check', deploy=True, fail_level='WARNING')\n"
        "from django.contrib.messages.storage import default_storage\n"
        "from django.http import HttpResponse\n"
        "from django.test import Client, RequestFactory\n"
        "from django.urls import reverse\n"
        "r = Client().get('/account/login/', secure=True, headers={'host': '127.0.0.1'})\n"
        "client = Client(headers={'host': '127.0.0.1'})\n"
        "client.get('/account/login/', secure=True)\n"
        "for path, said in {'language': 'en', 'theme': 'dark'}.items():\n"
        "    client.post(reverse(f'web:set_{path}'), {path: said}, secure=True)\n"
        "q = RequestFactory().get('/', secure=True)\n"
        "q.session = {}\n"
        "p = HttpResponse()\n"
        "messages = default_storage(q)\n"
        "messages.add(20, 'x')\n"
        "messages.update(p)\n"
        "c = {n: [m['secure'], m['httponly'], m['samesite'], m['path'], m['domain']]"
        " for n, m in [*client.cookies.items(), *p.cookies.items()]}\n"
        "c[s.SESSION_COOKIE_NAME] = [s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,"
        " s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN or '']\n"
        "print('JSON', json.dumps([r['Strict-Transport-Security'], c, s.SESSION_COOKIE_SECURE, s.DEBUG,"
        " Client().get('/account/login/', headers={'host': '127.0.0.1'}).status_code]))"
    )
    environment = {**os.environ, "HTTPS": "1", "DJANGO_SETTINGS_MODULE": "kalkan.config.settings"}
    environment["DATABASE_URL"] = database_url()
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set by the browser tests, where they share the process
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    import json

    transport, cookies, is_secure, is_debug, plain = json.loads(done.stdout.split("JSON ")[1])
    assert re.fullmatch(r"max-age=31536000; includeSubDomains; preload", transport)
    names = ("csrftoken", "kalkan_language", "kalkan_session", "kalkan_theme", "messages")
    assert sorted(cookies) == [f"__Host-{name}" for name in names]
    assert all(said == [True, True, "Lax", "/", ""] for said in cookies.values()), cookies
    assert is_secure
    assert not is_debug
    assert plain == 301
