"""How the tests of the pages send what officers type."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from kalkan.access.models import User
from kalkan.cases.models import Case

TODAY = "2026-03-02"


def client_of(user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


def path_to(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.reference])


def send(user: User, name: str, case: Case, /, **said: Any) -> Any:
    return client_of(user).post(path_to(name, case), said)


def is_on_the_case(response: Any, case: Case) -> bool:
    return response.status_code == 302 and response.url == reverse("web:case", args=[case.reference])


def keys_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(request_key|version)" value="([^"]+)"', page))


EPISODE = {
    "forms_found": ["labour", "begging"],
    "sector": "",
    "began": "05.2024",
    "ended": "~2025",
    "province": "TR-34",
    "place": "A workshop",
    "means": ["debt_bondage"],
    "recruitment": [],
    "recruiter_relation": "employer",
    "country_1": "UZ",
    "country_2": "",
    "country_3": "",
    "country_4": "TR",
}
