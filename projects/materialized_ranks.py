"""Materialised ranks and counts of projects, refreshed in the transaction that changes names or departments.

Ranks have gaps, so that a new or renamed project gets a rank between its neighbours, which keep theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from catalog.models import Department
from catalog.row_changes import RowChange, changed_rows, column_values, updated_rows
from projects.models import Project, ProjectCount, ProjectRank

GAP = 1 << 40  # between two ranks after a rebuild; eight million ranks fit into a column
STEP = 1 << 28  # from a rank to one inserted after it; most projects are appended one by one after the last
REBUILD_FROM = 10_000  # changed projects above which all ranks are rebuilt; SQLite takes 32,766 parameters
RANK_ORDERS = {"by_name": ("kana", "name", "code"), "by_code": ("kana", "code")}

PROJECTS, RANKS = Project._meta.db_table, ProjectRank._meta.db_table
RANK_COLUMNS = "project_id, department_position, by_name, by_code"
DERIVED_QUERY = f"""
SELECT project.id, department.position, {{gap}} * ROW_NUMBER() OVER (ORDER BY {", ".join(RANK_ORDERS["by_name"])}),
    {{gap}} * ROW_NUMBER() OVER (ORDER BY {", ".join(RANK_ORDERS["by_code"])})
FROM (SELECT id, kana, name, code, department_id FROM {PROJECTS}) AS project
INNER JOIN (SELECT id, position FROM {Department._meta.db_table}) AS department ON department.id = project.department_id
"""  # noqa: S608  # names of tables and columns
# The stored ranks in the form of DERIVED_QUERY with a gap of 1, whatever their gaps are.
STORED_COLUMNS = (
    "project_id, department_position, ROW_NUMBER() OVER (ORDER BY by_name), ROW_NUMBER() OVER (ORDER BY by_code)"
)
COUNTS_QUERY = (
    "department_id, projects",
    f"SELECT department_id, COUNT(*) FROM {PROJECTS} GROUP BY department_id",  # noqa: S608  # a table's name
)
# For some projects, in order: the preceding project, its rank, and the next higher rank.
NEIGHBOURS_QUERY = """
SELECT id, before, low, (SELECT MIN({column}) FROM {ranks} WHERE {column} > COALESCE(low, 0)) AS high
FROM (
    SELECT id, before, nth, (SELECT {column} FROM {ranks} WHERE project_id = before) AS low
    FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY {order}) AS nth, (
            SELECT id FROM {projects} AS other WHERE ({order}) < ({own})
            ORDER BY {backwards} LIMIT 1
        ) AS before
        FROM {projects} AS project WHERE id IN ({some})
    ) AS found
) AS ranked ORDER BY nth
"""


def refresh_ranks(changes: Collection[RowChange] | None) -> Collection[UUID] | None:
    """Refresh ranks and counts after these changes, or rebuild all if None.

    Return the projects whose rank by code may have changed, or None for all.
    """
    if changes is None:
        rebuild_ranks()
        return None
    refresh_counts(changes)
    refresh_positions(changes)
    renamed = changed_rows(changes, Project, *RANK_ORDERS["by_name"])
    if len(renamed) <= REBUILD_FROM and insert_between(renamed):
        return renamed
    rebuild_ranks()
    return None


def rebuild_ranks() -> None:
    """Rebuild all ranks and counts."""
    with connection.cursor() as cursor:
        for model, columns, derived in (
            (ProjectRank, RANK_COLUMNS, DERIVED_QUERY.format(gap=GAP)),
            (ProjectCount, *COUNTS_QUERY),
        ):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608  # a table's name
            cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) {derived}")


def refresh_counts(changes: Collection[RowChange]) -> None:
    """Recount the projects of the departments that gain or lose some."""
    departments = column_values(changes, Project, "department_id") | {*changed_rows(changes, Department)}
    if departments:
        ProjectCount.objects.filter(department__in=departments).delete()
        counted = Project.objects.filter(department__in=departments).order_by().values_list("department")
        counts = counted.annotate(Count("pk"))
        ProjectCount.objects.bulk_create(ProjectCount(department_id=pk, projects=count) for pk, count in counts)


def refresh_positions(changes: Collection[RowChange]) -> None:
    """Update the department positions stored with the ranks."""
    moved, departments = updated_rows(changes, Project, "department_id"), updated_rows(changes, Department, "position")
    if moved or departments:
        position = Project.objects.filter(pk=OuterRef("project")).values("department__position")
        ranks = ProjectRank.objects.filter(Q(project__in=moved) | Q(project__department__in=departments))
        ranks.update(department_position=Subquery(position))


def insert_between(projects: Collection[UUID]) -> bool:
    """Insert new or renamed projects between the ranks of others; return False if a gap is too small."""
    if not projects:
        return True
    ProjectRank.objects.filter(project__in=projects).delete()
    by_name, by_code = (find_free_ranks(projects, column) for column in RANK_ORDERS)
    if by_name is None or by_code is None:
        return False
    positions = Project.objects.filter(pk__in=projects).values_list("pk", "department__position")
    ProjectRank.objects.bulk_create(
        ProjectRank(project_id=pk, department_position=position, by_name=by_name[pk], by_code=by_code[pk])
        for pk, position in positions
    )
    return True


def find_free_ranks(projects: Collection[UUID], column: str) -> dict[UUID, int] | None:
    """Find ranks for projects without one; None if they do not fit between the existing ranks."""
    given: dict[UUID, int] = {}
    runs: list[tuple[list[UUID], int, int | None]] = []
    for project, before, low, high in neighbours_of(projects, column):
        if before not in given:
            runs.append(([], low or 0, high))
        runs[-1][0].append(project)
        given[project] = 0
    for some, low, high in runs:
        step = STEP if high is None else min(STEP, (high - low) // (len(some) + 1))
        if not step:
            return None
        given |= {project: low + step * nth for nth, project in enumerate(some, 1)}
    return given


def neighbours_of(
    projects: Collection[UUID], column: str
) -> Iterator[tuple[UUID, UUID | None, int | None, int | None]]:
    """Yield project, preceding project, its rank and the next higher rank; one query."""
    order = RANK_ORDERS[column]
    statement = NEIGHBOURS_QUERY.format(
        column=column,
        ranks=RANKS,
        projects=PROJECTS,
        order=", ".join(order),
        own=", ".join(f"project.{name}" for name in order),
        backwards=", ".join(f"{name} DESC" for name in order),
        some=", ".join(["%s"] * len(projects)),
    )
    identity: Any = Project._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(statement, [identity.get_db_prep_value(pk, connection) for pk in projects])
        found = cursor.fetchall()
    for project, before, low, high in found:
        yield identity.to_python(project), identity.to_python(before), low, high


def count_projects(projects: QuerySet[Project]) -> int:
    """Count projects; the number of all is read from the materialised counts, in constant time."""
    if projects.query.where:
        return projects.count()
    return ProjectCount.objects.aggregate(all=Sum("projects"))["all"] or 0


def has_fresh_ranks() -> bool:
    """Tell whether the stored ranks and counts equal the derived ones."""
    return holds_exactly(DERIVED_QUERY.format(gap=1), (), ProjectRank, STORED_COLUMNS) and holds_exactly(
        COUNTS_QUERY[1], (), ProjectCount, COUNTS_QUERY[0]
    )


def holds_exactly(derived: str, parameters: tuple[Any, ...], model: type[models.Model], columns: str) -> bool:
    """Tell whether a materialised table holds exactly the rows of the SELECT that derives it."""
    names = ", ".join(f"column_{nth}" for nth, _ in enumerate(columns.split(", ")))
    differing = f"""
WITH sides ({names}, side) AS (
    SELECT derived.*, 1 FROM ({derived}) AS derived UNION ALL SELECT {columns}, -1 FROM {model._meta.db_table}
)
SELECT EXISTS (SELECT 1 FROM sides GROUP BY {names} HAVING SUM(side) <> 0)
"""  # noqa: S608  # names of columns, and our own statement
    with connection.cursor() as cursor:
        cursor.execute(differing, parameters)
        (is_any,) = cursor.fetchone()
    return not is_any
