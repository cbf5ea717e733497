from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import InstitutionKind, User
from kalkan.access.roles import Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.statistics.services import freeze_year, load_official_series
from tests.factories import make_institution, make_user
from tests.statistics.people import Told, write

pytestmark = pytest.mark.django_db
NATION = reverse("statistics:nation")
LAST_YEAR = timezone.localdate().year - 1


def visit(user: User, url: str, **asked: object):
    client = Client()
    client.force_login(user)
    client.cookies["kalkan_language"] = user.language
    return client.get(url, asked)


def officer(role: str, province: str | None = None, language: str = "en") -> User:
    kind = InstitutionKind.MIGRATION_PROVINCE if province else InstitutionKind.MIGRATION_CENTRE
    return make_user(role, make_institution(kind, province), language=language)


@pytest.fixture
def some_cases() -> None:
    decided = date(LAST_YEAR, 6, 1)
    days = {"decided_on": decided, "opened_on": decided, "referred_on": (date(LAST_YEAR, 5, 1),)}
    write(
        [
            Told(0, sex="female", citizenships=("UA",), forms=(("sexual",),), age_band="9-17", **days),
            Told(1, sex="male", province="TR-34", **days),
            Told(
                2, stage="referred", outcome="", **{**days, "decided_on": None, "next_due_on": date(LAST_YEAR, 7, 1)}
            ),
        ]
    )


@pytest.mark.parametrize("role", Role.values)
def test_only_roles_with_the_permission_see_each_page(role):
    user = officer(role, "TR-06")
    may_province = Permission.STATISTICS_PROVINCE in user.permissions
    may_nation = Permission.STATISTICS_NATIONAL in user.permissions
    may_any = may_province or may_nation
    assert visit(user, NATION).status_code == (200 if may_nation else 403)
    assert visit(user, reverse("statistics:snapshots")).status_code == (200 if may_nation else 403)
    assert visit(user, reverse("statistics:province", args=["TR-06"])).status_code == (200 if may_province else 403)
    elsewhere = 403 if not may_province else 200 if may_nation else 404
    assert visit(user, reverse("statistics:province", args=["TR-34"])).status_code == elsewhere
    assert visit(user, reverse("statistics:definitions")).status_code == (200 if may_any else 403)
    assert visit(user, reverse("statistics:home")).status_code == (302 if may_any else 403)


def test_the_centre_sees_every_province_without_seeing_the_nation():
    user = officer(Role.DECIDING_OFFICER)
    assert visit(user, reverse("statistics:home")).url == reverse("statistics:provinces")
    assert visit(user, reverse("statistics:province", args=["TR-34"])).status_code == 200
    assert "TR-34" in visit(user, reverse("statistics:provinces")).content.decode()


def test_a_province_officer_is_led_to_the_own_province():
    user = officer(Role.PROVINCIAL_FOCAL_POINT, "TR-06")
    assert visit(user, reverse("statistics:home")).url == reverse("statistics:province", args=["TR-06"])


def test_a_province_that_does_not_exist_is_not_found():
    assert visit(officer(Role.ANALYST), reverse("statistics:province", args=["TR-99"])).status_code == 404


@pytest.mark.usefixtures("some_cases")
def test_the_page_of_the_nation_counts_and_every_table_of_it_adds_up():
    context = visit(officer(Role.ANALYST), NATION).context
    assert {key.indicator.code: key.value for key in context["keys"]} == {
        "screened": "0",
        "interviewed-preliminary": "0",
        "interviewed-identification": "0",
        "referred": "3",
        "identified": "2",
        "not-recognised": "0",
        "days-to-decision": "31",
        "open": "3",
        "overdue": "1",
    }
    for figure in [*context["figures"], context["provinces"]]:
        assert sum(int(line.cells[0]) for line in figure.lines) == int(figure.foot.cells[0]) == 2
        assert any(line.is_unknown for line in figure.lines)
    cross = context["cross"]
    assert [sum(column) for column in zip(*(map(int, line.cells) for line in cross.lines), strict=True)] == [
        int(cell) for cell in cross.foot.cells
    ]


@pytest.mark.usefixtures("some_cases")
def test_a_province_page_counts_that_province_and_shows_its_overdue_work():
    page = visit(officer(Role.PROVINCIAL_FOCAL_POINT, "TR-06"), reverse("statistics:province", args=["TR-06"]))
    assert [key.value for key in page.context["keys"] if key.indicator.code == "identified"] == ["1"]
    assert page.context["overdue"].foot.cells[0] == "1"
    empty = visit(officer(Role.ANALYST), reverse("statistics:province", args=["TR-65"]))
    assert "No open case of this province is past its deadline." in empty.content.decode()


