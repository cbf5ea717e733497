"""The pages of code lists, indicators and provisions."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from kalkan.access.roles import Role
from kalkan.vocabulary.commands import app
from kalkan.vocabulary.documents import codebook
from kalkan.vocabulary.models import Code, CodeList
from kalkan.vocabulary.stamp import forget
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> Client:
    client = Client(headers={"accept-language": "tr"})
    client.force_login(make_user(Role.ANALYST))
    return client


def get(pages: Client, address: str) -> str:
    answer = pages.get(address, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_list_is_named_with_its_version_and_source(pages: Client) -> None:
    page = get(pages, "/vocabulary/")

    for code_list in CodeList.objects.all():
        assert f"<code>{code_list.code}</code>" in page


@pytest.mark.parametrize("code_list", ["country", "sex", "htcds_vic_MethodsOfControl", "province", "ground"])
def test_a_list_shows_its_codes_in_both_languages(pages: Client, code_list: str) -> None:
    page = get(pages, f"/vocabulary/lists/{code_list}/")
    first = Code.objects.filter(code_list=code_list).order_by("position")[0]

    assert f"<code>{first.code}</code>" in page
    assert first.label_tr in page
    assert first.label_en in page


@pytest.mark.parametrize("words", ["Turkey", "türk", "TÜRKİYE", "tur"])
def test_a_code_is_found_by_any_of_its_names(pages: Client, words: str) -> None:
    assert "<code>TR</code>" in get(pages, f"/vocabulary/lists/country/?words={words}")


def test_words_that_fit_nothing_and_pages_that_are_not_there_are_no_error(pages: Client) -> None:
    assert "Uyan kod yok" in get(pages, "/vocabulary/lists/country/?words=Atlantis%00")
    get(pages, "/vocabulary/lists/country/?page=zzz")
    assert pages.get("/vocabulary/lists/no_such_list/", secure=True).status_code == 404


def test_a_retired_code_is_shown_with_its_day(pages: Client) -> None:
    Code.objects.filter(code_list="sex", code="other").update(retired_on=timezone.localdate())
    forget()
    try:
        page = get(pages, "/vocabulary/lists/sex/")
    finally:
        Code.objects.filter(code_list="sex", code="other").update(retired_on=None)
        forget()

    assert str(timezone.localdate().year) in page.split("<code>other</code>")[1].split("</tr>")[0]


def test_indicators_say_how_sure_each_weight_is(pages: Client) -> None:
    page = get(pages, "/vocabulary/indicators/")

    assert page.count("türetilmiş, yayımlanmamış</small>") == 65
    assert page.count("doğrulanmadı</small>") == 67
    assert page.count("ikincil kaynaktan</small>") == 134
    assert page.count("sayılmaz") == 2


def test_provisions_show_validity_and_what_is_not_verified(pages: Client) -> None:
    page = get(pages, "/vocabulary/provisions/")

    assert page.count("<code>recognition_ground</code>") == 3
    assert "11 Nisan 2014" in page
    assert "Hayır: kurulumda belirlenir" in page
    assert "20 iş günü" in page


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("indicator", "/vocabulary/indicators/"),
        ("indicator_weight", "/vocabulary/indicators/"),
        ("provision", "/vocabulary/provisions/"),
        ("closed_day", "/vocabulary/days/"),
    ],
)
def test_a_list_with_a_page_of_its_own_leads_there(pages: Client, code: str, address: str) -> None:
    assert pages.get(f"/vocabulary/lists/{code}/", secure=True).headers["Location"] == address


def test_closed_days_are_shown_with_their_source(pages: Client) -> None:
    assert "8 Nisan 2024" in get(pages, "/vocabulary/days/")


@pytest.mark.parametrize("code", ["language", "sex"])
def test_a_short_list_asks_as_many_queries_as_a_long_one(
    pages: Client, django_assert_num_queries: object, code: str
) -> None:
    get(pages, "/vocabulary/lists/sex/")
    with django_assert_num_queries(5):  # type: ignore[operator]  # session, user, institution; who acts, and that it ended
        get(pages, f"/vocabulary/lists/{code}/")


def test_the_codebook_is_current(tmp_path: object) -> None:
    """Mend with `kalkan vocabulary document`."""
    assert (settings.ROOT / "docs/codebook.md").read_text(encoding="utf-8") == codebook(settings.DATA)


def test_the_command_writes_the_codebook(tmp_path: object) -> None:
    path = f"{tmp_path}/codebook.md"

    assert CliRunner().invoke(app, ["vocabulary", "document", path]).exit_code == 0
    with open(path, encoding="utf-8") as written:  # noqa: PTH123
        assert written.read().startswith("# Codebook")
