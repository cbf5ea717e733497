import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from typer.testing import CliRunner

from kalkan.audit.events import Event
from kalkan.audit.models import AuditEvent
from kalkan.vocabulary import selectors, services, stamp
from kalkan.vocabulary.commands import app
from kalkan.vocabulary.files import Malformed
from kalkan.vocabulary.models import Code, CodeList, IndicatorWeight, Province, Provision

pytestmark = pytest.mark.django_db


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_loading_again_changes_nothing() -> None:
    events = AuditEvent.objects.count()

    assert services.load() == []
    assert AuditEvent.objects.count() == events


def test_a_removed_code_is_retired_and_not_deleted(data: Path) -> None:
    change(data / "code_lists/sex.csv", "other,Diğer,Other,X\n", "")

    (difference,) = services.load(data)

    assert (difference.code, difference.retired, difference.version) == ("sex", ("other",), 2)
    assert Code.objects.get(code_list="sex", code="other").retired_on == timezone.localdate()
    assert "other" not in [code.code for code in selectors.codes("sex")]
    assert selectors.label("sex", "other") == "Diğer"


def test_a_code_that_comes_back_may_be_chosen_again(data: Path) -> None:
    change(data / "code_lists/sex.csv", "other,Diğer,Other,X\n", "")
    services.load(data)

    (difference,) = services.load()

    assert difference.changed == ("other",)
    assert selectors.is_known("sex", "other", on=timezone.localdate())


def test_a_retired_code_is_not_retired_twice(data: Path) -> None:
    change(data / "code_lists/sex.csv", "other,Diğer,Other,X\n", "")
    services.load(data)
    change(data / "code_lists/sex.csv", "Erkek", "Bay")

    (difference,) = services.load(data)

    assert (difference.changed, difference.retired, difference.version) == (("male",), (), 3)


def test_one_list_is_not_touched_by_the_load_of_another(data: Path) -> None:
    change(data / "code_lists/sex.csv", "Erkek", "Bay")

    services.load(data)

    assert Code.objects.exclude(retired_on=None).count() == 0
    assert CodeList.objects.exclude(version=1).get().code == "sex"


def test_bytes_that_change_no_row_make_no_new_version(data: Path) -> None:
    path = data / "code_lists/sex.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not services.is_current(data)

    assert services.load(data) == []
    assert CodeList.objects.get(code="sex").version == 1
    assert services.is_current(data)


def test_a_dry_run_shows_the_same_difference_and_writes_nothing(data: Path) -> None:
    change(data / "code_lists/sex.csv", "Erkek", "Bay")
    before = AuditEvent.objects.count()

    foreseen = services.load(data, dry_run=True)

    assert selectors.label("sex", "male") == "Erkek"
    assert AuditEvent.objects.count() == before
    assert services.load(data) == foreseen


def test_every_load_that_changes_something_is_in_the_log(data: Path) -> None:
    change(data / "code_lists/sex.csv", "Erkek", "Bay")
    change(data / "code_lists/sex.csv", "other,Diğer,Other,X\n", "")
    services.load(data)

    event = AuditEvent.objects.filter(action=Event.VOCABULARY_LOADED).latest("id")
    assert event.facts == {"list": "sex", "version": 2, "added": 0, "changed": 1, "retired": 1}


def test_two_provinces_may_change_places_on_the_map(data: Path) -> None:
    ankara, bolu = Province.objects.get(code="TR-06"), Province.objects.get(code="TR-14")
    path = data / "provinces.csv"
    change(path, f"TR5,{ankara.tile_row},{ankara.tile_column}", f"TR5,{bolu.tile_row},{bolu.tile_column}")
    change(
        path,
        f"TR-14,Bolu,TR4,{bolu.tile_row},{bolu.tile_column}",
        f"TR-14,Bolu,TR4,{ankara.tile_row},{ankara.tile_column}",
    )

    services.load(data)

    assert Province.objects.get(code="TR-14").tile_column == ankara.tile_column


def test_a_weight_that_leaves_the_file_ends_today(data: Path) -> None:
    path = data / "indicator_weights.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")

    services.load(data)

    assert IndicatorWeight.objects.get(indicator="1.1", profile="adult_labour").valid_to == timezone.localdate()
    assert "1.1" not in selectors.indicator_weights("adult_labour")


