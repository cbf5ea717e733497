"""What went wrong is a page that helps, in both languages, and says nothing that it should not."""

from collections.abc import Callable

import pytest
from django.test import Client

from kalkan.access.models import Institution
from kalkan.access.roles import Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
escapes = pytest.mark.urls("tests.web.escapes")


def text(response) -> str:
    return response.content.decode()


@escapes
def test_a_refusal_is_a_403_page_and_stays_recorded_although_the_transaction_is_rolled_back(signed_in) -> None:
    user = make_user(Role.ANALYST)
    response = signed_in(user).get("/escape/refused/")
    assert response.status_code == 403
    assert "rolünüze açık değil" in text(response)
    event = AuditEvent.objects.get(action=Event.REFUSED)
    assert event.actor == user
    assert event.facts == {"permission": Permission.IMPORT_RUN.value}
    assert not Institution.objects.filter(name_en="written before the refusal").exists()


@escapes
def test_an_impossible_move_is_a_sentence_on_a_page_and_changes_nothing(signed_in) -> None:
    response = signed_in(Role.DECIDING_OFFICER).get("/escape/impossible/")
    assert response.status_code == 409
    assert "Bu adım şu anda mümkün değil" in text(response)
    assert not Institution.objects.filter(name_en="written before the move").exists()


@escapes
def test_an_overtaken_edit_is_a_page(signed_in) -> None:
    response = signed_in(Role.DECIDING_OFFICER).get("/escape/overtaken/")
    assert response.status_code == 409
    assert "Bu arada başka biri kayıt yaptı" in text(response)


@escapes
@pytest.mark.parametrize("cause", ["away", "cut"])
def test_a_database_that_does_not_answer_is_a_503_in_both_languages(cause: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    response = client.get(f"/escape/{cause}/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "Veri tabanı yanıt vermiyor" in text(response)
    assert "The database does not answer" in text(response)


@escapes
def test_a_mistake_of_ours_is_a_500_without_details_in_both_languages() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    response = client.get("/escape/broken/")
    assert response.status_code == 500
    assert "Bizden kaynaklanan" in text(response)
    assert "on our side" in text(response)
    assert "mistake of ours" not in text(response)
    assert "no-store" in response["Cache-Control"]


def test_a_stranger_cannot_learn_that_the_case_exists(signed_in: Callable[..., Client]) -> None:
    case = make_case()
    client = signed_in(Role.FRONTLINE_OFFICER)
    hidden = client.get(f"/case/{case.reference}/")
    absent = client.get("/case/00000000-0000-4000-8000-000000000000/")
    assert hidden.status_code == absent.status_code == 404

    def without_token(response) -> str:
        return "".join(
            line
            for line in text(response).splitlines()
            if "csrfmiddlewaretoken" not in line and 'name="next"' not in line
        )

    assert without_token(hidden) == without_token(absent)


def test_an_address_that_never_was_is_a_404_for_anyone(client: Client) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "Burada bir şey yok" in text(response)


def test_a_form_that_was_open_too_long_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "çok uzun süre açık kaldı" in text(response)


def test_too_many_sign_ins_are_a_429_that_says_to_wait(client: Client) -> None:
    make_user(email="kisi@kalkan.invalid")
    for _attempt in range(6):
        response = client.post("/account/login/", {"login": "kisi@kalkan.invalid", "password": "wrong-password"})
        if response.status_code == 429:
            break
    assert "Çok fazla deneme" in text(response) or "çok fazla" in text(response).lower()


def test_a_page_asked_for_in_english_fails_in_english(signed_in: Callable[..., Client]) -> None:
    response = signed_in(make_user(language="en")).get("/nothing/here/")
    assert "There is nothing here" in text(response)
