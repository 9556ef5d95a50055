from __future__ import annotations

import pytest

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Goal
from dxportal.planfolder import checking
from projects.models import NamedPart, Project, ProjectPart

pytestmark = pytest.mark.django_db


def line(**values: object) -> None:
    facts = {
        "project": Project.objects.get(code="yamaguchi-dx"),
        "fiscal_year": 2021,
        "stage": Stage.objects.get(code="initial-with-february"),
        "amount_thousand_yen": 1,
        "department": Department.objects.get(code="somu"),
    }
    BudgetLine.objects.create(**(facts | values))


def test_the_shipped_plan_is_consistent() -> None:
    assert list(checking.inconsistencies()) == []


def test_a_part_of_another_project() -> None:
    part = ProjectPart.objects.get(code="career-up")
    line(part=part, fiscal_year=2022)
    NamedPart.objects.filter(part__code="yamaguchi-library").update(part=part)
    found = list(checking.inconsistencies())
    assert len(found) == 3
    assert "別の事業のものです" in found[0]


def test_a_combined_stage_beside_a_separate_one() -> None:
    line(stage=Stage.objects.create(code="june", name="６月補正", position=2))
    assert list(checking.inconsistencies()) == [
        "「やまぐちＤＸ推進事業」2021年度に、まとめた区分と個別の区分があります。"
    ]


def test_a_whole_beside_its_part() -> None:
    line(part=ProjectPart.objects.get(code="hub"))
    assert list(checking.inconsistencies()) == [
        "「やまぐちＤＸ推進事業」2021年度に、全体と内訳の両方の予算額があります。"
    ]


def test_a_page_outside_its_document() -> None:
    Goal.objects.filter(code="1-1-1").update(page=16)
    assert list(checking.inconsistencies()) == [
        "目標「1-1-1 スマートファクトリー」のページが、資料の範囲にありません。"
    ]


def test_totals_by_area_count_a_line_once_in_each_area() -> None:
    totals = {name: total.expenditure_thousand_yen for name, total in checking.totals_by_area(2021)}
    assert totals["Ⅳ 共通"] == 544_600 + 48_550 + 6_000 + 271_546 + 19_900
