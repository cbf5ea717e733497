"""What people do with imports: upload and check, run, continue, discard; and the same from the command line."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs

from kalkan.access.concurrency import already_made
from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Permission
from kalkan.access.session import Task, beyond_reach
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.exchange import formats, policy, store
from kalkan.exchange.importing import Import, Progress, Report
from kalkan.exchange.mapping import TableMapping, parse
from kalkan.exchange.models import ImportProblem, ImportRun
from kalkan.exchange.problems import FileRefused, refuse
from kalkan.exchange.reading import Source
from kalkan.persons.files import door

State, Mode = ImportRun.State, ImportRun.Mode
_BEAT = 1.0  # seconds between two notes of progress
KEPT_DAYS = 7  # an upload that nobody came back to


class ActorNeeded(Exception):
    """This import can only be done in somebody's name."""


class NotNow(Exception):
    """The step does not fit the state of the import. Carries a sentence."""


def upload(
    chunks: Iterable[bytes],
    *,
    kind: str,
    own_mapping: bytes,
    by: User,
    request_key: UUID | None,
) -> ImportRun:
    """Keep an uploaded file sealed and have it checked in the background. Raises MappingWrong and door.Refusal."""
    policy.runs.require(by, Permission.IMPORT_RUN)
    mapping = parse(own_mapping) if kind == formats.OWN else formats.named(kind)
    content = b"".join(chunks)
    door.admit_table(content, by=by)
    file, _size = store.keep([content])
    try:
        return _begin_checking(mapping, file=file, kind=kind, own_mapping=own_mapping, by=by, key=request_key)
    except BaseException:
        store.forget(file)
        raise


@transaction.atomic
def _begin_checking(
    mapping: TableMapping,
    *,
    file: str,
    kind: str,
    own_mapping: bytes,
    by: User,
    key: UUID | None,
) -> ImportRun:
    made = already_made(ImportRun.objects.filter(by=by), key)
    if made is not None:
        store.forget(file)
        return made
    run = ImportRun.objects.create(
        by=by,
        institution=by.institution,
        format=kind,
        mapping=own_mapping.decode("utf-8-sig") if kind == formats.OWN else "",
        source=mapping.source,
        file=file,
        request_key=key,
    )
    _defer("exchange.check", run)
    return run


def check_run(reference: UUID) -> ImportRun:
    """The job behind `upload`: say what the file would do. Writes nothing but the findings."""
    run = ImportRun.objects.select_related("by__institution").get(reference=reference)
    if run.state != State.CHECKING:
        return run
    with _noting(run) as progress:
        try:
            mapping = formats.of_run(run)
            institution = _institution(mapping, run.by, may_create=False)
            report = Import(_kept(run), mapping, by=run.by, institution=institution, progress=progress).check()
        except FileRefused as refused:
            return _end(run, Report(problems=list(refused.problems)), State.REFUSED)
    return _end(run, report, State.CHECKED)


@transaction.atomic
def begin_import(reference: UUID, *, by: User, mode: str) -> ImportRun:
    """Have a checked file imported in the background; or go on with an import that was cut off."""
    run = policy.runs.fetch(by, lock=True, reference=reference)
    policy.runs.require(by, Permission.IMPORT_RUN)
    if run.state not in {State.CHECKED, State.INTERRUPTED} and not is_stalled(run):
        raise NotNow(_("This import is not waiting to be started."))
    if run.state == State.CHECKED and mode == Mode.ALL and run.failed:
        raise NotNow(_("Some rows are wrong: mend them and upload the file again, or import only the good rows."))

    run.mode = Mode(mode)
    run.state, run.rows_done, run.beat_at, run.by = State.RUNNING, 0, timezone.now(), by
    run.save(update_fields=["mode", "state", "rows_done", "beat_at", "by"])
    _defer("exchange.import", run)
    return run


def perform_run(reference: UUID) -> ImportRun:
    """The job behind `begin_import`."""
    run = ImportRun.objects.select_related("by__institution").get(reference=reference)
    if run.state == State.RUNNING:
        with _noting(run) as progress:
            _perform(run, formats.of_run(run), lambda: _kept(run), progress)
    return run


@transaction.atomic
def discard(reference: UUID, *, by: User) -> ImportRun:
    """Give up a file that was not imported; what is kept of it is deleted."""
    run = policy.runs.fetch(by, lock=True, reference=reference)
    policy.runs.require(by, Permission.IMPORT_RUN)
    if run.state not in {State.CHECKED, State.INTERRUPTED} and not is_stalled(run):
        raise NotNow(_("This import cannot be discarded now."))
    file, run.file = run.file, ""
    run.state, run.finished_at = State.DISCARDED, timezone.now()
    run.save(update_fields=["state", "file", "finished_at"])
    transaction.on_commit(lambda: store.forget(file))
    return run


