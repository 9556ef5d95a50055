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

from dxportal.changesets.differences import Difference, differences
from dxportal.changesets.integrity_rules import check_rules
from dxportal.changesets.models import Change
from dxportal.changesets.references import check_references
from dxportal.changesets.replaying import outstanding, replay
from dxportal.changesets.row_values import TRACKED, Values, columns, read
from dxportal.changesets.written_rows import WrittenRows, find_written_rows
from dxportal.revisions.locks import take_shared_lock, wait_for_turn

# Statements that only read, and statements of transaction control.
HARMLESS = re.compile(
    r"[\s(]*SELECT\b"  # on PostgreSQL a UNION starts with a parenthesis
    r"|\s*(EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK TO|SET CONSTRAINTS|PRAGMA|DECLARE|FETCH|CLOSE)\b",
    re.IGNORECASE,
)
WRITING = re.compile(
    r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+(?:ONLY\s+)?(?:\"?\w+\"?\.)?\"?(\w+)\"?",
    re.IGNORECASE,
)


# Foreign keys that are no part of any natural key or name.
NEVER_IN_A_KEY = frozenset({"department", "document"})


class UnclearStatementError(Exception):
    """A statement whose target table cannot be determined; it is not executed during a recording."""


class Recorder:
    """Database execute wrapper that snapshots rows before the first statement that may write to them.

    `changes` is filled at the end of `recorded`.
    """

    def __init__(self) -> None:
        self.before: dict[type[models.Model], dict[UUID, Values | None]] = defaultdict(dict)
        self.read_whole: set[type[models.Model]] = set()
        self.changes: list[Change] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not HARMLESS.match(sql):
            written = WRITING.match(sql)
            if written is None:
                raise UnclearStatementError(sql[:200])
            model = TRACKED.get(written[1].lower())
            if model is not None and model not in self.read_whole:
                self.keep(model, find_written_rows(model, sql, params, many=many))
        return execute(sql, params, many, context)

    def keep(self, model: type[models.Model], rows: WrittenRows | None) -> None:
        """Snapshot rows of a table before their first write; all rows of the table if None."""
        before = self.before[model]
        if rows is None:
            self.read_whole.add(model)
        if isinstance(rows, list):
            new = [pk for pk in rows if pk not in before]
            before.update(dict.fromkeys(new))
            before.update(read(model, new))
        else:
            for pk, values in read(model, rows).items():
                before.setdefault(pk, values)

    def compare(self) -> list[Difference]:
        """Return the difference between the snapshots and the tables as they are now."""
        after = {model: read(model, None if model in self.read_whole else rows) for model, rows in self.before.items()}
        return list(differences(self.before, after))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Run the block, record its changes of the catalogue in the recorder, and roll back; errors roll back, too.

    Raises IntegrityError or RefusedByCatalogueError if the result would break a constraint or a rule.
    """
    recorder = Recorder()
    with transaction.atomic():
        take_shared_lock()
        with connection.execute_wrapper(recorder):
            yield recorder
        found = recorder.compare()
        # Deferred constraints would only fail at a commit, which never comes; so they are checked here.
        check_references(found)
        check_rules(found)
        names = names_of(one for one in found if one.before is None)
        transaction.set_rollback(True)
    # Updated and deleted rows are recorded under their published name, so it is read after the rollback.
    names |= names_of(one for one in found if one.before is not None)
    recorder.changes = [one.as_change(*names[one.row]) for one in found]


def names_of(found: Iterable[Difference]) -> dict[UUID, tuple[str, str]]:
    """Read the natural key and name of rows as the tables hold them now; one query for each table."""
    by_model: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for one in found:
        by_model[one.model].append(one.row)
    found_rows: Iterable[Any] = (
        row
        for model, rows in by_model.items()
        for row in model._default_manager.filter(pk__in=rows).select_related(*paths_of_key(model)).order_by()
    )
    return {row.pk: (" ".join(row.natural_key()), str(row)) for row in found_rows}


def paths_of_key(model: type[models.Model], prefix: str = "", depth: int = 3) -> list[str]:
    """Return the `select_related` paths to the parent rows that natural keys and names are built from."""
    paths = []
    for field in columns(model):
        if field.name in NEVER_IN_A_KEY:
            continue
        if isinstance(field, models.ForeignKey) and field.related_model is not model:
            paths.append(prefix + field.name)
            if depth > 1:
                paths += paths_of_key(field.related_model, f"{prefix}{field.name}__", depth - 1)
    return paths


@contextmanager
def as_it_would_be(wanted: Iterable[Difference]) -> Iterator[list[Difference]]:
    """Run the block on a preview of the catalogue with the differences applied, then roll back.

    Yields the differences that are not public already. Raises ConflictError or RefusedByCatalogueError as `replay`.
    """
    with wait_for_turn(), transaction.atomic():
        take_shared_lock()
        left = outstanding(wanted)
        replay(left)
        yield left
        transaction.set_rollback(True)
