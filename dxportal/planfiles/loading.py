"""Loader of a plan folder into the catalogue: in one transaction, and never silently over edits of staff."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum

from django.db import connection, models, transaction

from catalog.models import Plan
from dxportal.planfiles.comparing import PlanFileDifference, compare_folders
from dxportal.planfiles.mapping import build_rows, read_catalogue
from dxportal.planfiles.schema import Folder
from dxportal.revisions.locks import take_exclusive_lock
from dxportal.revisions.publish import advance_revision
from dxportal.tracked_tables import CATALOGUE


class Outcome(Enum):
    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


class CatalogueDiffersError(Exception):
    """Raised if the catalogue is neither empty nor equal to the folder; `differences` lists how it differs."""

    def __init__(self, differences: list[PlanFileDifference]) -> None:
        super().__init__(f"{len(differences)}件の違いがあります。")
        self.differences = differences


class SeveralPlansError(Exception):
    """Raised if the catalogue holds a plan that is not current: a folder holds one plan, so the other would be lost."""


def load_folder(folder: Folder, replace: bool = False) -> Outcome:
    """Load a checked folder in one transaction.

    Fills an empty catalogue and leaves an equal one alone. Raises CatalogueDiffersError for any other, unless `replace`
    is set, which deletes the catalogue first; raises SeveralPlansError if it holds a plan that is not current.
    """
    with transaction.atomic():
        take_exclusive_lock()
        if Plan.objects.filter(is_current=False).exists():
            raise SeveralPlansError
        present = any(model._default_manager.exists() for model in CATALOGUE)
        if present:
            has_plan = Plan.objects.exists()
            differences = compare_folders(read_catalogue(), folder) if has_plan else []
            if has_plan and not differences:
                return Outcome.UNCHANGED
            if not replace:
                raise CatalogueDiffersError(differences)
            delete_catalogue()
        insert_rows(build_rows(folder))
        connection.check_constraints()
        advance_revision(None)
    return Outcome.REPLACED if present else Outcome.LOADED


def delete_catalogue() -> None:
    """Delete every row of the catalogue, children before parents."""
    for model in reversed(CATALOGUE):
        queryset = model._default_manager.all()
        queryset._raw_delete(queryset.db)


def insert_rows(rows: list[models.Model]) -> None:
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    for model in CATALOGUE:
        model._default_manager.bulk_create(by_model[model], batch_size=500)
