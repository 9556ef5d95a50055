from __future__ import annotations

import pytest

from budgets.models import BudgetLine, Measure, Stage
from catalog.models import (
    Countermeasure,
    Department,
    Goal,
    Passage,
    Pillar,
    PillarItem,
    Plan,
    PromotionLink,
    SourceDocument,
)
from dxportal.planfiles import checking
from projects.models import Appearance, NamedPart, Project, ProjectPart

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
    assert list(checking.find_inconsistencies()) == []


def found() -> str:
    return "\n".join(checking.find_inconsistencies())


def test_a_part_of_another_project() -> None:
    part = ProjectPart.objects.get(code="career-up")
    line(part=part, fiscal_year=2022)
    NamedPart.objects.filter(part__code="yamaguchi-library").update(part=part)
    assert found().count("別の事業のものです") == 3


def test_a_combined_stage_beside_a_separate_one() -> None:
    line(stage=Stage.objects.get(code="initial"))
    assert "2021年度「当初」の額が、" in found()


def test_a_whole_beside_its_part() -> None:
    line(part=ProjectPart.objects.get(code="hub"))
    assert "2020年度「２月補正」の額が、" in found()


@pytest.mark.parametrize("values", [{"page": 16}, {"page_to": 999}])
def test_a_page_outside_its_document(values: dict[str, int]) -> None:
    Goal.objects.filter(code="1-1-1").update(**values)
    assert "この資料の範囲（4〜15）にありません" in found()


def test_a_text_that_may_not_be_empty() -> None:
    Plan.objects.update(sakigake_label="")
    assert "sakigake_label  空にできません。" in found()


def test_a_budget_line_cited_on_a_page_outside_its_document() -> None:
    BudgetLine.objects.filter(project__code="workation").update(page=999)
    assert "この資料の範囲（17〜22）にありません" in found()


def test_a_child_in_another_document_than_its_parent() -> None:
    Goal.objects.filter(code="1-1-1").update(document=SourceDocument.objects.get(number=4), page=17)
    Countermeasure.objects.filter(goal__code="1-1-1").update(page=4)
    assert found() == ""


def test_a_label_that_means_another_department() -> None:
    Appearance.objects.filter(code="s1-1").update(department=Department.objects.get(code="somu"))
    assert "部局名「健康福祉部」は、その所管部局の名でも別名でもありません。" in found()


def test_rows_that_no_dump_would_hold() -> None:
    one, other = Passage.objects.filter(parent=None)[:2]
    Passage.objects.filter(pk=one.pk).update(parent=other)
    Passage.objects.filter(pk=other.pk).update(parent=one)
    assert "行しか書き出せません" in found()


def test_an_item_of_another_pillar_than_its_parent() -> None:
    PillarItem.objects.filter(code="3-3-1").update(pillar=Pillar.objects.get(code="1"))
    assert "の柱が、その上の項目の柱と違います。" in found()


def test_a_link_may_join_bodies_of_another_document() -> None:
    PromotionLink.objects.update(document=SourceDocument.objects.get(number=4), page=17)
    assert found() == ""


def test_line_ends_that_no_folder_holds() -> None:
    Goal.objects.filter(code="1-1-1").update(text="一行目\r\n二行目")
    assert "「復帰」（U+000D）が入っています" in found()


def test_totals_by_area_count_a_line_once_in_each_area() -> None:
    totals = {name: total.expenditure_thousand_yen for name, total in checking.sum_by_area(2021, Measure.INITIAL)}
    assert totals["Ⅳ 共通"] == 544_600 + 48_550 + 6_000 + 271_546 + 19_900


def test_a_project_whose_named_parts_state_nothing_is_told_among_those_that_state_none() -> None:
    totals = dict(checking.sum_by_area(2021, Measure.INITIAL))
    assert totals["Ⅲ 生活維新"].counted_rows + totals["Ⅲ 生活維新"].not_stated_rows == 45