@pytest.mark.parametrize(
    ("file", "before", "after", "where"),
    [
        ("code_lists/sex.csv", "male,Erkek", "female,Erkek", "sex.csv, line 3: female stands twice"),
        ("code_lists/sex.csv", "Kadın", "", "sex.csv, line 2: label_tr is empty"),
        ("code_lists/sex.csv", "label_en", "label", "sex.csv, line 1: column missing: label_en"),
        ("code_lists/sex.csv", "male,Erkek", "male,,Erkek", "sex.csv, line 3: not as many cells as columns"),
        (
            "provinces.csv",
            "TR-06,Ankara,TR5,2,5",
            "TR-06,Ankara,TR5,two,5",
            "tile_row is 'two', expected a whole number",
        ),
        (
            "indicator_weights.csv",
            "strong",
            "heavy",
            "line 2: weight is 'heavy', expected one of strong, medium, weak",
        ),
        ("closed_days.csv", "2023-06-26", "2023-06-31", "line 2: day is '2023-06-31', expected a day such as"),
        ("provisions.toml", "kind = ", "sort = ", "unknown key in provision 1: sort"),
        ("provisions.toml", "valid_to = 2014-04-11", "valid_to = 2015-04-11", "two rules of recognition_ground hold"),
        ("provisions.toml", "[[provision]]\ncode", "[[provision\ncode", "provisions.toml, line 0"),
    ],
)
def test_a_faulty_file_is_named_with_its_line_and_nothing_is_written(
    data: Path, file: str, before: str, after: str, where: str
) -> None:
    change(data / "code_lists/age_band.csv", "Bilinmiyor", "Belirsiz")
    change(data / file, before, after)

    with pytest.raises(Malformed) as malformed:
        services.load(data)

    assert where in str(malformed.value)
    assert selectors.label("age_band", "unknown") == "Bilinmiyor"


def test_a_file_that_is_not_utf8_is_refused(data: Path) -> None:
    (data / "code_lists/sex.csv").write_bytes("code,label_tr,label_en\nf,Kadın,F\n".encode("cp1254"))

    with pytest.raises(Malformed, match="not UTF-8"):
        services.load(data)


def test_a_list_without_its_file_is_refused(data: Path) -> None:
    (data / "code_lists/sex.csv").unlink()

    with pytest.raises(Malformed, match=r"sex\.csv"):
        services.load(data)


def test_the_files_of_the_installation_are_what_the_database_holds(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert services.is_current()


def test_the_command_prints_a_difference_and_json(data: Path) -> None:
    change(data / "code_lists/sex.csv", "Erkek", "Bay")
    change(data / "code_lists/sex.csv", "other,Diğer,Other,X\n", "")

    seen = CliRunner().invoke(app, ["vocabulary", "load", str(data), "--dry-run"])
    assert seen.stdout == "sex (version 2)\n  ~ male\n  - other\n0 added, 1 changed, 1 retired in 1 lists\n"

    done = CliRunner().invoke(app, ["vocabulary", "load", str(data), "--json"])
    assert json.loads(done.stdout)["lists"][0]["changed"] == ["male"]


def test_the_command_names_a_faulty_file(data: Path) -> None:
    (data / "provinces.csv").unlink()

    result = CliRunner().invoke(app, ["vocabulary", "load", str(data)])

    assert result.exit_code == 1
    assert "provinces.csv" in result.stderr


def test_reading_again_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    selectors.codes("country"), selectors.provisions(), selectors.indicator_weights("adult_labour")

    with django_assert_num_queries(0):  # type: ignore[operator]
        selectors.codes("country")
        selectors.choices("language")
        selectors.label("sex", "female")
        selectors.provision("reflection_period", on=timezone.localdate())
        selectors.indicator_weights("adult_sexual")
        selectors.resolve("country", "Turkey")


def test_another_process_that_loads_makes_this_one_read_again(django_assert_num_queries: object) -> None:
    selectors.codes("sex")
    program = "import django; django.setup(); from kalkan.vocabulary import stamp; stamp.renew()"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kalkan.config.settings"}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=settings.ROOT, env=environment)

    with django_assert_num_queries(2):  # type: ignore[operator]
        selectors.codes("sex")
    with django_assert_num_queries(0):  # type: ignore[operator]
        selectors.codes("sex")


@pytest.mark.django_db(transaction=True)
def test_a_committed_load_renews_the_stamp(data: Path) -> None:
    before = stamp._now()
    change(data / "code_lists/sex.csv", "Erkek", "Bay")

    services.load(data)

    assert stamp._now() != before
    assert selectors.label("sex", "male") == "Bay"


def test_an_old_case_keeps_the_rule_of_its_day() -> None:
    before = selectors.provision("recognition_ground", on=timezone.datetime(2014, 4, 10).date())
    after = selectors.provision("recognition_ground", on=timezone.datetime(2014, 4, 11).date())

    assert (before.citation_en, "6458" in after.citation_en) == ("Turkish Penal Code (Law 5237) art. 80", True)
    with pytest.raises(selectors.NoProvision):
        selectors.provision("reflection_period", on=timezone.datetime(2010, 1, 1).date())
    assert Provision.objects.filter(code="recognition_ground").count() == 3
