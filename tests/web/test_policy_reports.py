"""A browser's report on the Content-Security-Policy leaves the directive and the kind of page, and nothing else."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
REFERENCE = "6f1e2d3c-0000-4000-8000-00000000abcd"


def send(said: Any, client: Client | None = None) -> int:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    client = client or Client(enforce_csrf_checks=True)
    return client.post(reverse("web:policy_report"), content, content_type="application/csp-report").status_code


def report(**more: Any) -> dict[str, Any]:
    said = {
        "document-uri": f"http://testserver/case/{REFERENCE}/?name=Gülnare",
        "referrer": f"http://testserver/persons/{REFERENCE}/",
        "blocked-uri": "https://evil.example/steal?x=Gülnare",
        "effective-directive": "script-src-elem",
        "script-sample": "alert('Gülnare')",
    }
    return {"csp-report": said | more}


def test_a_violation_is_logged_by_directive_and_kind_of_page_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert send(report()) == 204
    assert [one.getMessage() for one in caplog.records] == [
        "Content-Security-Policy violated: script-src-elem on web:case"
    ]


@pytest.mark.parametrize(
    "said",
    [
        report(**{"effective-directive": "Gülnare\n2026 ERROR", "document-uri": f"http://x/{REFERENCE}/Gülnare"}),
        report(**{"effective-directive": None, "violated-directive": ["x"], "document-uri": {"Gülnare": 1}}),
        report(**{"effective-directive": "", "document-uri": "http://[Gülnare"}),
    ],
)
def test_what_is_not_known_is_other(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert send(said) == 204
    assert [one.getMessage() for one in caplog.records] == ["Content-Security-Policy violated: other on other"]


@pytest.mark.parametrize(
    "said", [b"", b"\xff", b"[]", b"{", b'{"csp-report": 1}', b"[" * 15000, json.dumps(report(x="y" * 20000)).encode()]
)
def test_what_is_no_report_is_answered_alike_and_leaves_nothing(said: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert send(said) == 204
    assert caplog.records == []


def test_reports_of_one_machine_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(REMOTE_ADDR="192.0.2.77")
    assert {send(report(), client) for _number in range(30)} == {204}
    assert len(caplog.records) == 10


def test_every_page_says_where_to_report() -> None:
    assert "report-uri /policy-report/" in Client().get("/account/login/")["Content-Security-Policy"]
