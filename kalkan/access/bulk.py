"""Writing many rows at once, for the few doors through which many rows come."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import JSONField, Model
from psycopg import sql
from psycopg.types.json import Jsonb


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Primary keys for `count` rows to come, so that rows of other tables can point to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def copy_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into the table of `model`. `columns` are field attributes (`person_id`), in the order of the values.

    Fields that are not named get the model's default; a generated reference is made anew for each row, everything
    else (the moment of recording, say) is the same for all. No validation and no `save()`: whoever calls has checked
    the values. Constraints and triggers hold as always.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [field for field in fields.values() if field.attname not in columns and not field.primary_key]
    generated = [field for field in rest if field.default is uuid4]
    constant = [field for field in rest if field.default is not uuid4]
    order = [*(fields[name] for name in columns), *constant, *generated]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(sql.Identifier(field.column) for field in order)
    )
    json_at = [index for index, name in enumerate(columns) if isinstance(fields[name], JSONField)]
    tail = [Jsonb(field.get_default()) if isinstance(field, JSONField) else field.get_default() for field in constant]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            whole = [*row, *tail, *[uuid4() for _field in generated]]
            for index in json_at:
                whole[index] = Jsonb(whole[index])
            copy.write_row(whole)
