"""What somebody does to the log who owns its tables, and what the check finds."""

from pathlib import Path
from uuid import UUID

from django.db import connection

from kalkan.audit import signing, verifying
from kalkan.audit.models import AuditEvent, Batch
from kalkan.audit.verifying import Kind

TABLE, BATCHES = AuditEvent._meta.db_table, Batch._meta.db_table

OTHER = "(id, reference, at, action, subjects, facts, channel) VALUES"


def owner(*statements: str) -> None:
    """What somebody does who owns the tables: the triggers that refuse are switched off, and on again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (TABLE, BATCHES):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (TABLE, BATCHES):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def check(head: Path | None = None) -> verifying.Report:
    return verifying.verify(signing.known_keys(), kept=signing.read_lines(head) if head else ())


def found(head: Path | None = None) -> tuple[Kind, UUID | None]:
    report = check(head)
    assert report.finding is not None
    return report.finding.kind, report.finding.event
