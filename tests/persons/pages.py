"""How the tests send what officers type."""

from typing import Any
from uuid import uuid4

from django.test import Client

from kalkan.access.models import InstitutionKind, User
from tests.factories import make_institution


def browser(user: User, language: str = "en") -> Client:
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    return client


def answers(**more: Any) -> dict[str, Any]:
    """The record form as a browser sends it."""
    rows = {f"{name}-{field}": "1" for name in ("names", "documents", "contacts") for field in ("TOTAL_FORMS",)}
    rows |= {f"{name}-INITIAL_FORMS": "0" for name in ("names", "documents", "contacts")}
    return {
        **rows,
        "names-0-kind": "given",
        "names-0-given": "Гульнара",
        "names-0-family": "Абдуллаева",
        "names-0-latin_given": "Gulnara",
        "sex": "female",
        "birth_year": "1998",
        "birth_is_about": "on",
        "citizenship_1": "UZ",
        "language_1": "uz",
        "needs_interpreter": "yes",
        "may_be_called": "no",
        "contacts-0-kind": "mobile",
        "contacts-0-value": "+998 90 123 45 67",
        "contacts-0-is_safe": "",
        "documents-0-kind": "passport",
        "documents-0-number": "FA1234567",
        "request_key": str(uuid4()),
        "step": "check",
        **more,
    }


def text(response: Any) -> str:
    return response.content.decode()


def form_of(client: Client, url: str) -> dict[str, Any]:
    """The form as shown, filled in as the browser would send it back."""
    forms = client.get(url).context["forms"]
    given: dict[str, Any] = {"step": "record"}
    for rows in forms.rows.values():
        given |= {f"{rows.prefix}-{name}": rows.management_form[name].value() for name in rows.management_form.fields}
    for form in forms.all_forms:
        for field in form:
            value = field.value()
            if value not in (None, False, ""):
                given[field.html_name] = value
    return given


def consent(**more: Any) -> dict[str, Any]:
    return {
        "purpose": "shelter",
        "recipient": str(make_institution(InstitutionKind.SHELTER).pk),
        "categories": ["contact", "health"],
        "language": "uz",
        "given_how": "written",
        "given_on": "2026-03-01",
        "request_key": str(uuid4()),
        **more,
    }
