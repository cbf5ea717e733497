"""A programme with its people, for tests."""

from datetime import date
from typing import Any

from kalkan.assistance.models import EvaluationReport, Programme
from kalkan.assistance.services import evaluation
from kalkan.assistance.services import programmes as services
from kalkan.cases.lifecycle import Stage
from tests.cases.story import DAY, Province, at


def begun(team: Province, *, on: date = DAY) -> Programme:
    """A running programme of a case under protection."""
    case = at(Stage.PROTECTION, team, on=on)
    return services.begin_programme(case.reference, by=team.protector, on=on)


def written(team: Province, programme: Programme, **said: Any) -> EvaluationReport:
    """A report that ends the programme because its goals were reached."""
    values = {"ground": "goals_reached", "verdict": "end", "reasoning": "Invented.", "by": team.protector, "on": DAY}
    return evaluation.write_report(programme.reference, **values | said)


def ended(team: Province, programme: Programme) -> Programme:
    """The programme, ended by an approved report."""
    report = written(team, programme)
    evaluation.answer_report(report.reference, by=team.decider, move="approve", version=report.version)
    programme.refresh_from_db()
    return programme
