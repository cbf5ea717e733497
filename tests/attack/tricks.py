"""Values that break things: known tricks, and what Hypothesis makes up."""

from typing import Any

from hypothesis import strategies as st

MARKUP = "<xss157 onload=alert(1)>"  # must never come back unescaped

TEXTS = (
    "", " ", "0", "-1", "1e309", "NaN", "Infinity", "99999999999999999999", "2147483648", "9223372036854775808",
    "\0", "a\0b", "\x1b[31m", "\r\n", "x\r\nSet-Cookie: taken=1", "\u202egpj.exe", "\ufeff", "\ud7ff\ue000",
    "İıIi", "ﷺ" * 40, "e\u0301" * 500, "𝒦", "A" * 70_000, "'", "\"", "\\", "';--", "' OR '1'='1", "1; DROP TABLE x",
    "') UNION SELECT sealed FROM persons_personname--", "%", "_", "%00", "%s%s%n", "{{7*7}}", "{% debug %}", "${7*7}",
    "__proto__", "../../../../etc/passwd", "..\\..\\windows\\win.ini", "file:///etc/passwd", "//evil.example/",
    "https://evil.example/", "javascript:alert(1)", "data:text/html,x", MARKUP, f"\"{MARKUP}", f"'{MARKUP}",
    "=cmd|' /C calc'!A0", "@SUM(1)", "null", "undefined", "true", "[]", "{}", "on", "0x10", "1_000", "１２３",
    "2026-02-30", "0000-00-00", "99999-01-01", "0001-01-01", "9999-12-31", "31.12.99999", "~0000", "00.00.0000",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-reference",
    "TR-99", "TR-06", "TR-34", "unknown", "signs", "recognised", "all", "good", "own", "ctdc", "tr", "en", "xx",
)  # fmt: skip
PATHS = (
    "/../../etc/passwd", "/static/../../kalkan/config/settings.py", "/static/..%2f..%2fetc/passwd", "//evil.example/",
    "/%2e%2e/", "/\0", "/\x00.html", "/\xff\xfe", "/\xc3\x28", "/\xed\xa0\x80/", "/case/\xff/", "/;/", "/.git/config",
    "/case/../case/", "/case//", "/cases/open/%00/", "/admin/", "/static/", "/static/kalkan/", "/static/\0",
    "/" + "a/" * 2000, "/" + "A" * 20_000, "/health/..", "/?", "/\r\nSet-Cookie: taken=1", "/account/login/\0",
    "/exchange/exports/../../", "/vocabulary/lists/\0/", "/vocabulary/lists/\xff/", "/__debug__/", "/.env", "*", "",
    "http://evil.example/", "/accounts/", "/static/staticfiles.json", "/static/staticfiles.json/..",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "", "\0")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense", "application/json", "application/xml", "text/plain",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 300,
    "multipart/form-data; boundary=\xff", "multipart/mixed; boundary=x", "image/png", "", "\0", "; ;", "a/b" * 3000,
    "application/x-www-form-urlencoded; charset=", "multipart/form-data; boundary=x; charset=utf-7",
)  # fmt: skip
HEADERS = (
    {"Host": "evil.example"}, {"Host": "127.0.0.1:99999"}, {"Host": ""}, {"Host": "127.0.0.1\r\nX: y"},
    {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-For": "1.2.3.4, \0"},
    {"X-HTTP-Method-Override": "DELETE"}, {"X-Original-URL": "/access/accounts/"}, {"X-Rewrite-URL": "/audit/"},
    {"Accept-Language": "x" * 5000}, {"Accept-Language": "../../etc"}, {"Accept": "\xff"}, {"Origin": "null"},
    {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}, {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Current-URL": "\xff", "HX-Target": MARKUP}, {"HX-Boosted": "true", "HX-Prompt": "%FF"},
    {"Range": "bytes=0-1,2-3,-9999999999"}, {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99"},
    {"If-None-Match": "\xff" * 500}, {"Content-Encoding": "gzip"}, {"Transfer-Encoding": "chunked"},
    {"Authorization": "Basic \xff"}, {"User-Agent": MARKUP}, {"User-Agent": ""}, {"REMOTE-ADDR": ""},
    {"REMOTE-ADDR": "not an address"}, {"X-CSRFToken": "\0"}, {"Accept-Encoding": "gzip;q=\xff"}, {"Expect": "x"},
)  # fmt: skip
COOKIES = (
    "kalkan_session=\xff", "kalkan_session=" + "A" * 6000, "kalkan_session='; DROP TABLE x", "kalkan_language=\xff",
    "kalkan_language=../../x", "kalkan_theme=" + MARKUP, "messages=W1tdXQ:forged:sig", "sessionid=1", "csrftoken=\0",
    "csrftoken=short", "=;=;=", "a=" * 3000,
    "messages=\"\\\"[[\\\"__json_message\\\"]]\"", "kalkan_language=" + MARKUP,
)  # fmt: skip
# Columns that no form offers: what a careless form would let through.
HIDDEN = (
    "id", "pk", "reference", "institution", "institution_id", "by", "by_id", "role", "is_active", "is_superuser",
    "is_staff", "is_invented", "stage", "outcome", "province", "province_id", "is_with_authority", "opened_by",
    "assigned_to", "version", "request_key", "recorded_by", "password", "email", "person", "person_id", "case",
    "number", "wrapped_key", "key_version", "blind_keys", "state", "file", "mode", "confirmed", "change", "next",
    "csrfmiddlewaretoken", "decided_by", "drafted_by", "closed_on", "_method", "scope", "permissions",
)  # fmt: skip
LENGTHS = ("-1", "0", "5", "99999999999999999999", "many", "", "1.5", "\0")
FILES: tuple[tuple[str, str, bytes], ...] = (
    ("a.csv", "text/csv", b"a,b\n1,2\n"),
    ("../../a.csv", "text/csv", b"a,b\n1,2\n"),
    ("a\0.csv", "text/csv", b"\0\0\0"),
    ("\xff.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04broken"),
    ("x.php", "application/x-php", b"<?php system($_GET[0]); ?>"),
    ("x.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("x.pdf", "application/pdf", b"%PDF-1.7\n%%EOF"),
    ("x.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
    ("x.jpg", "image/jpeg", b"\xff\xd8\xff\xe1" + b"\xff" * 400),
    ("x.toml", "application/toml", b"[table\n= \xff"),
    ("", "", b""),
    ("con", "text/plain", b"\xff\xfe\x00\x00"),
    ("a" * 3000, "text/plain", b"MZ" + b"\x90" * 100),
    ("x\r\nX: y.txt", "text/plain; charset=\xff", b"%s" * 100),
    ("big.txt", "text/plain", b"A" * 300_000),
)


def values(known: list[str]) -> st.SearchStrategy[str]:
    """A value for a field or a parameter: a trick, somebody's reference, or anything."""
    return st.one_of(st.sampled_from(TEXTS), st.sampled_from(known), st.text(max_size=60), st.integers().map(str))


def raw_bytes() -> st.SearchStrategy[bytes]:
    """A body that is no form."""
    return st.one_of(
        st.binary(max_size=400),
        st.sampled_from(
            [
                b"{",
                b'{"a": ' * 3000,
                b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            ]
        ),
        st.sampled_from([b"a=1&" * 5000, b"&&&&====%%%", b"a=%ff%fe&b=%00", b"\xff" * 500]),
    )


def boundary(value: Any) -> bytes:
    """What stands for one text in a body: surrogates are what a hostile sender really sends."""
    return str(value).encode("utf-8", "surrogatepass")
