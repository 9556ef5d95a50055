"""Departments that a change concerns: those in its values, and those of its row, project or appearance."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models

from budgets.models import BudgetLine
from catalog.models import Department, DepartmentAlias
from dxportal.changesets.models import Change, Concern
from dxportal.changesets.row_lookup import Known, Reference, reference
from projects.models import Appearance, NamedPart, Project, ProjectPart

WITH_DEPARTMENT: tuple[type[models.Model], ...] = (Project, Appearance, BudgetLine, DepartmentAlias)
# Tables whose rows concern the department of their parent: the foreign key and the parent table.
UNDER: dict[type[models.Model], tuple[str, type[models.Model]]] = {
    ProjectPart: ("project", Project),
    NamedPart: ("appearance", Appearance),
    BudgetLine: ("project", Project),
}


def departments_of(change: Change, known: Known) -> set[UUID]:
    """Return the departments of a change's row and of its parent: before and after the change, and as stored now."""
    if (one := reference(change)) is None:
        return set()
    model, row = one
    if model is Department:
        return {row}
    found = sides(change, one, known, "department_id") if model in WITH_DEPARTMENT else set()
    if model in UNDER:
        name, parent = UNDER[model]
        parents: set[Reference] = {(parent, above) for above in sides(change, one, known, f"{name}_id")}
        found |= {department for row_above in parents if (department := known.value(row_above, "department_id"))}
    return found


def sides(change: Change, row: Reference, known: Known, name: str) -> set[UUID]:
    """Return the rows to which a foreign key of a changed row refers: before, after, and as stored now."""
    told = {UUID(side[name]) for side in (change.before, change.after) if side and side.get(name)}
    now = known.value(row, name)
    return told | ({now} if now else set())


def concerned(changes: Iterable[Change]) -> list[tuple[Change, set[UUID]]]:
    """Pair each change with the departments that it concerns; the result is cached on changes not yet stored."""
    changes = list(changes)
    if unknown := [change for change in changes if change.departments is None]:
        known = Known(unknown)
        for change in unknown:
            change.departments = departments_of(change, known)
    return [(change, change.departments or set()) for change in changes]


def keep_concerns(changes: Iterable[Change]) -> None:
    """Replace the stored `Concern`s of these changes with the departments that they concern now."""
    found = concerned(changes)
    Concern.objects.filter(change__in=[change for change, _ in found]).delete()
    Concern.objects.bulk_create(
        Concern(change=change, department=department)
        for change, departments in found
        for department in sorted(departments)
    )
