"""Records come in whole, once, and are recognised when they come again."""

from datetime import date
from unittest.mock import ANY

import pytest
from django.db import connection
from django.utils import translation

from kalkan.access.models import Institution
from kalkan.access.policy import Refused
from kalkan.access.roles import Role
from kalkan.audit.models import AuditEvent
from kalkan.cases.models import Case
from kalkan.exchange import services
from kalkan.exchange.models import ImportProblem, ImportRun
from kalkan.exchange.problems import SENTENCES, FileRefused
from kalkan.persons.models import Holding, Person
from tests.exchange import tables
from tests.exchange.reports import Bring, codes, counts, nothing_is_written
from tests.factories import make_user

pytestmark = pytest.mark.django_db


# --- unnamed, in bulk ------------------------------------------------------------------------------------------------


def test_a_ctdc_row_becomes_a_closed_historic_case_without_a_name(bring: Bring) -> None:
    row = "7,2005.0,Hotline,Male,9--17,UA,1.0,Threats,Family/Relative,Multiple,Begging"
    assert counts(bring(tables.ctdc(row))) == (1, 0, 0, 0)
    case = Case.objects.select_related("person", "institution").get()
    assert (case.source, case.stage, case.outcome, case.is_historic) == ("CTDC", "closed", "recognised", True)
    assert (case.closing_reason, case.signal, case.province_id) == ("imported_historic", "hotline", None)
    assert (case.opened_on, case.opened_on_precision) == (date(2005, 1, 1), "year")
    assert (case.decided_on, case.closed_on) == (date(2005, 1, 1), date(2005, 1, 1))
    assert case.institution.code == "CTDC"
    assert case.institution.kind == "international"
    assert case.number == "2005-00-000001"
    person = case.person
    assert (person.sex, person.age_band, person.majority, case.is_child) == ("male", "9-17", "child", True)
    assert (person.citizenships, person.wrapped_key, person.source) == (["UA"], None, "CTDC")
    episode = case.episodes.get()
    assert episode.forms == ["multiple", "labour", "begging"]
    assert (episode.sub_forms, episode.sector) == (["begging"], "")
    assert (episode.means, episode.recruiter_relation) == (["threats_any"], "family")
    change = case.stage_changes.get()
    assert (change.move, change.source, change.target, change.by) == ("import", "", "closed", None)
    assert Holding.objects.filter(person=person, institution=case.institution).exists()


def test_blank_stays_unknown(bring: Bring) -> None:
    bring(tables.ctdc("0,2002.0,,,,,,,,,"))
    case = Case.objects.select_related("person").get()
    assert (case.person.sex, case.person.age_band, case.person.majority) == ("unknown", "unknown", "unknown")
    assert (case.person.citizenships, case.signal, case.is_child) == ([], "", False)
    assert not case.episodes.exists(), "nothing is told about the exploitation"


def test_the_same_file_twice_changes_nothing(bring: Bring) -> None:
    content = tables.many(50)
    assert counts(bring(content)) == (50, 0, 0, 0)
    assert Institution.objects.filter(code="CTDC").count() == 1
    assert counts(bring(content)) == (0, 0, 50, 0)
    assert Case.objects.count() == Person.objects.count() == 50


def test_a_changed_row_changes_its_record_and_no_other(bring: Bring) -> None:
    bring(tables.many(3))
    before = dict(Case.objects.values_list("reference", "number"))
    changed = tables.ctdc(
        tables.GOOD.format(key=0), "1,2003.0,Hotline,Male,0--8,,,,,Labor,Construction", tables.GOOD.format(key=2)
    )
    assert counts(bring(changed)) == (0, 1, 2, 0)
    assert dict(Case.objects.values_list("reference", "number")) == before
    case = Case.objects.select_related("person").get(opened_on=date(2003, 1, 1))
    assert (case.person.sex, case.person.age_band, case.is_child, case.version) == ("male", "0-8", True, 2)
    assert case.person.citizenships == []
    assert case.episodes.get().sector == "F"
    assert counts(bring(changed)) == (0, 0, 3, 0)


