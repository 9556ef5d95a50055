"""Edits of the catalogue of every kind, for tests that record, publish and undo them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models
from django.db.models import F, Q
from hypothesis import strategies as st

from budgets.models import BudgetLine, Stage
from catalog.models import Area, Countermeasure, Department, DepartmentAlias, Domain, Goal, Plan
from dxportal.changesets.row_values import ColumnValues, read_rows
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, Project, ProjectPart

Snapshot = dict[type[models.Model], dict[UUID, ColumnValues]]
Edit = Callable[[], object]


def snapshot() -> Snapshot:
    """Every row of the catalogue."""
    return {model: read_rows(model) for model in CATALOGUE}


def identity(*of: object) -> UUID:
    """The same row whenever the same edit is made, so that doing it twice can be compared."""
    return uuid5(NAMESPACE_URL, " ".join(map(str, of)))


def pick(queryset: Any, number: int) -> Any:
    rows = list(queryset.order_by("pk"))
    if not rows:
        raise ObjectDoesNotExist
    return rows[number % len(rows)]


def set_amount(number: int, amount: int) -> object:
    return BudgetLine.objects.filter(pk=pick(BudgetLine.objects, number).pk).update(amount_thousand_yen=amount)


def add_to_amounts(number: int, amount: int) -> object:
    return BudgetLine.objects.filter(fiscal_year=2023 + number % 2).update(
        amount_thousand_yen=F("amount_thousand_yen") + amount
    )


def rename_project(number: int, amount: int) -> object:
    project = pick(Project.objects, number)
    project.name = f"改めた名 {amount}"
    project.save()
    return project


def recode_project(number: int, amount: int) -> object:
    row = pick(Project.objects, number).pk  # in its code too, for no two rows may get the same
    return Project.objects.filter(pk=row).update(code=f"renamed-{amount}-{row.hex[:8]}")


def swap_names(number: int, amount: int) -> object:
    first, second = pick(Department.objects, number), pick(Department.objects, number + 1)
    names = first.name, second.name
    Department.objects.filter(pk=first.pk).update(name=f"仮 {amount}")
    Department.objects.filter(pk=second.pk).update(name=names[0])
    for department, before, after in ((first, *names), (second, *reversed(names))):  # print has to name them, too
        Appearance.objects.filter(department=department, printed_department=before).update(printed_department=after)
    return Department.objects.filter(pk=first.pk).update(name=names[1])


def respell_project(number: int, amount: int) -> object:
    kana = "あかさたな"[amount % 5] * (amount % 2)
    return Project.objects.filter(pk=pick(Project.objects, number).pk).update(kana=kana)


def hand_project_over(number: int, amount: int) -> object:
    department = pick(Department.objects, amount)
    return Project.objects.filter(pk=pick(Project.objects, number).pk).update(department=department)


def move(number: int, amount: int) -> object:
    """Put something that arranges rows, or says which appearance is printed first, somewhere else."""
    model = (Department, Stage, ProjectPart, Goal, Countermeasure, Domain, Area, Appearance)[number % 8]
    return model._default_manager.filter(pk=pick(model._default_manager, number).pk).update(position=amount % 9)


def reprint(number: int, amount: int) -> object:
    page = pick(Appearance.objects, amount).page
    return Appearance.objects.filter(pk=pick(Appearance.objects, number).pk).update(page=page)


def change_text_by_sql(number: int, amount: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "catalog_goal" SET "text" = %s WHERE code = %s',
            [f"文 {amount}", pick(Goal.objects, number).code],
        )
    return None


def add_line(number: int, amount: int) -> object:
    project = pick(Project.objects, number)
    year = 2030 + amount % 900
    BudgetLine.objects.filter(project=project, fiscal_year=year).delete()
    return BudgetLine.objects.create(
        pk=identity("line", project.pk, year),
        project=project,
        fiscal_year=year,
        stage=pick(Stage.objects, number),
        amount_thousand_yen=amount,
        department=pick(Department.objects, number),
    )


def add_project_with_parts(number: int, amount: int) -> object:
    code = f"new-{number}-{amount}"
    project = Project(pk=identity(code), code=code, name="新しい事業", department=pick(Department.objects, number))
    if Project.objects.filter(Q(code=code) | Q(pk=project.pk)).exists():
        return None
    Project.objects.bulk_create([project])
    return ProjectPart.objects.bulk_create(
        ProjectPart(pk=identity(code, n), project=project, code=f"t{n}", name=f"内訳{n}", position=n)
        for n in range(number % 3)
    )


def delete_line(number: int, amount: int) -> object:
    return BudgetLine.objects.filter(pk__in=[line.pk for line in [pick(BudgetLine.objects, number)]]).delete()


def change_date(number: int, amount: int) -> object:
    return Plan.objects.update(updated_on=f"20{20 + number % 70}-04-01")


def add_alias(number: int, amount: int) -> object:
    label = f"別名 {number}"
    if DepartmentAlias.objects.filter(label=label).exists():
        return DepartmentAlias.objects.filter(label=label).delete()
    return DepartmentAlias.objects.create(
        pk=identity(label), label=label, department=pick(Department.objects, amount), position=number
    )


KINDS = (
    set_amount,
    add_to_amounts,
    rename_project,
    recode_project,
    swap_names,
    respell_project,
    hand_project_over,
    move,
    reprint,
    change_text_by_sql,
    add_line,
    add_project_with_parts,
    delete_line,
    change_date,
    add_alias,
)

edits = st.lists(
    st.builds(
        lambda kind, number, amount: lambda: kind(number, amount),
        st.sampled_from(KINDS),
        st.integers(0, 50),
        st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=6,
)
