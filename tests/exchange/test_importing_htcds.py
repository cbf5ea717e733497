"""Tables of the standard for human trafficking case data go through the vault."""

import io
from datetime import date
from secrets import token_hex

import pytest
from django.db import connection
from openpyxl import Workbook

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.cases.models import Case, Episode
from kalkan.exchange import services
from kalkan.persons import services as persons
from kalkan.persons.models import Person, SealedText
from tests.exchange import tables
from tests.exchange.reports import Bring, codes, counts, nothing_is_written
from tests.factories import make_user

pytestmark = pytest.mark.django_db


# --- named, through the vault ----------------------------------------------------------------------------------------


def _officer(centre: User) -> User:
    """Somebody who may read what was sealed."""
    return make_user(Role.IDENTIFICATION_EXPERT, centre.institution)


def test_an_htcds_row_goes_through_the_vault(bring: Bring, centre: User) -> None:
    report = bring(tables.htcds(tables.NAMED), kind="htcds", by=centre)
    assert counts(report) == (1, 0, 0, 0)
    case = Case.objects.select_related("person").get()
    details = persons.identity_of(case.person)
    assert details.names[0].full == "Gülnara Örnekova"
    assert details.birth is not None
    assert (details.birth.value, details.birth.precision) == (date(1999, 4, 2), "day")
    assert [(contact.kind, contact.value, contact.is_safe) for contact in details.contacts] == [
        ("mobile", "+998901234567", None)
    ]
    assert (case.person.gender, case.person.citizenships) == ("woman", ["UZ"])
    assert (case.stage, case.is_historic, case.outcome) == ("screening", False, "")
    assert (case.opened_on, case.source, case.institution) == (date(2024, 3, 5), "HTCDS", centre.institution)
    episode = case.episodes.get()
    assert (episode.forms, episode.means, episode.sector) == (["labour"], ["debt_bondage", "withholds_documents"], "F")
    with connection.cursor() as cursor:
        for table in ("persons_person", "persons_personname", "persons_sealedtext", "exchange_importedrecord"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            assert "rnekova" not in cursor.fetchone()[0]


def test_what_has_no_place_of_its_own_is_kept_sealed_with_the_person(bring: Bring, centre: User) -> None:
    report = bring(tables.htcds(tables.NAMED), kind="htcds", by=centre)
    sealed = SealedText.objects.select_related("person").get(topic="imported")
    assert persons.read_text(sealed, by=_officer(centre), purpose="identification") == (
        "Incoming Referral Details: Geldiği yer: bir inşaat"
    )
    assert [notice.code for notice in report.notices] == ["kept_as_note"]


def test_the_same_htcds_file_twice_changes_nothing(bring: Bring, centre: User) -> None:
    content = tables.htcds(tables.NAMED)
    bring(content, kind="htcds", by=centre)
    assert counts(bring(content, kind="htcds", by=centre)) == (0, 0, 1, 0)
    assert Person.objects.count() == 1


def test_codes_of_the_standard_are_understood_like_its_labels(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[5], row[7:12] = (
        "UZ",
        ["PossibleVictimOfTrafficking", "DebtBondage;WithholdsDocuments", "ForcedLabour", "F_Construction", "Active"],
    )
    bring(tables.htcds(row), kind="htcds", by=centre)
    episode = Episode.objects.get()
    assert (episode.forms, episode.means, episode.sector) == (["labour"], ["debt_bondage", "withholds_documents"], "F")


def test_a_closed_htcds_case_becomes_history_with_what_was_found_there(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[7], row[11] = "Actual victim of trafficking", "Closed"
    bring(tables.htcds(row), kind="htcds", by=centre)
    case = Case.objects.get()
    assert (case.stage, case.outcome, case.is_historic) == ("closed", "recognised", True)


def test_what_another_body_found_does_not_decide_an_open_case(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[7] = "Actual victim of trafficking"
    bring(tables.htcds(row), kind="htcds", by=centre)
    case = Case.objects.get()
    assert (case.stage, case.outcome, case.decided_on) == ("screening", "", None)
    assert case.stage_changes.get().facts == {"source": "HTCDS", "found_elsewhere": "recognised"}


def test_a_closed_case_needs_some_date(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[11], row[12] = "Closed", None
    assert codes(bring(tables.htcds(row), kind="htcds", by=centre)) == [(3, "", "date_needed")]
    assert nothing_is_written()


def test_the_same_person_twice_in_a_file_is_named(bring: Bring, centre: User) -> None:
    again = (2, *tables.NAMED[1:])
    report = bring(tables.htcds(tables.NAMED, again), kind="htcds", by=centre, mode="good")
    assert counts(report) == (1, 0, 0, 1)
    assert codes(report) == [(4, "", "row_twice")]


def test_a_row_that_the_vault_refuses_leaves_nothing_behind(bring: Bring, centre: User) -> None:
    bad = list(tables.NAMED)
    bad[1], bad[6] = "Başka", "bilinmiyor"
    report = bring(tables.htcds(tables.NAMED, bad), kind="htcds", by=centre, mode="good")
    assert counts(report) == (1, 0, 0, 1)
    assert codes(report) == [(4, "", "not_accepted")]
    assert Person.objects.count() == Case.objects.count() == 1


def test_the_visible_heading_row_counts_where_the_hidden_one_disagrees(bring: Bring, centre: User) -> None:
    machine = (None, "prs_FirstName", "prs_SecondName", "prs_MailingCity", "prs_MailingStreet")
    visible = (None, "First Name", "Second Name", "Mailing Street", "Mailing City")
    content = tables.htcds((1, "Aylin", "Deneme", "Kuşlu Sokak 1", "Van"), headings=(machine, visible))
    report = bring(content, kind="htcds", by=centre)
    assert [(notice.code, notice.facts) for notice in report.notices] == [("headings_disagree", {"columns": 2})]
    contacts = persons.identity_of(Person.objects.get()).contacts
    assert [(one.kind, one.value) for one in contacts] == [("address", "Kuşlu Sokak 1, Van")]


def test_a_table_with_a_key_lets_a_named_row_be_corrected(bring: Bring, centre: User) -> None:
    headings = (("cas_CaseNumber", "prs_FirstName", "prs_SecondName", "cas_Status"),)
    first = tables.htcds(("A-1", "Aylin", "Deneme", "Active"), headings=headings)
    second = tables.htcds(("A-1", "Aylin", "Denemeoğlu", "Active"), headings=headings)
    assert counts(bring(first, kind="htcds", by=centre)) == (1, 0, 0, 0)
    assert counts(bring(second, kind="htcds", by=centre)) == (0, 1, 0, 0)
    assert persons.identity_of(Person.objects.get()).names[0].full == "Aylin Denemeoğlu"


def test_an_import_never_moves_a_case(bring: Bring, centre: User) -> None:
    headings = (("cas_CaseNumber", "prs_FirstName", "cas_Status", "cas_IncomingReferralDate"),)
    for status, expected in (("Active", []), ("Closed", [(2, "", "stage_differs")])):
        content = tables.htcds(("A-1", "Aylin", status, "2024-01-02"), headings=headings)
        assert codes(bring(content, kind="htcds", by=centre)) == expected


def test_names_are_imported_in_somebodys_name_only(bring: Bring) -> None:
    with pytest.raises(services.ActorNeeded):
        bring(tables.htcds(tables.NAMED), kind="htcds")


def test_a_child_is_a_child_in_the_case_too(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[3] = str(date.today().year - 10)  # noqa: DTZ011 - the year alone
    bring(tables.htcds(row), kind="htcds", by=centre)
    case = Case.objects.get()
    assert case.is_child
    assert case.episodes.get().means == [], "means are never asked of a child"
    told = persons.read_text(SealedText.objects.get(), by=_officer(centre), purpose="identification")
    assert told.endswith("means_of_control: debt_bondage, withholds_documents"), "but what was told is kept"


@pytest.mark.parametrize(
    ("birth", "code"),
    [
        ("1403", "other_calendar"),
        ("31.02.2000", "no_such_day"),
        ("05/03/2001", "order_unclear"),
        (45000, "serial_number"),
    ],
)
def test_a_birth_that_is_not_clear_is_never_guessed(bring: Bring, centre: User, birth: object, code: str) -> None:
    row = list(tables.NAMED)
    row[3] = birth
    report = bring(tables.htcds(row), kind="htcds", by=centre)
    assert codes(report) == [(3, "Birthdate", code)]
    assert nothing_is_written()


def test_a_workbook_whose_sheet_is_another_is_refused(bring: Bring, centre: User) -> None:
    content = tables.workbook([["Liste", "1"], ["Ocak", 5]])
    assert codes(bring(content, kind="htcds", by=centre)) == [(None, "", "no_header")]


def test_the_sheet_with_the_cases_is_found_behind_others(bring: Bring, centre: User) -> None:
    content = tables.workbook(
        [tables.MACHINE, tables.VISIBLE, tables.NAMED], sheet="Vakalar", before={"about": [["HTCDS 2.0"]]}
    )
    assert counts(bring(content, kind="htcds", by=centre)) == (1, 0, 0, 0)


@pytest.mark.parametrize(("place", "is_refused"), [("B2:C2", True), ("B3:B4", True), ("A1:C1", False)])
def test_merged_cells_are_refused_from_the_headings_on(
    bring: Bring, centre: User, place: str, is_refused: bool
) -> None:
    book = Workbook()
    for row in (["Liste 2024"], tables.VISIBLE, tables.NAMED):
        book.active.append(list(row))
    book.active.merge_cells(place)
    held = io.BytesIO()
    book.save(held)
    found = [code for _row, _column, code in codes(bring(held.getvalue(), kind="htcds", by=centre))]
    assert ("merged_cells" in found) is is_refused


def test_a_cell_of_ten_megabytes_is_refused_with_its_place(bring: Bring, centre: User) -> None:
    row = list(tables.NAMED)
    row[13] = "YER"
    content = tables.htcds(row)
    where = "xl/worksheets/sheet1.xml"
    filled = tables.part(content, where).replace(b"YER", token_hex(5_000_000).encode())
    report = bring(tables.rezipped(content, {where: filled}), kind="htcds", by=centre)
    assert [problem.code for problem in report.problems] == ["too_long"]
    assert report.problems[0].row == 3
    assert nothing_is_written()


@pytest.mark.parametrize("name", ["htcds_spreadsheet_v2.0.xlsx", "htcds_spreadsheet_single_select_v2.0.xlsx"])
def test_iom_s_own_templates_are_recognised(bring: Bring, centre: User, name: str) -> None:
    path = tables.HTCDS / name
    if not path.exists():
        pytest.skip(f"IOM's template is not beside the repository: {path.name}")
    report = bring(path.read_bytes(), kind="htcds", by=centre)
    assert codes(report) == [(None, "", "no_rows")], "the template is empty, and nothing else is wrong with it"