def test_a_record_that_was_worked_on_here_is_not_overwritten(bring: Bring) -> None:
    bring(tables.many(2))
    touched = Case.objects.order_by("pk")[0]
    Case.objects.filter(pk=touched.pk).update(version=2, signal="ngo")
    changed = tables.many(2).replace(b"Female", b"Male")
    report = bring(changed, mode="good")
    assert counts(report) == (0, 1, 0, 1)
    assert report.problems[0].code == "changed_here"
    assert touched.number in report.problems[0].mend
    assert Case.objects.select_related("person").get(pk=touched.pk).person.sex == "female"


def test_a_person_that_was_corrected_here_is_not_overwritten(bring: Bring) -> None:
    bring(tables.many(1))
    Person.objects.update(version=2)
    assert codes(bring(tables.many(1).replace(b"Female", b"Male"))) == [(2, "", "changed_here")]


def test_one_wrong_row_and_nothing_is_imported(bring: Bring) -> None:
    content = tables.ctdc(tables.GOOD.format(key=1), "2,2002.0,Radio,Female,,,,,,,", tables.GOOD.format(key=3))
    report = bring(content)
    assert counts(report) == (0, 0, 0, 1)
    assert codes(report) == [(3, "Datasource", "unknown_value")]
    assert report.problems[0].value == "Radio"
    assert "Case Management, Hotline" in report.problems[0].mend
    assert nothing_is_written()
    assert ImportRun.objects.get().state == ImportRun.State.REFUSED


def test_the_good_rows_can_be_kept(bring: Bring) -> None:
    content = tables.ctdc(tables.GOOD.format(key=1), "2,31.02.2002,Radio,Female,,,,,,,", tables.GOOD.format(key=3))
    report = bring(content, mode="good")
    assert counts(report) == (2, 0, 0, 1)
    assert codes(report) == [(3, "yearOfRegistration", "no_such_day"), (3, "Datasource", "unknown_value")]
    assert Case.objects.count() == 2
    run = ImportRun.objects.get()
    assert (run.state, run.created, run.failed) == (ImportRun.State.DONE, 2, 1)


def test_a_dry_run_writes_nothing_at_all(bring: Bring) -> None:
    report = bring(tables.ctdc(tables.GOOD.format(key=1), "2,1403,,,,,,,,,"), dry=True)
    assert counts(report) == (1, 0, 0, 1)
    assert codes(report) == [(3, "yearOfRegistration", "other_calendar")]
    assert nothing_is_written()
    assert not ImportRun.objects.exists()
    assert not Institution.objects.filter(code="CTDC").exists()
    assert not AuditEvent.objects.filter(action__startswith="exchange").exists()


def test_a_dry_run_says_what_is_there_already(bring: Bring) -> None:
    bring(tables.many(2))
    content = tables.many(3).replace(b"1,2002.0,Case Management,Female", b"1,2002.0,Case Management,Male")
    assert counts(bring(content, dry=True)) == (1, 1, 1, 0)
    assert counts(bring(tables.many(2))) == (0, 0, 2, 0)


def test_two_rows_with_one_key_are_named_both(bring: Bring) -> None:
    report = bring(tables.ctdc(tables.GOOD.format(key=1), tables.GOOD.format(key=1)))
    assert codes(report) == [(3, "", "key_twice")]
    assert "2" in report.problems[0].what


def test_a_row_without_its_key_is_named(bring: Bring) -> None:
    assert codes(bring(tables.ctdc(tables.GOOD.format(key="")))) == [(2, "A", "key_missing")]


@pytest.mark.parametrize("row", ["1,2002.0", tables.GOOD.format(key=1) + ",,zuviel"])
def test_a_ragged_row_is_named(bring: Bring, row: str) -> None:
    assert codes(bring(tables.ctdc(row))) == [(2, "", "ragged_row")]


def test_empty_rows_and_empty_cells_at_the_end_do_no_harm(bring: Bring) -> None:
    content = tables.ctdc(tables.GOOD.format(key=1) + ",,,", ",,,,,,,,,,", "", tables.GOOD.format(key=2))
    assert counts(bring(content)) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ((b",gender,", b",sex,"), {(1, "gender", "column_missing"), (1, "D", "column_unknown")}),
        ((b",gender,", b",citizenship,"), {(1, "gender", "column_missing"), (1, "citizenship", "column_twice")}),
        ((b",Labor_Type", b",Labor_Type,"), set()),
        ((tables.HEADINGS.encode(), b"a,b,c,d,e,f,g,h,i,j,k"), {(None, "", "no_header")}),
    ],
)
def test_headings_must_be_those_of_the_format(
    bring: Bring, change: tuple[bytes, bytes], problem: set[tuple[int | None, str, str]]
) -> None:
    content = tables.many(1).replace(*change, 1)
    if change[1].endswith(b","):
        content = content.replace(b"Sexual,", b"Sexual,,")
    assert set(codes(bring(content))) == problem


