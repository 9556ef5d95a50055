"""The departments that a change concerns: those it names, and those its row, project or appearance belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import Q

from budgets.models import BudgetLine
from catalog.models import Department, DepartmentAlias
from dxportal.changes.known import Known, Reference, reference
from dxportal.changes.models import Change
from dxportal.changes.tables import label_of
from projects.models import Appearance, NamedPart, Project, ProjectPart

WITH_DEPARTMENT: tuple[type[models.Model], ...] = (Project, Appearance, BudgetLine, DepartmentAlias)
# Rows that have the department of another row.
UNDER: dict[type[models.Model], tuple[str, type[models.Model]]] = {
    ProjectPart: ("project", Project),
    NamedPart: ("appearance", Appearance),
}
PARENTS = [parent for _, parent in UNDER.values()]


def departments_of(change: Change, known: Known) -> set[UUID]:
    model, row = reference(change)
    if model is Department:
        return {row}
    if model in WITH_DEPARTMENT:
        return sides(change, known, "department_id")
    if model in UNDER:
        name, parent = UNDER[model]
        above: set[Reference] = {(parent, one) for one in sides(change, known, f"{name}_id")}
        return {found for one in above if (found := known.value(one, "department_id"))}
    return set()


def sides(change: Change, known: Known, name: str) -> set[UUID]:
    """The rows that a field of a changed row refers to: before, after, and now."""
    told = {UUID(side[name]) for side in (change.before, change.after) if side and side.get(name)}
    now = known.value(reference(change), name)
    return told | ({now} if now else set())


def concerning(departments: Iterable[Department]) -> Q:
    """The published changes of which `departments_of` names one of the departments, as a condition; one query."""
    wanted = [department.pk for department in departments]
    found = Q(model=label_of(Department), row__in=wanted)
    for model in WITH_DEPARTMENT:
        found |= belonging_to(model, "department", wanted)
    told = Change.objects.published().filter(naming("department", wanted), model__in=map(label_of, PARENTS))
    stored = (model._default_manager.order_by().filter(department__in=wanted).values_list("pk") for model in PARENTS)
    parents = [row for (row,) in next(stored).union(*stored, told.order_by().values_list("row"), all=True)]
    for model, (name, _) in UNDER.items():
        found |= belonging_to(model, name, parents)
    return found


def naming(name: str, rows: list[UUID]) -> Q:
    """Changes in which a field refers to one of the rows, before or after."""
    texts = [str(row) for row in rows]
    return Q(**{f"before__{name}_id__in": texts}) | Q(**{f"after__{name}_id__in": texts})


def belonging_to(model: type[models.Model], name: str, rows: list[UUID]) -> Q:
    """Changes of the rows of a table in which a field refers to one of the rows: now, or when they were last known."""
    label = label_of(model)
    stored = model._default_manager.order_by().filter(**{f"{name}__in": rows}).values("pk")
    told = Change.objects.published().filter(naming(name, rows), model=label).order_by().values("row")
    return Q(model=label) & (Q(row__in=stored) | Q(row__in=told))
