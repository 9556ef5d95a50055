"""The departments that a change concerns: those it names, and those its row, project or appearance belongs to."""

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
# Rows that concern the department of another row.
UNDER: dict[type[models.Model], tuple[str, type[models.Model]]] = {
    ProjectPart: ("project", Project),
    NamedPart: ("appearance", Appearance),
    BudgetLine: ("project", Project),
}


def departments_of(change: Change, known: Known) -> set[UUID]:
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
    """The rows that a field of a changed row refers to: before, after, and now."""
    told = {UUID(side[name]) for side in (change.before, change.after) if side and side.get(name)}
    now = known.value(row, name)
    return told | ({now} if now else set())


def concerned(changes: Iterable[Change]) -> list[tuple[Change, set[UUID]]]:
    """Each change with the departments that it concerns now; of those being recorded this is found out once."""
    changes = list(changes)
    if unknown := [change for change in changes if change.departments is None]:
        known = Known(unknown)
        for change in unknown:
            change.departments = departments_of(change, known)
    return [(change, change.departments or set()) for change in changes]


def keep_concerns(changes: Iterable[Change]) -> None:
    """Store with each of these stored changes which departments it concerns now."""
    found = concerned(changes)
    Concern.objects.filter(change__in=[change for change, _ in found]).delete()
    Concern.objects.bulk_create(
        Concern(change=change, department=department)
        for change, departments in found
        for department in sorted(departments)
    )
