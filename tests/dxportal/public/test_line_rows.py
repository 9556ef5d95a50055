"""Budget lines as rows: what tells them apart, the amount and where it is printed, nothing taken for markup."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.public.line_rows import BudgetLineEntry, LabelRelation, budget_line_fields
from projects.models import Project

pytestmark = pytest.mark.django_db


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)] for row in rows]


def rows(told_by: LabelRelation, **wanted: object) -> str:
    """The body of the table."""
    lines = BudgetLine.objects.filter(**wanted).in_order().values_list(*budget_line_fields(told_by))
    values = {"lines": map(BudgetLineEntry._make, lines), "show": told_by, "name": "表"}
    return render_to_string("_components/budget_lines.html", values).partition("<tbody>")[2]


def test_a_line_stands_beside_its_project_or_its_department() -> None:
    line = BudgetLine.objects.with_names().get(project__code="workation")
    rest = ["", line.stage.name, "予算額", f"{line.amount_thousand_yen:,}千円"]
    by_project, by_department = (rows(told_by, project__code="workation") for told_by in ("project", "department"))
    ((year, name, *others, source),) = cells(by_project)
    assert (year, name, others) == ("令和３年度（2021年度）", "ワーケーション推進事業", rest)
    assert source == f"{line.document.label if line.document else ''} {line.page}ページ"
    ((_, name, *_),) = cells(by_department)
    assert name == line.department.name
    assert f'<a href="{line.project.get_absolute_url()}">' in by_project
    assert f'<a href="{line.department.get_absolute_url()}">' in by_department


def test_names_are_escaped_and_notes_stand_beside_the_source() -> None:
    Project.objects.filter(code="workation").update(name="<b>事業&")
    Department.objects.filter(budget_lines__project__code="workation").update(name="<i>部局")
    BudgetLine.objects.filter(project__code="workation").update(document=None, page=None, editorial_note="注<1>")
    said = rows("project", project__code="workation") + rows("department", project__code="workation")
    assert ">&lt;b&gt;事業&amp;</a>" in said
    assert ">&lt;i&gt;部局</a>" in said
    assert "<b>" not in said
    assert "資料に記載はありません" in said
    assert "注&lt;1&gt;" in said


def test_a_part_a_lending_limit_and_no_line_at_all() -> None:
    ((*_, kind, amount, _),) = cells(rows("project", kind="lending_limit"))
    assert (kind, amount) == ("融資枠", "500,000千円")
    of_part = BudgetLine.objects.filter(part__isnull=False).with_names().in_order()
    parts = [row[2] for row in cells(rows("project", part__isnull=False))]
    assert parts == [line.part.name for line in of_part if line.part]
    assert parts
    assert cells(rows("project", fiscal_year=1999)) == []
