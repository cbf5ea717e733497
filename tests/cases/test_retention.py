"""Rules say when an identity ends; a hold and an open case say when it does not."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings
from typer.testing import CliRunner

from kalkan.access.roles import InstitutionKind, Role
from kalkan.cases import retention, tasks
from kalkan.cases.commands import app
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.services import close_without_signs
from kalkan.persons import holds, services
from kalkan.persons.models import Erasure, Person
from tests.cases import story
from tests.factories import make_institution, make_user
from tests.persons.people import details

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LONG_AGO = date(2012, 5, 7)


@pytest.fixture(autouse=True)
def _own_ledger(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER = tmp_path / "erasures.jsonl"


def person(team: story.Province, *, met_on: date = LONG_AGO) -> Person:
    return services.record_person(details(), by=team.frontline, met_on=met_on)


def closed_without_signs(team: story.Province, on: date) -> Person:
    found = person(team, met_on=on)
    case = story.screened(team, story.opened(team, on=on, person=found), conclusion="no_signs", on=on)
    close_without_signs(case.reference, by=team.frontline, on=on, reason="no_signs")
    return found


def listed(on: date | None = None) -> dict[object, retention.Due]:
    return {one.person: one for one in retention.due(on=on)}


def test_each_kind_of_person_is_due_under_its_own_rule(team: story.Province) -> None:
    victim, refused, alone = person(team), person(team), person(team)
    story.at(Stage.CLOSED, team, on=LONG_AGO, person=victim)
    story.at(Stage.NOT_RECOGNISED, team, on=LONG_AGO, person=refused)
    screened = closed_without_signs(team, LONG_AGO)
    rules = {reference: (one.rule, one.due_on) for reference, one in listed().items()}
    assert rules == {
        victim.reference: ("victims", date(2022, 5, 7)),
        refused.reference: ("not_recognised", date(2017, 5, 7)),
        screened.reference: ("no_signs", date(2014, 5, 7)),
        alone.reference: ("without_case", date(2013, 5, 7)),
    }


def test_a_term_ends_after_its_last_day_and_not_before(team: story.Province) -> None:
    alone = person(team, met_on=date(2025, 3, 10))
    assert listed(on=date(2026, 3, 10)) == {}
    assert set(listed(on=date(2026, 3, 11))) == {alone.reference}


def test_the_last_case_counts_and_recognition_outweighs_all(team: story.Province) -> None:
    found = closed_without_signs(team, LONG_AGO)
    story.at(Stage.CLOSED, team, on=date(2019, 1, 7), person=found)
    assert found.reference not in listed(on=date(2028, 12, 1))
    assert listed(on=date(2029, 1, 8))[found.reference].rule == "victims"


def test_an_open_case_stops_every_rule(team: story.Province) -> None:
    found = closed_without_signs(team, LONG_AGO)
    story.opened(team, on=date(2026, 1, 5), person=found)
    assert listed(on=date(2099, 1, 1)) == {}


def test_a_hold_is_told_of_and_beats_the_rule(team: story.Province) -> None:
    officer = make_user(Role.DATA_PROTECTION_OFFICER, make_institution(InstitutionKind.MIGRATION_CENTRE, None))
    found, other = closed_without_signs(team, LONG_AGO), closed_without_signs(team, LONG_AGO)
    hold = holds.set_hold(found.reference, by=officer, reason="criminal_case")
    assert listed()[found.reference].is_held
    erased, left = retention.apply()
    assert [one.person for one in erased] == [other.reference]
    assert [one.person for one in left] == [found.reference]
    holds.lift_hold(hold.reference, by=officer)
    assert [one.person for one in retention.apply()[0]] == [found.reference]
    assert retention.apply() == ([], [])


def test_what_a_rule_erases_has_a_proof_and_leaves_the_skeleton(team: story.Province) -> None:
    found = closed_without_signs(team, LONG_AGO)
    retention.apply()
    proof = Erasure.objects.get(person=found.reference)
    assert (proof.rule, proof.ground, proof.requested_by) == ("no_signs", "retention_no_signs", None)
    assert Person.objects.get(pk=found.pk).is_erased
    assert Case.objects.get(person=found).closed_on == LONG_AGO


def test_the_worker_erases_only_where_the_installation_lets_it(team: story.Province, settings: Settings) -> None:
    found = closed_without_signs(team, LONG_AGO)
    tasks.apply_retention(0)
    assert not Person.objects.get(pk=found.pk).is_erased
    settings.RETENTION = True
    tasks.apply_retention(0)
    assert Person.objects.get(pk=found.pk).is_erased


def test_people_recorded_today_are_due_in_the_future_only(team: story.Province) -> None:
    found = person(team, met_on=TODAY)
    assert found.reference not in listed()
    assert found.reference in listed(on=TODAY + timedelta(days=367))


@pytest.mark.parametrize(
    "wrong",
    [
        'persons = "nobody"\nstarts = "met"\nprovision = "retention_victim"',
        'persons = "recognised"\nstarts = "yesterday"\nprovision = "retention_victim"',
        'persons = "recognised"\nstarts = "met"\nprovision = "offence"',
        'persons = "recognised"',
        "persons = [",
    ],
)
def test_rules_that_cannot_be_read_erase_nobody(
    team: story.Province, settings: Settings, tmp_path: Path, wrong: str
) -> None:
    found = closed_without_signs(team, LONG_AGO)
    (tmp_path / "retention.toml").write_text(f'[[rule]]\ncode = "x"\n{wrong}\n')
    settings.DATA = tmp_path
    with pytest.raises(retention.RulesWrong, match="retention"):
        retention.apply()
    assert not Person.objects.get(pk=found.pk).is_erased


def test_two_rules_for_the_same_persons_are_refused(settings: Settings, tmp_path: Path) -> None:
    shutil.copy(settings.DATA / "retention.toml", tmp_path)
    with (tmp_path / "retention.toml").open("a") as file:
        file.write('[[rule]]\ncode = "y"\npersons = "recognised"\nstarts = "met"\nprovision = "retention_no_signs"\n')
    settings.DATA = tmp_path
    with pytest.raises(retention.RulesWrong, match="same persons"):
        retention.rules()


def test_the_dry_run_lists_who_would_go_and_erases_nobody(team: story.Province) -> None:
    found = closed_without_signs(team, LONG_AGO)
    told = CliRunner().invoke(app, ["retention", "--dry-run", "--json"])
    assert told.exit_code == 0, told.output
    due = json.loads(told.stdout)["left"]
    assert [(one["person"], one["rule"], one["due_on"]) for one in due] == [
        (str(found.reference), "no_signs", "2014-05-07")
    ]
    assert not Person.objects.get(pk=found.pk).is_erased
    assert CliRunner().invoke(app, ["retention", "--on", "2099-01-01"]).exit_code == 2
