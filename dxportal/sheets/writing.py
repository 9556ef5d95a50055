"""Bulk writer of a sheet's edits: projects, appearances, budget lines and reasons for changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max, Q

from budgets.models import BudgetLine, ChangeReason
from catalog.models import Countermeasure
from dxportal.bulk_insert import insert_instances
from dxportal.money_and_years import fiscal_year
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.edits import LineEdit, NewAppearance, ReasonEdit, SheetEdits
from projects.models import Appearance, Project, SakigakeProject

PARENT_FIELDS = ("countermeasure", "sakigake_project")  # an appearance has one of these


def write_edits(edits: SheetEdits, base: DiffBase) -> None:
    """Write a sheet's edits, within a transaction that the caller records; raise IntegrityError if rows collide."""
    Project.objects.bulk_create(edits.projects.values())
    add_appearances(edits.appearances, base.sheet.year)
    write_lines(edits.lines)
    write_reasons(edits.reasons)


def write_lines(edits: Iterable[LineEdit]) -> None:
    """Delete the edited lines and insert them anew, with the added ones.

    Lines may swap the values of a unique constraint, for which updates would need an order; and `bulk_update`, which
    sends a CASE expression with a condition per row, is far slower.
    """
    before = [edit.line for edit in edits if edit.key]
    after = [edit.line for edit in edits if not edit.is_cleared]
    BudgetLine.objects.filter(pk__in=[line.pk for line in before])._raw_delete("default")
    derive_primary_keys([edit.line for edit in edits if not edit.key])
    insert_instances(BudgetLine, after)


def write_reasons(edits: Collection[ReasonEdit]) -> None:
    """Delete the edited reasons and insert them anew, with the added ones, as lines are."""
    if not edits:
        return
    before = [edit.reason.pk for edit in edits if not edit.is_new]
    ChangeReason.objects.filter(pk__in=before)._raw_delete("default")
    derive_primary_keys([edit.reason for edit in edits if edit.is_new])
    ChangeReason.objects.bulk_create(edit.reason for edit in edits if not edit.is_cleared)


def derive_primary_keys(rows: Collection[Any]) -> None:
    """Derive the primary keys of new rows of one table from their natural keys, as for loaded rows.

    A sheet that is sent twice thus adds the same rows. If the derived key is in use, a row keeps its random one.
    """
    derived = {derive_primary_key(type(row), *row.natural_key()): row for row in rows}
    if not derived:
        return
    (model,) = {type(row) for row in rows}
    taken = set(model._default_manager.filter(pk__in=derived).values_list("pk", flat=True))
    for pk, row in derived.items():
        if pk not in taken:
            row.pk = pk


def add_appearances(listings: Iterable[NewAppearance], year: int) -> None:
    """Add appearances of the year after those under the same parent; skip those that exist."""
    listings = list(listings)
    if not listings:
        return
    of_year = Appearance.objects.current().for_year(year)
    projects, parents = {listing.project for listing in listings}, {listing.parent for listing in listings}
    existing: set[tuple[Any, ...]] = set(
        of_year.filter(project__in=projects).values_list("project__code", *PARENT_FIELDS)
    )
    begin_alike = Q(*(Q(code__startswith=f"{code_stem(parent)}-") for parent in parents), _connector=Q.OR)
    codes = set(of_year.filter(begin_alike).values_list("code", flat=True))
    last: dict[Any, int] = {}
    for name in PARENT_FIELDS:
        under_these = of_year.filter(**{f"{name}__in": [parent.pk for parent in parents]})
        last |= dict(under_these.order_by().values_list(name).annotate(Max("position")))
    added = []
    for listing in listings:
        project, parent = listing.project, listing.parent
        under = {PARENT_FIELDS[0] if isinstance(parent, Countermeasure) else PARENT_FIELDS[1]: parent}
        key = (project.code, *(under[name].pk if name in under else None for name in PARENT_FIELDS))
        if key not in existing:
            existing.add(key)
            last[parent.pk] = last.get(parent.pk, 0) + 1
            codes.add(code := find_free_code(parent, last[parent.pk], codes))
            added.append(
                Appearance(
                    **under,
                    plan=parent.plan,
                    code=code,
                    document=parent.document,
                    page=parent.page,
                    position=last[parent.pk],
                    fiscal_year=year,
                    project=project,
                    printed_name=project.name,
                    department=listing.department,
                    printed_department=listing.department.name,
                    editorial_note=f"{fiscal_year(year)}に加えたもので、公表資料にはまだない。",
                )
            )
    derive_primary_keys(added)
    Appearance.objects.bulk_create(added)


def find_free_code(parent: Countermeasure | SakigakeProject, position: int, taken: set[str]) -> str:
    """Return the first unused code under a parent from `position` on, in the plan's notation: `1-2-1-1-5`, `s3-7`."""
    while f"{code_stem(parent)}-{position}" in taken:
        position += 1
    return f"{code_stem(parent)}-{position}"


def code_stem(parent: Countermeasure | SakigakeProject) -> str:
    return parent.code if isinstance(parent, Countermeasure) else f"s{parent.number}"
