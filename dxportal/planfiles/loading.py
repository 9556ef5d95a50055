"""Loading a folder into the catalogue: all or nothing, and never over what staff have changed."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum

from django.db import connection, models, transaction

from catalog.models import Plan
from dxportal.planfiles.comparing import Difference, differences
from dxportal.planfiles.mapping import folder_of_catalogue, rows_of
from dxportal.planfiles.schema import Folder
from dxportal.revisions.locks import own_catalogue
from dxportal.revisions.publish import advance
from dxportal.tracked_tables import CATALOGUE


class Outcome(Enum):
    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


class CatalogueDiffersError(Exception):
    """The catalogue holds something else than the folder; `differences` says what."""

    def __init__(self, found: list[Difference]) -> None:
        super().__init__(f"{len(found)}件の違いがあります。")
        self.differences = found


class SeveralPlansError(Exception):
    """The catalogue holds a plan that a folder would not say, so it cannot be compared or replaced."""


def load(folder: Folder, replace: bool = False) -> Outcome:
    """Load a checked folder in one transaction.

    An empty catalogue is filled; one that equals the folder is left alone; any other is refused with
    CatalogueDiffersError, unless `replace`, which deletes it first. A catalogue with a plan that is not
    published is refused with SeveralPlansError: that plan would be lost.
    """
    with transaction.atomic():
        own_catalogue()
        if Plan.objects.filter(is_current=False).exists():
            raise SeveralPlansError
        present = any(model._default_manager.exists() for model in CATALOGUE)
        if present:
            known = Plan.objects.exists()
            found = differences(folder_of_catalogue(), folder) if known else []
            if known and not found:
                return Outcome.UNCHANGED
            if not replace:
                raise CatalogueDiffersError(found)
            delete_catalogue()
        write(rows_of(folder))
        connection.check_constraints()
        advance(None)
    return Outcome.REPLACED if present else Outcome.LOADED


def delete_catalogue() -> None:
    """Delete every row of the catalogue, children before parents; PROTECT guards against less than all."""
    for model in reversed(CATALOGUE):
        queryset = model._default_manager.all()
        queryset._raw_delete(queryset.db)


def write(rows: list[models.Model]) -> None:
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    for model in CATALOGUE:
        model._default_manager.bulk_create(by_model[model], batch_size=500)