def import_source(
    source: Source,
    *,
    kind: str,
    by: User | None,
    mode: str,
    is_dry_run: bool,
    progress: Progress,
) -> tuple[Report, ImportRun | None]:
    """Import a file at once, for the command line. Raises MappingWrong, FileRefused and ActorNeeded.

    A refused file leaves its run in the history. A dry run leaves nothing.
    """
    mapping = formats.named(kind)
    if by is not None:
        policy.runs.require(by, Permission.IMPORT_RUN)
    elif mapping.is_named or mapping.institution is None:
        raise ActorNeeded(_("This format needs somebody in whose name it is imported: give --by E-MAIL."))
    if is_dry_run:
        institution = _institution(mapping, by, may_create=False)
        return Import(source, mapping, by=by, institution=institution, progress=progress).check(), None
    run = ImportRun.objects.create(by=by, format=kind[-40:], source=mapping.source, state=State.RUNNING, mode=mode)
    return _perform(run, mapping, lambda: source, progress), run


def is_stalled(run: ImportRun) -> bool:
    """True if the work on it has been silent for so long that its process must have ended."""
    return run.is_busy and (timezone.now() - run.beat_at).total_seconds() > 120


def forget_old_files() -> int:
    """Delete uploads that nobody came back to, and files that no import points to any more. Returns how many."""
    line = timezone.now() - timedelta(days=KEPT_DAYS)
    for run in ImportRun.objects.exclude(file="").filter(beat_at__lt=line):
        store.forget(run.file)
        ImportRun.objects.filter(pk=run.pk).update(file="", state=State.DISCARDED, finished_at=timezone.now())
    wanted = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    orphans = [name for name, written in store.names() if name not in wanted and written < line.timestamp()]
    for name in orphans:
        store.forget(name)
    return len(orphans)


def _perform(run: ImportRun, mapping: TableMapping, source: Callable[[], Source], progress: Progress) -> Report:
    try:
        institution = run.institution = _institution(mapping, run.by, may_create=True)
        importing = Import(source(), mapping, by=run.by, institution=institution, run=run, progress=progress)
        report = importing.all_or_nothing() if run.mode == Mode.ALL else importing.keep_good()
    except FileRefused as refused:
        report = Report(problems=list(refused.problems))
        is_waiting = any(problem.code == "is_running" for problem in refused.problems)
        _end(run, report, State.INTERRUPTED if is_waiting and run.file else State.REFUSED)
        return report
    except BaseException:
        ImportRun.objects.filter(pk=run.pk).update(state=State.INTERRUPTED)
        raise
    is_refused = run.mode == Mode.ALL and report.failed
    _end(run, report, State.DONE if not is_refused else State.CHECKED if run.file else State.REFUSED)
    return report


@transaction.atomic
def _end(run: ImportRun, report: Report, state: ImportRun.State) -> ImportRun:
    """Write down what came of it; the file is deleted where it is needed no more."""
    run.state, run.beat_at = state, timezone.now()
    run.rows = run.rows_done = report.rows
    run.created, run.updated, run.unchanged = report.created, report.updated, report.unchanged
    run.failed, run.seconds = report.failed, report.seconds
    run.notices = [{"code": notice.code, "facts": dict(notice.facts)} for notice in report.notices]
    file = run.file
    if state in {State.DONE, State.REFUSED}:
        run.finished_at, run.file = timezone.now(), ""
        transaction.on_commit(lambda: store.forget(file))
    run.save()
    run.problems.all().delete()
    ImportProblem.objects.bulk_create(
        ImportProblem(
            run=run,
            row=problem.row,
            column=problem.column[:120],
            code=problem.code,
            facts=dict(problem.facts),
            sealed_value=store.seal(problem.value) if problem.value else None,
        )
        for problem in report.problems
    )
    if state == State.DONE:
        counts = {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged", "failed")}
        facts = {"run": str(run.reference), "format": run.format, "source": run.source, "mode": run.mode, **counts}
        record(Event.IMPORTED, by=run.by, facts=facts)
    return run


def _kept(run: ImportRun) -> Source:
    try:
        return store.source(run.file)
    except FileNotFoundError:
        raise refuse("file_gone") from None


def _institution(mapping: TableMapping, by: User | None, *, may_create: bool) -> Institution | None:
    """The institution that leads the cases: the mapping's own, or that of the person who imports."""
    given = mapping.institution
    if given is None:
        return by.institution if by else None
    found = Institution.objects.filter(code=given.code).first()
    if found is None and may_create:
        is_shelter = given.kind == InstitutionKind.SHELTER  # its name would lead to it
        name_tr, name_en = (given.code, given.code) if is_shelter else (given.name_tr, given.name_en)
        found = Institution.objects.create(code=given.code, kind=given.kind, name_tr=name_tr, name_en=name_en)
    if found is not None and not found.is_active:
        raise refuse("institution_closed")
    return found


def _defer(task: str, run: ImportRun) -> None:
    with beyond_reach(Task.QUEUE):
        jobs.configure_task(task, allow_unknown=True).defer(reference=str(run.reference))


@contextmanager
def _noting(run: ImportRun) -> Iterator[Progress]:
    """Progress noted on a connection of its own: others see it while the import's transaction is still open."""
    connection = connections.create_connection("default")
    noted = 0.0

    def note(done: int, rows: int) -> None:
        nonlocal noted
        if time.monotonic() - noted >= _BEAT:
            noted = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE exchange_importrun SET rows = %s, rows_done = %s, beat_at = now() WHERE id = %s",
                    [rows, done, run.pk],
                )

    try:
        yield note
    finally:
        connection.close()
