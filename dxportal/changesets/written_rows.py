"""Predict from an SQL statement, before it is executed, which rows of its table it may write to.

Understands the statements that Django generates, and SQL of the same shape. For any other the result is None: the whole
table has to be read. A result may name too many rows, never too few.
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

# Not parsed: comments, dollar quotes, backslashes, several statements, named parameters, and %s within quotes.
UNPARSED = re.compile(r"""--|/\*|[$\\;]|%[^s]|'[^']*%s[^']*'""")
FUNCTION_NAME = re.compile(r'\w+|"[^"]*"')
# Keywords that may precede a parenthesis, and deterministic functions.
STABLE_WORDS = frozenset(
    {"ALL", "AND", "ANY", "AS", "CASE", "COALESCE", "COUNT", "ELSE", "EXISTS", "FROM", "IN", "LENGTH", "LOWER", "MAX"}
    | {"MIN", "NOT", "ON", "OR", "SELECT", "SUM", "THEN", "UPPER", "VALUES", "WHEN", "WHERE"}
)
# Keywords that make a condition select other rows when it is evaluated again, or that end it.
UNSTABLE_WORDS = frozenset(
    {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "FETCH", "LIMIT", "OFFSET", "RETURNING", "TABLESAMPLE"}
)


# An SQL condition on the rows, or primary keys, of which some rows may not exist yet.
WrittenRows = RawSQL | list[UUID]


def find_written_rows(model: type[models.Model], sql: str, params: Any, *, many: bool = False) -> WrittenRows | None:
    """Find the rows of a table that an INSERT, UPDATE or DELETE may write to; None if it may be any row.

    `many`: the statement is executed once with each of `params` (`executemany`).
    """
    if params is None and "%" not in sql:
        params = ()
    if not isinstance(params, list | tuple) or UNPARSED.search(sql):
        return None
    insert = INSERT.fullmatch(sql)
    if many:
        batches = [parse_insert(model, insert, values) for values in params] if insert else [None]
        return None if None in batches else [pk for rows in batches for pk in rows or ()]
    if insert:
        return parse_insert(model, insert, params)
    if start := UPDATE_OR_DELETE.match(sql):
        return parse_condition(model, sql, start.end(), params)
    return None


def parse_insert(model: type[models.Model], insert: re.Match[str], params: Sequence[Any]) -> list[UUID] | None:
    """Return the primary keys of an INSERT whose values are all parameters; None if they are not."""
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


def parse_condition(model: type[models.Model], sql: str, start: int, params: Sequence[Any]) -> RawSQL | None:
    """Return the WHERE condition of an UPDATE or DELETE; None if it is missing, or not safe to evaluate beforehand."""
    depth, last, where, values = 0, "", 0, 0
    for token in TOKEN.finditer(sql, start):
        word = token[0].upper()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if where:
            if word in UNSTABLE_WORDS or (word == "(" and FUNCTION_NAME.fullmatch(last) and last not in STABLE_WORDS):
                return None
        elif depth == 0 and word == "WHERE":
            where = token.end()
        elif depth == 0 and word in ("FROM", "INDEXED"):
            return None
        else:
            values += word == "%S"
        last = word
    # An UPDATE of the primary key would turn a row into another one.
    if not where or re.search(rf'(?:^|[,(])\s*"?{model._meta.pk.column}"?\s*[=,)]', sql[start:where]):
        return None
    return RawSQL(sql[where:], params[values:], models.BooleanField())  # noqa: S611  # the statement itself contains it
