"""Writing many rows at once, for the few doors through which many rows come."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import JSONField, Model
from psycopg import sql

_CHUNK = 256 * 1024
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Primary keys for `count` rows to come, so that rows of other tables can point to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def copy_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Stream `rows` into the table of `model`. `columns` are field attributes (`person_id`), in the order of the
    values.

    Fields that are not named get the model's default; a generated reference is made anew for each row, everything
    else (the moment of recording, say) is the same for all. No validation and no `save()`: whoever calls has checked
    the values. Constraints, triggers and row-level security hold as always: COPY refuses a protected table, so that
    the rows come in through a table of the session's own. Call inside a transaction.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [field for field in fields.values() if field.attname not in columns and not field.primary_key]
    generated = [field for field in rest if field.default is uuid4]
    constant = [field for field in rest if field.default is not uuid4]
    order = [*(fields[name] for name in columns), *constant, *generated]
    table, staged = sql.Identifier(model._meta.db_table), sql.Identifier(f"staged_{model._meta.db_table}")
    named = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in order])
    json_at = [index for index, name in enumerate(columns) if isinstance(fields[name], JSONField)]
    # The text format is written here: most values of a batch are alike, so that each is put into words only once.
    constants = [
        as_text(json.dumps(field.get_default()) if isinstance(field, JSONField) else field.get_default())
        for field in constant
    ]
    held: list[str] = []
    size = 0
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                staged, named, table
            )
        )
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(staged)) as copy:
            for row in rows:
                values = list(row)
                for index in json_at:
                    values[index] = json.dumps(values[index])
                line = "\t".join([*map(as_text, values), *constants, *[str(uuid4()) for _field in generated]])
                held.append(line)
                size += len(line)
                if size > _CHUNK:
                    copy.write("\n".join(held) + "\n")
                    held, size = [], 0
            if held:
                copy.write("\n".join(held) + "\n")
        cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT * FROM {}").format(table, named, staged))
        cursor.execute(sql.SQL("DROP TABLE {}").format(staged))


def refresh_estimates(*models: type[Model]) -> None:
    """Have the planner look at tables that just grew. Without it, a join over them may take minutes until autovacuum
    comes by; inside the transaction that filled them nobody else can do it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kalkan_refresh_estimates(%s::regclass[])", [[model._meta.db_table for model in models]])


def as_text(value: Any) -> str:
    """A value in PostgreSQL's text format for COPY: None, text, truth, number, date, moment, reference, or several.

    >>> as_text(None), as_text(True), as_text(["a b", 'c"d'])
    ('\\\\N', 't', '{"a b","c\\\\\\\\"d"}')
    """
    if type(value) is str:
        return _escaped(value)
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        return _array(tuple(value))
    return str(value)


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


@lru_cache(maxsize=4096)
def _array(values: tuple[Any, ...]) -> str:
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return _escaped("{" + ",".join(f'"{value}"' for value in quoted) + "}")
