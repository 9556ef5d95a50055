"""Record an edit: run it in a transaction, diff the tracked tables, and roll it back.

Rows that a statement may write to are read before it runs, and again at the end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from dxportal.changesets.differences import RowDifference, diff_tables
from dxportal.changesets.integrity_rules import check_rules
from dxportal.changesets.models import Change
from dxportal.changesets.references import check_changed_references
from dxportal.changesets.replaying import filter_unpublished, replay
from dxportal.changesets.row_values import MODELS_BY_TABLE, ColumnValues, get_columns, read_rows
from dxportal.changesets.written_rows import WrittenRows, find_written_rows
from dxportal.revisions.locks import take_shared_lock, wait_for_turn

# Statements that only read, and statements of transaction control.
READ_ONLY_STATEMENT = re.compile(
    r"[\s(]*SELECT\b"  # on PostgreSQL a UNION starts with a parenthesis
    r"|\s*(EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK TO|SET CONSTRAINTS|PRAGMA|DECLARE|FETCH|CLOSE)\b",
    re.IGNORECASE,
)
WRITE_STATEMENT = re.compile(
    r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+(?:ONLY\s+)?(?:\"?\w+\"?\.)?\"?(\w+)\"?",
    re.IGNORECASE,
)


# Foreign keys that are no part of any natural key or name.
NON_KEY_RELATIONS = frozenset({"department", "document"})


class UnclearStatementError(Exception):
    """A statement whose target table cannot be determined; it is not executed during a recording."""


class Recorder:
    """Database execute wrapper that snapshots rows before the first statement that may write to them.

    `changes` is filled at the end of `record_changes`.
    """

    def __init__(self) -> None:
        self.before: dict[type[models.Model], dict[UUID, ColumnValues | None]] = defaultdict(dict)
        self.fully_read_tables: set[type[models.Model]] = set()
        self.changes: list[Change] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not READ_ONLY_STATEMENT.match(sql):
            statement = WRITE_STATEMENT.match(sql)
            if statement is None:
                raise UnclearStatementError(sql[:200])
            model = MODELS_BY_TABLE.get(statement[1].lower())
            if model is not None and model not in self.fully_read_tables:
                self.take_snapshot(model, find_written_rows(model, sql, params, many=many))
        return execute(sql, params, many, context)

    def take_snapshot(self, model: type[models.Model], rows: WrittenRows | None) -> None:
        """Snapshot rows of a table before their first write; all rows of the table if None."""
        before = self.before[model]
        if rows is None:
            self.fully_read_tables.add(model)
        if isinstance(rows, list):
            new = [pk for pk in rows if pk not in before]
            before.update(dict.fromkeys(new))
            before.update(read_rows(model, new))
        else:
            for pk, values in read_rows(model, rows).items():
                before.setdefault(pk, values)

    def compare(self) -> list[RowDifference]:
        """Return the difference between the snapshots and the tables as they are now."""
        after = {
            model: read_rows(model, None if model in self.fully_read_tables else rows)
            for model, rows in self.before.items()
        }
        return list(diff_tables(self.before, after))


@contextmanager
def record_changes() -> Iterator[Recorder]:
    """Run the block, record its changes of the catalogue in the recorder, and roll back; errors roll back, too.

    Raises IntegrityError or RefusedByCatalogueError if the result would break a constraint or a rule.
    """
    recorder = Recorder()
    with transaction.atomic():
        take_shared_lock()
        with connection.execute_wrapper(recorder):
            yield recorder
        differences = recorder.compare()
        # Deferred constraints would only fail at a commit, which never comes; so they are checked here.
        check_changed_references(differences)
        check_rules(differences)
        names = read_names(difference for difference in differences if difference.before is None)
        transaction.set_rollback(True)
    # Updated and deleted rows are recorded under their published name, so it is read after the rollback.
    names |= read_names(difference for difference in differences if difference.before is not None)
    recorder.changes = [difference.as_change(*names[difference.row]) for difference in differences]


def read_names(differences: Iterable[RowDifference]) -> dict[UUID, tuple[str, str]]:
    """Read the natural key and name of rows as the tables hold them now; one query for each table."""
    by_model: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for difference in differences:
        by_model[difference.model].append(difference.row)
    rows: Iterable[Any] = (
        row
        for model, keys in by_model.items()
        for row in model._default_manager.filter(pk__in=keys).select_related(*natural_key_paths(model)).order_by()
    )
    return {row.pk: (" ".join(row.natural_key()), str(row)) for row in rows}


def natural_key_paths(model: type[models.Model], prefix: str = "", depth: int = 3) -> list[str]:
    """Return the `select_related` paths to the parent rows that natural keys and names are built from."""
    paths = []
    for field in get_columns(model):
        if field.name in NON_KEY_RELATIONS:
            continue
        if isinstance(field, models.ForeignKey) and field.related_model is not model:
            paths.append(prefix + field.name)
            if depth > 1:
                paths += natural_key_paths(field.related_model, f"{prefix}{field.name}__", depth - 1)
    return paths


@contextmanager
def preview_catalogue(differences: Iterable[RowDifference]) -> Iterator[list[RowDifference]]:
    """Run the block on a preview of the catalogue with the differences applied, then roll back.

    Yields the differences that are not public already. Raises ConflictError or RefusedByCatalogueError as `replay`.
    """
    with wait_for_turn(), transaction.atomic():
        take_shared_lock()
        unpublished = filter_unpublished(differences)
        replay(unpublished)
        yield unpublished
        transaction.set_rollback(True)