def test_a_table_without_rows_is_refused(bring: Bring) -> None:
    assert codes(bring(tables.ctdc())) == [(None, "", "no_rows")]


def test_a_format_says_from_which_files_it_is_read(bring: Bring) -> None:
    assert codes(bring(tables.htcds(tables.NAMED))) == [(None, "", "wrong_kind")]


def test_every_import_is_in_the_log_with_its_references_and_without_its_values(bring: Bring) -> None:
    bring(tables.many(5))
    events = AuditEvent.objects.filter(action="exchange:import:record")
    logged = {reference for event in events for reference in event.subjects}
    assert logged >= set(Case.objects.values_list("reference", flat=True))
    assert logged >= set(Person.objects.values_list("reference", flat=True))
    run = AuditEvent.objects.get(action="exchange:import:run")
    assert run.facts == {
        "run": ANY,
        "format": "ctdc",
        "source": "CTDC",
        "mode": "all",
        "rows": 5,
        "created": 5,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
    }


def test_the_number_of_queries_does_not_grow_with_the_rows(bring: Bring, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(60):
        bring(tables.many(1_000))


def test_a_closed_institution_takes_nothing_in(bring: Bring) -> None:
    bring(tables.many(1))
    Institution.objects.filter(code="CTDC").update(is_active=False)
    assert codes(bring(tables.many(2))) == [(None, "", "institution_closed")]


def test_a_second_import_of_the_same_source_waits_its_turn(bring: Bring) -> None:
    bring(tables.many(1))
    institution = Institution.objects.get(code="CTDC")
    elsewhere = connection.copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"import CTDC {institution.pk}"])
            assert codes(bring(tables.many(2))) == [(None, "", "is_running")]
            cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed connection lets go of it only by and by
    finally:
        elsewhere.close()
    assert counts(bring(tables.many(2))) == (1, 0, 1, 0)


def test_only_who_may_import_can(bring: Bring) -> None:
    with pytest.raises(Refused):
        bring(tables.many(1), by=make_user(Role.ANALYST))
    assert nothing_is_written()


def test_problems_are_kept_sealed(bring: Bring) -> None:
    bring(tables.ctdc("1,2002.0,Gizli Bir Ad,Female,,,,,,,"))
    problem = ImportProblem.objects.get()
    assert b"Gizli" not in bytes(problem.sealed_value or b"")
    with connection.cursor() as cursor:
        cursor.execute("SELECT exchange_importproblem::text FROM exchange_importproblem")
        assert "Gizli" not in cursor.fetchone()[0]


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_problem_is_said_in_both_languages(code: str) -> None:
    what, mend = SENTENCES[code]
    with translation.override("en"):
        english = str(what), str(mend)
    with translation.override("tr"):
        assert str(what) != english[0]
        assert str(mend) != english[1]


# --- the real collection ---------------------------------------------------------------------------------------------


def test_the_whole_ctdc_collection_comes_in_once(bring: Bring) -> None:
    if not tables.CTDC.exists():
        pytest.skip("The CTDC file is not beside the repository (see KALKAN_SHARED_DATA)")
    content = tables.CTDC.read_bytes()
    assert counts(bring(content)) == (48_801, 0, 0, 0)
    assert Case.objects.filter(person__sex="female").count() == 35_534
    assert Case.objects.filter(person__sex="male").count() == 13_267
    assert Case.objects.filter(opened_on__year=2016).count() == 16_399
    assert Case.objects.filter(person__age_band="unknown").count() == 12_362
    assert Case.objects.filter(person__citizenships=[]).count() == 9_136
    assert counts(bring(content)) == (0, 0, 48_801, 0)


def test_a_file_that_changes_its_kind_under_the_same_name_is_read_by_its_bytes(bring: Bring) -> None:
    with pytest.raises(FileRefused):
        services.import_source(
            tables.source(b"%PDF-1.4"), kind="ctdc", by=None, mode="all", is_dry_run=True, progress=lambda a, b: None
        )
