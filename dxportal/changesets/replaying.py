"""Doing what a change set says: all of it, or nothing where the catalogue is no longer as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models

from dxportal.changesets.differences import Difference, grouped, some
from dxportal.changesets.references import check_references
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.row_values import Rows, Values, instance, read
from dxportal.changesets.rules import check_rules


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else has changed since: what the set started from, wants, and finds.

    `field` is empty where the row itself has come or gone.
    """

    difference: Difference
    field: str
    base: Any
    mine: Any
    theirs: Any


class ConflictError(Exception):
    def __init__(self, conflicts: list[Conflict]) -> None:
        self.conflicts = conflicts


def outstanding(wanted: Iterable[Difference]) -> list[Difference]:
    """What is left to do of differences: without the fields and rows that are stored already as they are to be.

    Two sets that want the same do not conflict. What is undone is not asked this way: a value that is back to what it
    was has been put back by a later set, which has to be undone first.
    """
    by_model = grouped(wanted)
    stored = {model: read(model, [one.row for one in own]) for model, own in by_model.items()}
    left = (rest(one, stored[model].get(one.row)) for model, own in by_model.items() for one in own)
    return [one for one in left if one is not None]


def rest(difference: Difference, now: Values | None) -> Difference | None:
    """The part of a difference in which it differs from what is stored now; None where there is none."""
    before, after = difference.before, difference.after
    if now is None or after is None:
        return None if now is None and after is None else difference
    if before is None:
        return None if after == now else difference
    names = [name for name in after if after[name] != now[name]]
    if not names:
        return None
    return Difference(difference.model, difference.row, some(before, names), some(after, names))


def replay(wanted: Iterable[Difference]) -> None:
    """Write the differences, inside a transaction that the caller has begun.

    Raises ConflictError where a row is not as it was before, RefusedByCatalogueError where a rule is broken.
    """
    wanted = list(wanted)
    rewrite(wanted)
    check_rules(wanted)


def rewrite(wanted: Iterable[Difference]) -> None:
    """Write differences that lead to a state which has been public, whatever the rules of today say of it."""
    wanted = list(wanted)
    by_model = grouped(wanted)
    stored = {model: read(model, [one.row for one in own]) for model, own in by_model.items()}
    found = [conflict for model, own in by_model.items() for one in own for conflict in conflicts(one, stored[model])]
    if found:
        raise ConflictError(found)
    try:
        # Rows are taken out and put back whole: unique values may change places, and no order has to be found.
        for model, own in by_model.items():
            gone = model._default_manager.filter(pk__in=[one.row for one in own if one.before is not None])
            gone._raw_delete(gone.db)
        for model, own in by_model.items():
            model._default_manager.bulk_create(rows_after(model, own, stored[model]))
        check_references(wanted)
    except IntegrityError as error:
        raise RefusedByCatalogueError from error


def conflicts(difference: Difference, stored: Rows) -> Iterable[Conflict]:
    now = stored.get(difference.row)
    before, after = difference.before, difference.after
    if before is None:
        if now is not None:
            yield Conflict(difference, "", None, after, now)
    elif now is None:
        yield Conflict(difference, "", before, after, None)
    else:
        for name, base in before.items():
            if now[name] != base:
                yield Conflict(difference, name, base, None if after is None else after[name], now[name])


def rows_after(model: type[models.Model], own: list[Difference], stored: Rows) -> list[models.Model]:
    """The rows as they are to be: what is stored, with what changes."""
    return [instance(model, one.row, merged(stored.get(one.row), one.after)) for one in own if one.after is not None]


def merged(stored: Values | None, after: Values) -> Values:
    return (stored or {}) | after
