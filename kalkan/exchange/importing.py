"""Bringing a table in: read everything first, then write in batches, recognising what came before.

A record is known by (source, institution, key). The same content changes nothing; other content changes the record,
unless somebody has worked on it here since. What is committed is recognised by the next run: that is how a killed
import goes on.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from kalkan.access.bulk import copy_rows, refresh_estimates
from kalkan.access.models import Institution, User
from kalkan.cases import history as case_history
from kalkan.cases.models import Case, Episode, StageChange
from kalkan.exchange import limits, records, store
from kalkan.exchange.mapping import TableMapping
from kalkan.exchange.models import ErasedRecord, ImportedRecord, ImportRun
from kalkan.exchange.problems import CellRefused, Notice, Problem, refuse
from kalkan.exchange.reading import Source, open_document
from kalkan.exchange.table import Record, Table
from kalkan.persons import history as person_history
from kalkan.persons.details import NotValid, PersonDetails
from kalkan.persons.details import check as check_details
from kalkan.persons.models import Holding, Majority, Person

_MANY = 1_000  # new rows that change what the planner must know
Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, problems: list[Problem]) -> None:
        """One more row that cannot be imported. Only the first problems are kept, all are counted."""
        self.failed += 1
        self.problems.extend(problems[: limits.PROBLEMS_KEPT - len(self.problems)])


@dataclass(slots=True)
class _Batch:
    new: list[Record] = field(default_factory=list)
    changed: list[tuple[Record, ImportedRecord]] = field(default_factory=list)
    unchanged: int = 0


class Import:
    """One file going through one mapping. `run` is None for a dry run, which writes nothing at all.

    Raises FileRefused on construction for a file that cannot be read to its end.
    """

    def __init__(
        self,
        source: Source,
        mapping: TableMapping,
        *,
        by: User | None,
        institution: Institution | None,
        run: ImportRun | None = None,
        progress: Progress = lambda done, rows: None,
    ):
        self._mapping, self._by, self._institution, self._run, self._progress = mapping, by, institution, run, progress
        self._today: date = timezone.localdate()
        self._began = time.perf_counter()
        self.report = Report()
        document = open_document(source, delimiter=mapping.delimiter)
        self._table = Table(document, mapping, fingerprint=store.fingerprint, today=self._today)
        self.report.rows = sum(1 for _row in self._table.filled_rows())
        if not self.report.rows:
            raise refuse("no_rows")
        self.report.notices = self._table.notices
        self._seen: dict[UUID, int] = {}

    def check(self) -> Report:
        """What would happen, row by row. Nothing is written."""
        for batch in self._batches():
            with transaction.atomic():
                self._take(batch, is_writing=False)
        return self._finished()

    def keep_good(self) -> Report:
        """Write the good rows, batch by batch; each batch is committed for itself."""
        with self._alone():
            for batch in self._batches():
                with transaction.atomic():
                    self._take(batch, is_writing=True)
            self._settle()
        return self._finished()

    def all_or_nothing(self) -> Report:
        """Write all rows in one transaction, or none if one of them is wrong."""
        with self._alone(), transaction.atomic():
            for batch in self._batches():
                self._take(batch, is_writing=not self.report.failed)
            if self.report.failed:
                transaction.set_rollback(True)
                self.report.created = self.report.updated = 0
            else:
                self._settle()
        return self._finished()

    # --- one batch -----------------------------------------------------------------------------------------------

    def _batches(self) -> Iterator[list[Record | list[Problem]]]:
        rows = self._table.records()
        done, size = 0, limits.NAMED_BATCH if self._mapping.is_named else limits.BATCH
        while batch := list(islice(rows, size)):
            yield batch
            done += len(batch)
            self._progress(done, self.report.rows)

    def _take(self, rows: list[Record | list[Problem]], *, is_writing: bool) -> None:
        found = self._sorted(rows)
        self.report.unchanged += found.unchanged
        if is_writing and self._run is not None and self._institution is not None:
            self.report.created += self._create(found.new)
            self.report.updated += self._change(found.changed)
        else:
            self.report.created += sum(self._would_fit(row) for row in found.new)
            self.report.updated += len(self._changeable(found.changed))

    def _sorted(self, rows: list[Record | list[Problem]]) -> _Batch:
        """New, changed and unchanged records; what is wrong, or repeats a row of this file, goes to the report."""
        good: list[Record] = []
        for row in rows:
            if isinstance(row, list):
                self.report.add(row)
                continue
            # Rows that name nobody may well be alike; two rows with one key, or one name and all else, may not.
            marker = row.key if row.has_own_key or not self._mapping.is_named else row.digest
            first = self._seen.setdefault(marker, row.row)
            if first != row.row:
                code = "key_twice" if row.has_own_key else "row_twice"
                self.report.add([Problem(code, row.row, facts={"first": first})])
            else:
                good.append(row)
        before, erased = self._before(good), self._erased(good)
        batch = _Batch()
        for row in good:
            known = before.get(row.key)
            if row.key in erased:
                self.report.add([Problem("erased", row.row)])
            elif known is None:
                batch.new.append(row)
            elif known.digest == row.digest:
                batch.unchanged += 1
            else:
                batch.changed.append((row, known))
        return batch

    def _before(self, rows: list[Record]) -> dict[UUID, ImportedRecord]:
        if self._institution is None:
            return {}
        found = ImportedRecord.objects.filter(
            source=self._mapping.source, institution=self._institution, key__in=[row.key for row in rows]
        )
        return {record.key: record for record in found}

    def _erased(self, rows: list[Record]) -> set[UUID]:
        """Those of persons who were erased here."""
        found = ErasedRecord.objects.filter(
            source=self._mapping.source, institution=self._institution, key__in=[row.key for row in rows]
        )
        return set(found.values_list("key", flat=True))

    def _create(self, rows: list[Record]) -> int:
        source, institution, by = self._mapping.source, self._institution, self._by
        assert institution is not None  # noqa: S101  # for the type checker
        assert self._run is not None  # noqa: S101  # for the type checker
        made: list[tuple[Record, case_history.HistoricCase]] = []
        persons: dict[UUID, int] = {}
        if self._mapping.is_named:
            for row in rows:
                found = self._create_named(row, institution)
                if found is not None:
                    made.append((row, found[0]))
                    persons[found[0].person] = found[1]
        else:
            unnamed = []
            for row in rows:
                person = records.person_of(uuid4(), row.values)
                case = self._case(row, is_child=person.is_child, person=person.reference)
                if case is not None:
                    made.append((row, case))
                    unnamed.append(person)
            if unnamed:
                persons = person_history.record_historic_persons(
                    unnamed, source=source, institution=institution, by=by
                )
        if not made:
            return 0
        keys = case_history.record_historic_cases(
            [case for _row, case in made], persons=persons, source=source, institution=institution, by=by
        )
        copy_rows(
            ImportedRecord,
            ("source", "institution_id", "key", "digest", "case_id", "case_version", "person_version", "run_id"),
            (
                (source, institution.pk, row.key, row.digest, keys[case.reference], 1, 1, self._run.pk)
                for row, case in made
            ),
        )
        return len(made)

    def _create_named(self, row: Record, institution: Institution) -> tuple[case_history.HistoricCase, int] | None:
        """The vault takes one person at a time; a row that it refuses leaves nothing behind."""
        assert self._by is not None  # noqa: S101  # for the type checker
        details = records.details_of(row.values)
        values = records.sparing_children(row.values, is_child=_is_child(details, self._today))
        try:
            with transaction.atomic():
                person = person_history.record_named_person(
                    details,
                    source=self._mapping.source,
                    institution=institution,
                    by=self._by,
                    note=values.get("note", ""),
                )
                case = records.case_of(
                    uuid4(), person=person.reference, values=values, is_child=person.is_child, today=self._today
                )
        except (NotValid, CellRefused) as wrong:
            self.report.add([_as_problem(wrong, row)])
            return None
        return case, person.pk

    def _change(self, rows: list[tuple[Record, ImportedRecord]]) -> int:
        source, by = self._mapping.source, self._by
        cases, persons, kept = [], [], []
        for row, known, now in self._changeable(rows):
            is_named = self._mapping.is_named
            said = records.person_of(now.person, row.values)
            case = self._case(row, is_child=not is_named and said.is_child, person=now.person, reference=now.reference)
            if case is None:
                continue
            if is_named:
                is_child = self._change_named(row, now)
                if is_child is None:
                    continue
                case = case._replace(is_child=is_child, means=() if is_child and case.is_open else case.means)
            else:
                persons.append(said)
            cases.append(case)
            kept.append(known)
            known.digest = row.digest
            known.case_version, known.person_version = now.version + 1, now.person_version + 1
        if persons:
            person_history.change_historic_persons(persons, source=source, by=by)
        if cases:
            case_history.change_historic_cases(cases, source=source, by=by)
        ImportedRecord.objects.bulk_update(kept, ["digest", "case_version", "person_version"], batch_size=500)
        return len(kept)

    def _would_fit(self, row: Record) -> bool:
        """Whether a new row would be accepted; if not, the report says why. The vault is asked, not opened."""
        if not self._mapping.is_named:
            return self._case(row, is_child=records.person_of(uuid4(), row.values).is_child) is not None
        try:
            check_details(records.details_of(row.values), today=self._today)
        except NotValid as wrong:
            self.report.add([_as_problem(wrong, row)])
            return False
        return self._case(row, is_child=False) is not None

    def _change_named(self, row: Record, now: case_history.Standing) -> bool | None:
        """Whether the changed person counts as a child; None where the vault refuses the row."""
        assert self._by is not None  # noqa: S101  # for the type checker
        details = records.details_of(row.values)
        values = records.sparing_children(row.values, is_child=_is_child(details, self._today))
        try:
            changed = person_history.change_named_person(
                now.person,
                details,
                source=self._mapping.source,
                by=self._by,
                version=now.person_version,
                note=values.get("note", ""),
            )
        except NotValid as wrong:
            self.report.add([_as_problem(wrong, row)])
            return None
        return changed.is_child

    def _changeable(
        self, rows: list[tuple[Record, ImportedRecord]]
    ) -> list[tuple[Record, ImportedRecord, case_history.Standing]]:
        """Those that nobody has touched here since, and how they stand. Case and person are locked."""
        standing = case_history.standing([known.case_id for _row, known in rows]) if rows else {}
        found = []
        for row, known in rows:
            now = standing[known.case_id]
            is_open = row.values.get("case.state", "open") == "open"
            if (now.version, now.person_version) != (known.case_version, known.person_version):
                self.report.add([Problem("changed_here", row.row, facts={"number": now.number})])
            elif now.is_open != is_open:
                self.report.add([Problem("stage_differs", row.row, facts={"number": now.number})])
            else:
                found.append((row, known, now))
        return found

    def _case(
        self, row: Record, *, is_child: bool, person: UUID | None = None, reference: UUID | None = None
    ) -> case_history.HistoricCase | None:
        try:
            return records.case_of(
                reference or uuid4(),
                person=person or uuid4(),
                values=row.values,
                is_child=is_child,
                today=self._today,
            )
        except CellRefused as wrong:
            self.report.add([_as_problem(wrong, row)])
            return None

    # --- around it -----------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One import of a source at a time; the lock ends with the connection, so a kill leaves none behind."""
        name = f"import {self._mapping.source} {self._institution.pk if self._institution else 0}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
            if not cursor.fetchone()[0]:
                raise refuse("is_running")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])

    def _settle(self) -> None:
        if self.report.created >= _MANY:
            refresh_estimates(Person, Holding, Case, StageChange, Episode, ImportedRecord)

    def _finished(self) -> Report:
        self.report.seconds = time.perf_counter() - self._began
        return self.report


def _is_child(details: PersonDetails, today: date) -> bool:
    return details.majority_on(today) in {Majority.CHILD, Majority.PRESUMED_CHILD}


def _as_problem(wrong: NotValid | CellRefused, row: Record) -> Problem:
    if isinstance(wrong, CellRefused):
        return Problem(wrong.code, row.row, facts=wrong.facts)
    return Problem("not_accepted", row.row, facts={"reason": " ".join(p.message for p in wrong.problems)[:500]})
