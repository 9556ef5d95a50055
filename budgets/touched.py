"""Incremental refresh: the projects and years that changes touch, in a temporary table, and corrections of sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.models import BooleanField, Func, Q
from django.db.models.expressions import RawSQL

TOUCHED_TABLE = "touched"  # temporary table with the columns project_id and fiscal_year
IS_TOUCHED = Func(
    "project",
    "fiscal_year",
    template=f"(%(expressions)s) IN (SELECT project_id, fiscal_year FROM {TOUCHED_TABLE})",  # noqa: S608  # a table's name
    output_field=BooleanField(),
)
OF_TOUCHED_PROJECT = Q(project__in=RawSQL(f"SELECT project_id FROM {TOUCHED_TABLE}", ()))  # noqa: S608, S611  # a table's name

SumKey = tuple[Any, ...]
FiguresByKey = Mapping[SumKey, tuple[int, ...]]
SumCorrections = tuple[list[Any], FiguresByKey]  # primary keys of sums to delete, and sums to insert


@contextmanager
def collect_touched(rows: Iterable[models.QuerySet[Any]]) -> Iterator[bool]:
    """Run the block with the projects and years of these rows in `TOUCHED_TABLE`; yield whether there are any.

    If the block fails, the rollback drops the table.
    """
    first, *others = (some.order_by().values("project", "fiscal_year") for some in rows)
    pairs, parameters = first.union(*others).query.sql_with_params()
    with connection.cursor() as cursor:
        named_pairs = f"WITH pairs (project_id, fiscal_year) AS ({pairs}) SELECT DISTINCT * FROM pairs"  # noqa: S608  # a statement of ours
        cursor.execute(f"CREATE TEMPORARY TABLE {TOUCHED_TABLE} AS {named_pairs}", parameters)
        if connection.vendor == "postgresql":
            # Else the planner assumes thousands of rows and scans whole tables.
            cursor.execute(f"ANALYZE {TOUCHED_TABLE}")
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {TOUCHED_TABLE})")  # noqa: S608  # a table's name
        (is_any,) = cursor.fetchone()
        yield bool(is_any)
        cursor.execute(f"DROP TABLE {TOUCHED_TABLE}")


def find_touched_years() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT fiscal_year FROM {TOUCHED_TABLE}")  # noqa: S608  # a table's name
        return {year for (year,) in cursor.fetchall()}


def correct_sums(
    before: FiguresByKey, after: FiguresByKey, stored: Iterable[tuple[Any, SumKey, tuple[int, ...]]]
) -> SumCorrections:
    """Compute corrections of stored sums from the sums of touched rows before and after a change.

    `stored` yields (primary key, key, figures). The first figure of a sum counts its rows; a sum of 0 rows is deleted.
    """
    found = {key: (pk, figures) for pk, key, figures in stored}
    gone, new = [], {}
    for key in before.keys() | after.keys():
        if (old := before.get(key)) == after.get(key):
            continue
        nothing = (0,) * len(old or after[key])
        pk, figures = found.get(key, (None, nothing))
        three = zip(figures, after.get(key, nothing), old or nothing, strict=True)
        gone.append(pk)
        new[key] = tuple(figure + more - less for figure, more, less in three)
    return gone, {key: figures for key, figures in new.items() if figures[0]}
