"""A list leaves only with permission, never with a name, and with nothing in it that runs."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kalkan.access.models import User
from kalkan.access.policy import has
from kalkan.access.roles import MATRIX, Permission, Role
from kalkan.audit.models import AuditEvent
from kalkan.exchange import writing
from kalkan.exchange.lists import LISTS
from kalkan.persons import services as persons
from kalkan.persons.details import NameGiven, PersonDetails
from tests.factories import make_case, make_institution, make_person, make_user

SOMEBODY = "4f8f0c4e-6d0b-4f0e-9d8e-1d6a3b1f0c55"
ASKED = {
    "figure": {"indicator": "recorded-victims", "by": "sex,year"},
    "readers": {"person": SOMEBODY},
    "reads": {"who": SOMEBODY},
    "access-report": {"person": SOMEBODY},
}


@pytest.fixture
def fetch() -> Callable[..., HttpResponse]:
    def get(user: User, name: str, **asked: str) -> HttpResponse:
        client = Client()
        client.force_login(user)
        return client.get(f"/exchange/exports/{name}/", asked)

    return get


def table(response: HttpResponse) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert content.startswith("\ufeff"), "Excel needs the mark to read UTF-8"
    separator = ";" if ";" in content.splitlines()[0] else ","
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=separator))


# --- what may leave, and for whom ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(set(LISTS) - {"import-problems"}))
def test_each_list_opens_for_exactly_the_roles_that_hold_both_permissions(
    fetch: Callable[..., HttpResponse], role: Role, name: str
) -> None:
    user = make_user(role, make_institution("migration_centre", None))
    held, needed = MATRIX[role][1], LISTS[name].needs or (Permission.STATISTICS_NATIONAL,)
    is_open = Permission.EXPORT_RUN in held and not held.isdisjoint(needed)
    response = fetch(user, name, **ASKED.get(name, {}))
    assert response.status_code == (200 if is_open else 403)
    assert AuditEvent.objects.filter(action="exchange:export:run", actor=user).exists() is is_open
    if is_open:
        assert len(table(response)) >= 1


@pytest.mark.django_db
def test_only_rows_that_exist_for_the_user_leave(fetch: Callable[..., HttpResponse]) -> None:
    here, there = make_institution(province="TR-06"), make_institution(province="TR-34")
    mine, _theirs = make_case(institution=here), make_case(institution=there)
    user = make_user(Role.DECIDING_OFFICER, here)
    rows = table(fetch(user, "cases"))
    assert [row[0] for row in rows[1:]] == [mine.number]
    event = AuditEvent.objects.get(action="exchange:export:run")
    assert event.facts == {"list": "cases", "count": 1}


@pytest.mark.django_db
def test_no_export_tells_who_a_person_is(fetch: Callable[..., HttpResponse]) -> None:
    here = make_institution()
    officer = make_user(Role.IDENTIFICATION_EXPERT, here)
    person = persons.record_person(PersonDetails(names=(NameGiven("given", "Gülnara", "Örnekova"),)), by=officer)
    make_case(person, here)
    for name in ("cases", "worklist"):
        content = b"".join(fetch(officer, name).streaming_content).decode()  # type: ignore[attr-defined]
        assert "rnekova" not in content
        assert str(person.reference) not in content


@pytest.mark.django_db
def test_the_filters_of_the_page_narrow_the_file(fetch: Callable[..., HttpResponse]) -> None:
    here = make_institution()
    urgent, _calm = make_case(institution=here, is_urgent=True), make_case(institution=here)
    user = make_user(Role.IDENTIFICATION_EXPERT, here)
    assert [row[0] for row in table(fetch(user, "worklist", urgent="1"))[1:]] == [urgent.number]
    assert [row[0] for row in table(fetch(user, "worklist", number=urgent.number))[1:]] == [urgent.number]
    assert table(fetch(user, "cases", source="CTDC"))[1:] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("nothing", {}),
        ("cases", {"format": "exe"}),
        ("figure", {}),
        ("figure", {"indicator": "recorded-victims", "by": "sex", "year": "not a year", "source": "\0"}),
        ("import-problems", {}),
        ("import-problems", {"run": "not a reference"}),
        ("import-problems", {"run": "00000000-0000-4000-8000-000000000000"}),
        ("events", {"first": "31.02.2020", "last": "x" * 5000}),
        ("cases", {"stage": "x" * 5000, "province": "x", "order": "-person__names", "number": "%"}),
    ],
)
def test_strange_questions_get_an_answer_and_never_a_crash(
    fetch: Callable[..., HttpResponse], name: str, asked: dict[str, str]
) -> None:
    for role in (Role.CENTRAL_UNIT, Role.DATA_PROTECTION_OFFICER):
        user = make_user(role, make_institution("migration_centre", None))
        assert fetch(user, name, **asked).status_code in {200, 403, 404}


@pytest.mark.django_db
def test_the_query_count_does_not_grow_with_the_rows(
    fetch: Callable[..., HttpResponse],
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    here = make_institution()
    user = make_user(Role.IDENTIFICATION_EXPERT, here)
    spent = []
    for more in (1, 19):
        for _number in range(more):
            make_case(make_person(here), here)
        with CaptureQueriesContext(connection) as queries:
            table(fetch(user, "cases"))
        spent.append(len(queries))
    assert spent[0] == spent[1]


@pytest.mark.django_db
def test_headings_speak_the_reader_s_language_and_excel_s_separator(fetch: Callable[..., HttpResponse]) -> None:
    here = make_institution()
    turkish, english = (make_user(Role.IDENTIFICATION_EXPERT, here, language=one) for one in ("tr", "en"))
    first = b"".join(fetch(turkish, "codes").streaming_content).decode().splitlines()[0]  # type: ignore[attr-defined]
    second = b"".join(fetch(english, "codes").streaming_content).decode().splitlines()[0]  # type: ignore[attr-defined]
    assert first.startswith("\ufeffListe;Kod;")
    assert second.startswith("\ufeffList,Code,")


@pytest.mark.django_db
def test_a_year_does_not_become_a_day_on_its_way_out(fetch: Callable[..., HttpResponse]) -> None:
    here = make_institution()
    make_case(institution=here, opened_on=date(2016, 1, 1), opened_on_precision="year")
    user = make_user(Role.IDENTIFICATION_EXPERT, here)
    _heading, row = table(fetch(user, "cases"))
    assert row[4] == "2016"


@pytest.mark.django_db
def test_a_workbook_leaves_as_well(fetch: Callable[..., HttpResponse]) -> None:
    here = make_institution()
    case = make_case(institution=here)
    response = fetch(make_user(Role.IDENTIFICATION_EXPERT, here), "cases", format="xlsx")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[1][0] == case.number
    assert rows[1][4].date() == case.opened_on


@pytest.mark.django_db
def test_a_figure_adds_up_on_its_way_out(fetch: Callable[..., HttpResponse]) -> None:
    user = make_user(Role.CENTRAL_UNIT, make_institution("migration_centre", None))
    for sex in ("female", "female", "male", "unknown"):
        make_case(
            make_person(sex=sex),
            user.institution,
            stage="closed",
            outcome="recognised",
            decided_on=date(2020, 5, 5),
            closed_on=date(2020, 5, 5),
            closing_reason="imported_historic",
            is_historic=True,
        )
    rows = table(fetch(user, "figure", indicator="recorded-victims", by="sex"))
    assert rows[-1][-1] == "4"
    assert sum(int(row[-1]) for row in rows[1:-1]) == 4


@pytest.mark.django_db
def test_export_buttons_are_shown_to_those_who_may_export(rf) -> None:  # type: ignore[no-untyped-def]
    from django.template import Context, RequestContext, Template

    page = Template('{% load exchange %}{% export_buttons "cases" %}')
    here = make_institution()
    for role, is_shown in ((Role.IDENTIFICATION_EXPERT, True), (Role.FRONTLINE_OFFICER, False)):
        request = rf.get("/", {"stage": "screening", "page": "3"})
        request.user = make_user(role, here)
        assert has(request.user, Permission.EXPORT_RUN) is is_shown
        shown = page.render(RequestContext(request, Context().flatten()))
        assert ("/exchange/exports/cases/?stage=screening&amp;format=csv" in shown) is is_shown


# --- nothing runs ----------------------------------------------------------------------------------------------------

ATTACKS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\x00=1"),
    *("＝1+1", "＋1", "－1", "＠SUM(A1)", "−1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "\x0b=1"),
]


@pytest.mark.parametrize("text", ATTACKS)
def test_a_formula_leaves_as_text(text: str) -> None:
    with translation.override("en"):
        content = b"".join(writing.as_csv(["x"], [[text]])).decode()
    assert next(csv.reader(io.StringIO(content.splitlines(keepends=True)[1] if "\n" not in text else f"'{text}")))[
        0
    ].startswith("'")
    held = io.BytesIO()
    writing.write_xlsx(held, "x", ["x"], [[text]])
    cell = load_workbook(io.BytesIO(held.getvalue())).active["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


def test_numbers_and_dates_stay_what_they_are() -> None:
    assert [writing.harmless(value) for value in (-5, 0.5, None, True, date(2020, 1, 1))] == [
        *(-5, 0.5, None, True, date(2020, 1, 1))
    ]


@given(st.text())
def test_no_text_leaves_so_that_it_could_run(text: str) -> None:
    disarmed = writing.harmless(text)
    assert isinstance(disarmed, str)
    bare = disarmed.strip().lstrip("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
    assert bare[:1] not in set("=+-@＝＋－＠−")
    assert disarmed[:1] not in set("\t\r\n")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_any_text_can_be_written_to_a_workbook(rows: list[list[str]]) -> None:
    held = io.BytesIO()
    writing.write_xlsx(held, "a/b:c*", ["x", "y"], rows)
    assert held.getvalue()


def test_a_long_list_is_written_in_pieces() -> None:
    pieces = writing.as_csv(["n"], ([number] for number in range(10_000)))
    assert len(next(iter(pieces))) < 10_000
