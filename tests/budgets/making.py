"""Rows made by hand beside those of a plan: a budget line, a reason, and what is printed once more elsewhere."""

from __future__ import annotations

from typing import Any

from budgets.models import BudgetLine, ChangeReason, Measure, Stage
from budgets.rows import BudgetRows
from catalog.models import Department
from projects.models import Appearance, NamedPart, Project, ProjectPart
from tests.derived_tables import refresh_rows


def all_rows(fiscal_year: int | None) -> BudgetRows:
    """The rows of every line of a year; None: of all years."""
    return BudgetRows.of(fiscal_year, Measure.ALL)


def department(code: str) -> Department:
    return Department.objects.get(code=code)


def line(project: str, amount: int, *, part: str = "", stage: str = "", **values: Any) -> BudgetLine:
    """An amount of a project of 2021 in the initial budget, for its department, unless the values say otherwise."""
    owner = Project.objects.get(code=project)
    facts: dict[str, Any] = {
        "part": ProjectPart.objects.get(project=owner, code=part) if part else None,
        "fiscal_year": 2021,
        "stage": Stage.objects.get(code=stage or "initial"),
        "amount_thousand_yen": amount,
        "department": owner.department,
    }
    made = BudgetLine.objects.create(project=owner, **(facts | values))
    refresh_rows()
    return made


def change_reason(project: str, text: str = "対象の学校を増やしたため。", **years: int) -> ChangeReason:
    """A reason for the change from 2020 to 2021, of which the shipped plan has none, or between other years."""
    owner = Project.objects.get(code=project)
    return ChangeReason.objects.create(project=owner, text=text, **({"fiscal_year": 2021, "base_year": 2020} | years))


def printed_again(appearance: Appearance, code: str, *parts: str, **values: Any) -> Appearance:
    """The same as an appearance, once more under another code, with the values changed and these parts named."""
    again = Appearance.objects.get(pk=appearance.pk)
    again.pk, again.code = Appearance._meta.pk.get_default(), code
    for name, value in values.items():
        setattr(again, name, value)
    again.save(force_insert=True)
    for position, part in enumerate(parts):
        own = ProjectPart.objects.get(project=again.project, code=part)
        NamedPart.objects.create(appearance=again, part=own, label=own.name, position=position)
    refresh_rows()
    return again
