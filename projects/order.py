"""The places of projects are derived from their names and departments, in the transaction that changes these."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import QuerySet

from catalog.models import Department
from projects.models import Project, ProjectPlace

COLUMNS = "project_id, place, department_id, place_in_department"
DERIVED = f"""
SELECT project.id, ROW_NUMBER() OVER (ORDER BY department.position, project.kana, project.name, project.code),
    department.id,
    ROW_NUMBER() OVER (PARTITION BY department.id ORDER BY project.kana, project.name, project.code)
FROM {Project._meta.db_table} AS project
INNER JOIN {Department._meta.db_table} AS department ON department.id = project.department_id
"""  # noqa: S608  # names of tables


def follow_changes(rows: Collection[tuple[type[models.Model], UUID]] | None) -> None:
    """Bring the places up to the tables of which these rows have changed; None: up to all of them."""
    if rows is None or any(model in (Project, Department) for model, _ in rows):
        renew()


def renew() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {ProjectPlace._meta.db_table}")  # noqa: S608  # a table's name
        cursor.execute(f"INSERT INTO {ProjectPlace._meta.db_table} ({COLUMNS}) {DERIVED}")


def count(projects: QuerySet[Project]) -> int:
    """How many projects these are; of all of them the last place says it, which takes no longer for very many."""
    if projects.query.where:
        return projects.count()
    last = ProjectPlace.objects.order_by("-place").values_list("place", flat=True)[:1]
    return next(iter(last), 0)


def is_derived() -> bool:
    """Whether the places are those that the projects give, no more and no less."""
    return is_stored(DERIVED, (), ProjectPlace, COLUMNS)


def is_stored(derived: str, parameters: tuple[Any, ...], model: type[models.Model], columns: str) -> bool:
    """Whether a derived table holds exactly the rows that a SELECT gives."""
    stored = f"SELECT {columns} FROM {model._meta.db_table}"  # noqa: S608  # names of columns
    missing = f"SELECT COUNT(*) FROM (SELECT * FROM ({derived}) AS derived EXCEPT {stored}) AS missing"  # noqa: S608  # ours
    counted = f"SELECT COUNT(*) FROM ({derived}) AS derived"  # noqa: S608  # our own statement
    with connection.cursor() as cursor:
        cursor.execute(missing, parameters)
        (differing,) = cursor.fetchone()
        cursor.execute(counted, parameters)
        (rows,) = cursor.fetchone()
    return not differing and rows == model._default_manager.count()
