"""Departments that a change concerns: those in its values, and those of its row, project or appearance."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models

from budgets.models import BudgetLine, ChangeReason
from catalog.models import Department, DepartmentAlias
from catalog.row_changes import RowReference
from dxportal.changesets.models import Change, Concern
from dxportal.changesets.row_lookup import RowLookup, row_reference
from projects.models import Appearance, NamedPart, Project, ProjectPart

TABLES_WITH_DEPARTMENT: tuple[type[models.Model], ...] = (Project, Appearance, BudgetLine, DepartmentAlias)
# Tables whose rows concern the department of their parent: the foreign key and the parent table.
DEPARTMENT_PARENTS: dict[type[models.Model], tuple[str, type[models.Model]]] = {
    ProjectPart: ("project", Project),
    NamedPart: ("appearance", Appearance),
    BudgetLine: ("project", Project),
    ChangeReason: ("project", Project),
}


def find_departments(change: Change, lookup: RowLookup) -> set[UUID]:
    """Return the departments of a change's row and of its parent: before and after the change, and as stored now."""
    if (reference := row_reference(change)) is None:
        return set()
    model, pk = reference
    if model is Department:
        return {pk}
    departments: set[UUID] = set()
    if model in TABLES_WITH_DEPARTMENT:
        departments |= find_referenced_rows(change, reference, lookup, "department_id")
    if model in DEPARTMENT_PARENTS:
        name, parent_model = DEPARTMENT_PARENTS[model]
        for parent in find_referenced_rows(change, reference, lookup, f"{name}_id"):
            if department := lookup.value((parent_model, parent), "department_id"):
                departments.add(department)
    return departments


def find_referenced_rows(change: Change, row: RowReference, lookup: RowLookup, name: str) -> set[UUID]:
    """Return the rows to which a foreign key of a changed row refers: before, after, and as stored now."""
    changed = {UUID(side[name]) for side in (change.before, change.after) if side and side.get(name)}
    stored = lookup.value(row, name)
    return changed | ({stored} if stored else set())


def pair_with_departments(changes: Iterable[Change]) -> list[tuple[Change, set[UUID]]]:
    """Pair each change with the departments that it concerns; the result is cached on changes not yet stored."""
    changes = list(changes)
    if pending := [change for change in changes if change.departments is None]:
        lookup = RowLookup(pending)
        for change in pending:
            change.departments = find_departments(change, lookup)
    return [(change, change.departments or set()) for change in changes]


def store_concerns(changes: Iterable[Change]) -> None:
    """Replace the stored `Concern`s of these changes with the departments that they concern now."""
    pairs = pair_with_departments(changes)
    Concern.objects.filter(change__in=[change for change, _ in pairs]).delete()
    Concern.objects.bulk_create(
        Concern(change=change, department=department)
        for change, departments in pairs
        for department in sorted(departments)
    )