@pytest.mark.parametrize("figure", ["identified", "open", "days-to-decision", "recorded-victims"])
@pytest.mark.usefixtures("some_cases")
def test_every_figure_can_be_chosen_with_any_cross_table(figure):
    asked = {"figure": figure, "rows": "age_band", "columns": "province", "source": "kalkan", "first_year": 2004}
    page = visit(officer(Role.ANALYST), NATION, **asked)
    assert page.status_code == 200
    assert not page.context["form"].errors


def test_what_cannot_be_answered_is_told_on_the_page_with_the_usual_figures_below():
    write([Told(0)])
    for asked in (
        {"first_year": "2020", "last_year": "2010"},
        {"first_year": "abc"},
        {"figure": "'; DROP"},
        {"rows": "sex", "columns": "sex"},
        {"last_year": "99999999999999999999"},
        {"source": "\x00"},
    ):
        page = visit(officer(Role.ANALYST), NATION, **asked)
        assert page.status_code == 200
        assert page.context["form"].errors
        assert "error-summary" in page.content.decode()


def test_an_empty_house_says_what_to_do_next_and_still_shows_the_official_series():
    load_official_series()
    page = visit(officer(Role.ANALYST), NATION).content.decode()
    assert "No figures yet" in page
    assert "21,236" in page
    assert "TIP 2022: 349" in page


def test_numbers_are_written_as_the_language_writes_them():
    load_official_series()
    assert "21.236" in visit(officer(Role.ANALYST, language="tr"), NATION).content.decode()


@pytest.mark.usefixtures("some_cases")
def test_nothing_on_a_page_carries_its_own_style_and_every_tile_can_be_reached():
    load_official_series()
    page = visit(officer(Role.ANALYST), NATION, first_year=2015)
    text = page.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    tiles = page.context["map"].tiles
    assert len(tiles) == 81
    assert all(f'href="{tile.url}"' in text for tile in tiles)
    assert all(tile.url.endswith("?first_year=2015") for tile in tiles)
    assert "not for publication" in text


@pytest.mark.usefixtures("some_cases")
def test_every_export_link_gives_the_table_beside_it():
    user = officer(Role.CENTRAL_UNIT)
    context = visit(user, NATION, first_year=2015).context
    for figure in (context["cross"], *context["figures"]):
        file = visit(user, f"{reverse('exchange:export', args=['figure'])}?{figure.export}")
        assert file.status_code == 200
        lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[-1].endswith(",2") or lines[-1].endswith(";2")


@pytest.mark.usefixtures("some_cases")
def test_looking_at_figures_is_recorded_with_what_was_asked_and_nothing_else():
    user = officer(Role.ANALYST)
    visit(user, NATION, figure="referred", source="kalkan")
    event = AuditEvent.objects.get(action=Event.FIGURE_COUNTED)
    assert (event.actor, event.subjects) == (user, [])
    assert event.facts["indicator"] == "referred"


@pytest.mark.parametrize("page", ["nation", "province"])
def test_a_page_asks_as_often_for_one_case_as_for_twenty(page):
    user = officer(Role.ANALYST)
    url = reverse(f"statistics:{page}", args=["TR-06"] if page == "province" else [])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visit(user, url).status_code == 200
        return len(captured)

    write([Told(0, screened_on=(date(2026, 1, 1),))])
    queries()
    one = queries()
    write([Told(person, citizenships=("UA",), screened_on=(date(2026, 1, 1),)) for person in range(20)])
    assert queries() == one


def test_the_list_of_frozen_years_asks_as_often_for_many_years_as_for_one():
    write([Told(0)])
    user = officer(Role.CENTRAL_UNIT)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visit(user, reverse("statistics:snapshots")).status_code == 200
        return len(captured)

    freeze_year(2020, by=user)
    queries()
    one = queries()
    for year in range(2021, 2024):
        freeze_year(year, by=user)
    assert queries() == one


def test_the_central_unit_freezes_a_year_on_the_page_and_others_cannot():
    client = Client()
    client.force_login(officer(Role.CENTRAL_UNIT))
    url = reverse("statistics:snapshots")
    assert client.post(url, {"year": 2024}).status_code == 302
    assert client.post(url, {"year": 2024}, follow=True).status_code == 200
    refused = client.post(url, {"year": timezone.localdate().year})
    assert refused.status_code == 200
    assert refused.context["form"].errors
    stranger = Client()
    stranger.force_login(officer(Role.ANALYST))
    assert stranger.post(url, {"year": 2023}).status_code == 403


def test_a_chart_with_nothing_to_draw_is_left_out():
    write([Told(0, decided_on=date(2001, 1, 1))])
    page = visit(officer(Role.ANALYST), NATION)
    assert [figure.picture for figure in page.context["figures"]] == [""] * len(page.context["figures"])
    assert page.context["figures"][0].foot.cells[0] == "0"
