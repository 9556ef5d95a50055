"""Tell from a statement which rows of its table it may write to, before it is run.

The forms that Django writes are understood, and plain SQL of the same shape. Of any other the answer is None: the whole
table has to be read. An answer may name too many rows, and never too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.expressions import RawSQL

INSERT = re.compile(
    r"""INSERT (?:OR IGNORE )?INTO "\w+" \((?P<columns>[\w", ]+)\) """
    r"""(?:VALUES (?P<rows>\([%s, ()]+\))|SELECT \* FROM UNNEST\((?P<arrays>ARRAY(?:, ARRAY)*)\))"""
    r"""(?: ON CONFLICT DO NOTHING)?(?: RETURNING [\w"., ]+)?""".replace("ARRAY", r"\(%s\)::[\w ]+\[\]")
)
UPDATE_OR_DELETE = re.compile(r'UPDATE "?\w+"? SET |DELETE FROM "?\w+"? (?=WHERE )')
TOKEN = re.compile(r"""'[^']*'|"[^"]*"|%s|\w+|\S""")

# Comments, dollar quotes, backslashes, a further statement, parameters by name, and quotes in which % is doubled.
OBSCURE = re.compile(r"""--|/\*|[$\\;]|%[^s]|'[^']*%s[^']*'""")
CALLED = re.compile(r'\w+|"[^"]*"')
# Words before a bracket that call no function, and functions of which the same values always give the same.
STABLE = frozenset(
    {"ALL", "AND", "ANY", "AS", "CASE", "COALESCE", "COUNT", "ELSE", "EXISTS", "FROM", "IN", "LENGTH", "LOWER", "MAX"}
    | {"MIN", "NOT", "ON", "OR", "SELECT", "SUM", "THEN", "UPPER", "VALUES", "WHEN", "WHERE"}
)
# Words with which a condition picks other rows the second time, or behind which it has ended.
UNSTABLE = frozenset(
    {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "FETCH", "LIMIT", "OFFSET", "RETURNING", "TABLESAMPLE"}
)


# A condition on the rows, or the primary keys of rows that need not be there yet.
WrittenRows = RawSQL | list[UUID]


def find_written_rows(model: type[models.Model], sql: str, params: Any) -> WrittenRows | None:
    """Find the rows of a table that an INSERT, UPDATE or DELETE may write to; None: it may be any."""
    if params is None and "%" not in sql:
        params = ()
    if not isinstance(params, list | tuple) or OBSCURE.search(sql):
        return None
    if insert := INSERT.fullmatch(sql):
        return inserted_rows(model, insert, params)
    if start := UPDATE_OR_DELETE.match(sql):
        return rows_of_condition(model, sql, start.end(), params)
    return None


def inserted_rows(model: type[models.Model], insert: re.Match[str], params: Sequence[Any]) -> list[UUID] | None:
    """Return the primary keys among the values of an INSERT of plain values."""
    columns = [name.strip(' "') for name in insert["columns"].split(",")]
    if model._meta.pk.column not in columns:
        return None
    place, width = columns.index(model._meta.pk.column), len(columns)
    if insert["rows"] is not None:
        row = f"({', '.join(['%s'] * width)})"
        is_plain, keys = insert["rows"] == ", ".join([row] * (len(params) // width)), params[place::width]
    else:
        is_plain, keys = len(params) == width, params[place]
    try:
        return [key if isinstance(key, UUID) else UUID(key) for key in keys] if is_plain else None
    except (AttributeError, TypeError, ValueError):
        return None


def rows_of_condition(model: type[models.Model], sql: str, start: int, params: Sequence[Any]) -> RawSQL | None:
    """Return the condition of an UPDATE or DELETE."""
    depth, last, where, values = 0, "", 0, 0
    for token in TOKEN.finditer(sql, start):
        word = token[0].upper()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if where:
            if word in UNSTABLE or (word == "(" and CALLED.fullmatch(last) and last not in STABLE):
                return None
        elif depth == 0 and word == "WHERE":
            where = token.end()
        elif depth == 0 and word in ("FROM", "INDEXED"):
            return None
        else:
            values += word == "%S"
        last = word
    # A row whose primary key is set is another row afterwards.
    if not where or re.search(rf'(?:^|[,(])\s*"?{model._meta.pk.column}"?\s*[=,)]', sql[start:where]):
        return None
    return RawSQL(sql[where:], params[values:], models.BooleanField())  # noqa: S611  # as it is run itself
