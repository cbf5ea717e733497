"""What a report of an import says, in short."""

from collections.abc import Callable

from kalkan.cases.models import Case, Episode, StageChange
from kalkan.exchange.importing import Report
from kalkan.exchange.models import ImportedRecord
from kalkan.persons.models import Person

Bring = Callable[..., Report]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.failed


def codes(report: Report) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


def nothing_is_written() -> bool:
    return not any(model.objects.exists() for model in (Person, Case, Episode, StageChange, ImportedRecord))
