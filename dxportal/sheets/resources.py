"""Writing edits with django-import-export: in bulk, rows found by natural key among those that are preloaded.

Cells have been understood before; a row that cannot be written is an error of the file as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Max
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import CharWidget, Widget
from tablib import Dataset

from budgets.models import BudgetLine
from catalog.models import Countermeasure
from dxportal.money_and_years import fiscal_year
from dxportal.planfiles.identity import identity
from dxportal.sheets.base import Base
from dxportal.sheets.edits import Edit, NewProject
from dxportal.sheets.parse_cells import CLEARED
from projects.models import Appearance, Project, SakigakeProject

BATCH = 1000
PARENTS = ("countermeasure", "sakigake_project")  # of an appearance: one of them


COLUMNS = (
    "key",
    "project",
    "part",
    "stage",
    "kind",
    "fiscal_year",
    "amount_thousand_yen",
    "department",
    "editorial_note",
)


class Row(Widget):
    """A reference that has been found already: the row itself stands in the cell."""

    def clean(self, value: Any, row: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        return value


class ByNaturalKey(BaseInstanceLoader):
    """Finds lines among those of the year, without a query."""

    def get_instance(self, row: Mapping[str, Any]) -> BudgetLine | None:
        found: BudgetLine | None = self.resource.base.lines.get(row["key"])
        return found


class LineResource(ModelResource):
    """Budget lines: a row with a key changes that line, one without adds a line, one that is cleared deletes it."""

    key = Field(column_name="key", readonly=True)
    project = Field("project", "project", widget=Row())
    part = Field("part", "part", widget=Row())
    stage = Field("stage", "stage", widget=Row())
    kind = Field("kind", "kind", widget=CharWidget())
    fiscal_year = Field("fiscal_year", "fiscal_year", widget=Row())
    amount_thousand_yen = Field("amount_thousand_yen", "amount_thousand_yen", widget=Row())
    department = Field("department", "department", widget=Row())
    editorial_note = Field("editorial_note", "editorial_note", widget=CharWidget(allow_blank=True))

    class Meta:
        model = BudgetLine
        fields = COLUMNS
        import_id_fields = ("key",)
        instance_loader_class = ByNaturalKey
        use_bulk = True
        batch_size = None  # one batch
        skip_diff = True

    def __init__(self, base: Base) -> None:
        super().__init__()
        self.base = base

    def for_delete(self, row: Mapping[str, Any], instance: BudgetLine) -> bool:
        return row["amount_thousand_yen"] is CLEARED

    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        """Nothing yet: all is written at once, below."""

    bulk_update = bulk_create

    def bulk_delete(self, *args: Any, **kwargs: Any) -> None:
        """Take the lines out and put them back whole: rows may change places, and no order has to be found.

        Of an update of many rows the library makes one statement with a condition for each, which takes far longer.
        """
        gone = [line.pk for line in (*self.update_instances, *self.delete_instances)]
        BudgetLine.objects.filter(pk__in=gone)._raw_delete("default")
        give_identities(self.create_instances)
        BudgetLine.objects.bulk_create([*self.update_instances, *self.create_instances], batch_size=BATCH)


def write(edits: Iterable[Edit], base: Base) -> None:
    """Do what the edits say, inside a transaction that the caller records; IntegrityError where rows collide."""
    edits = list(edits)
    projects = add_projects(edits)
    add_appearances(edits, projects, base)
    rows = []
    for edit in edits:
        if edit.is_of_line:
            line = base.lines.get(edit.key)
            amount = line.amount_thousand_yen if line and edit.amount is None else edit.amount
            project = projects.get(edit.project.code, edit.project)
            values = (edit.key, project, edit.part, edit.stage, edit.kind, base.sheet.year, amount)
            rows.append((*values, edit.department, edit.note))
    if rows:
        LineResource(base).import_data(Dataset(*rows, headers=COLUMNS), raise_errors=True, use_transactions=False)


def give_identities(rows: Collection[Any]) -> None:
    """Derive the primary keys of new rows of one table from their natural keys, as those of loaded rows are.

    So a sheet that is sent twice adds the same rows. A row whose key is another's by now keeps its random one.
    """
    derived = {identity(type(row), *row.natural_key()): row for row in rows}
    if not derived:
        return
    (model,) = {type(row) for row in rows}
    taken = set(model._default_manager.filter(pk__in=derived).values_list("pk", flat=True))
    for pk, row in derived.items():
        if pk not in taken:
            row.pk = pk


def add_projects(edits: Iterable[Edit]) -> dict[str, Project]:
    """The projects that are new, by code."""
    new = {edit.project.code: edit.project for edit in edits if isinstance(edit.project, NewProject)}
    projects = {
        code: Project(code=code, name=one.name, kana=one.kana, nature=one.nature, department=one.department)
        for code, one in new.items()
    }
    give_identities(projects.values())
    Project.objects.bulk_create(projects.values())
    return projects


def add_appearances(edits: Iterable[Edit], projects: Mapping[str, Project], base: Base) -> None:
    """Appearances of the year, at the end of those under the same parent; where they are there already, nothing."""
    wanted = [(edit, parent) for edit in edits for parent in edit.listed_under]
    if not wanted:
        return
    of_year = Appearance.objects.current().for_year(base.sheet.year)
    known: set[tuple[Any, ...]] = set(of_year.values_list("project__code", *PARENTS))
    codes = set(of_year.values_list("code", flat=True))
    last: dict[Any, int] = {}
    for name in PARENTS:
        last |= dict(of_year.order_by().values_list(name).annotate(Max("position")))
    added = []
    for edit, parent in wanted:
        under = {PARENTS[0] if isinstance(parent, Countermeasure) else PARENTS[1]: parent}
        place = (edit.project.code, *(under[name].pk if name in under else None for name in PARENTS))
        if place not in known:
            known.add(place)
            last[parent.pk] = last.get(parent.pk, 0) + 1
            codes.add(code := free_code(parent, last[parent.pk], codes))
            project: Any = projects.get(edit.project.code, edit.project)
            department = edit.department or project.department
            added.append(
                Appearance(
                    **under,
                    plan=parent.plan,
                    code=code,
                    document=parent.document,
                    page=parent.page,
                    position=last[parent.pk],
                    fiscal_year=base.sheet.year,
                    project=project,
                    printed_name=project.name,
                    department=department,
                    printed_department=department.name,
                    editorial_note=f"{fiscal_year(base.sheet.year)}に加えたもので、印刷された資料にはまだない。",
                )
            )
    give_identities(added)
    Appearance.objects.bulk_create(added)


def free_code(parent: Countermeasure | SakigakeProject, position: int, taken: set[str]) -> str:
    """The next code under a parent, as the plan's own are made: `1-2-1-1-5`, `s3-7`."""
    stem = parent.code if isinstance(parent, Countermeasure) else f"s{parent.number}"
    while f"{stem}-{position}" in taken:
        position += 1
    return f"{stem}-{position}"
