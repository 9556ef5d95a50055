"""Results as a citizen sees them: their order, the reason for it, and what is shown beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.http import QueryDict

from budgets.models import BudgetLine, Stage
from catalog.models import Goal
from dxportal.search.models import DocumentKind
from dxportal.search.results import RESULTS_PER_PAGE, Search
from projects.models import AmountKind, Project
from tests.dxportal.changesets.change_sets import publish_edits

pytestmark = pytest.mark.django_db
EXPECTED: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("queries.yaml").read_text(encoding="utf-8"))


def search(query: str, **parameters: Any) -> Search:
    data = QueryDict(mutable=True)
    data["q"] = query
    for name, value in parameters.items():
        data.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    return Search(data)


def titles(query: str, **parameters: Any) -> list[str]:
    return [f"{result.document.kind} {result.document.title}" for result in search(query, **parameters).results]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda one: one["query"])
def test_what_a_citizen_means_comes_first(expected: dict[str, Any]) -> None:
    found = search(expected["query"])
    if "count" in expected:
        assert found.count == expected["count"]
        return
    assert found.count > 0
    for result, wanted in zip(found.results, expected["first"], strict=False):
        kind, _, title = wanted.partition(" ")
        assert result.document.kind == kind
        assert result.document.title.startswith(title)
        assert bool(result.matched_synonyms) == expected.get("through", False)


def test_there_are_forty_of_them() -> None:
    assert len({one["query"] for one in EXPECTED}) >= 40


def test_direct_results_stand_before_those_through_other_words() -> None:
    found = search("デジタル改革")
    assert found.other_words == ["ＤＸ", "デジタルトランスフォーメーション", "デジタル変革", "ディーエックス"]
    pages = range(1, found.pages + 1)
    through = [result.matched_synonyms for page in pages for result in search("デジタル改革", page=page).results]
    assert len(through) == found.count
    direct = through.index(next(filter(None, through)))
    assert direct > 0
    assert all(through[direct:])
    assert search("デジタル改革", synonyms=0).count == direct


def test_a_name_stands_before_a_text_and_a_project_before_its_appearances() -> None:
    found = titles("ワーケーション")
    assert [one.split()[0] for one in found[:3]] == ["project", "component", "listing"]
    assert found.index("goal テレワーク・ワーケーション") > 2


def test_words_may_stand_in_what_a_document_stands_under_but_one_in_itself() -> None:
    assert titles("遠隔医療 実証")[0].startswith("countermeasure ５Ｇ環境を構築し")
    only_goal = Goal.objects.get(code="3-9-1")
    assert [result.document.row for result in search("遠隔医療").results] == [only_goal.pk]


def test_pages_hold_twenty_and_all_of_them_everything_once() -> None:
    found = search("事業")
    assert found.pages > 3
    rows = [result.document.row for page in range(1, found.pages + 1) for result in search("事業", page=page).results]
    assert len(rows) == len(set(rows)) == found.count
    assert len(search("事業", page=2).results) == RESULTS_PER_PAGE


def test_facets_count_what_each_value_would_show() -> None:
    found = search("ＩＣＴ")
    assert {facet.name for facet in found.facets if facet.values} == {"kind", "area", "department", "year"}
    for facet in found.facets:
        for value in facet.values:
            assert search("ＩＣＴ", **{facet.name: value.code}).count == value.count, value


def test_facets_are_counted_with_the_others_applied() -> None:
    found = search("ＩＣＴ", department="kyoiku", kind="project")
    assert found.count == search("ＩＣＴ", department=["kyoiku"], kind=["project"]).count > 0
    by_name = {facet.name: {value.code: value.count for value in facet.values} for facet in found.facets}
    assert by_name["kind"]["project"] == found.count
    assert by_name["kind"]["listing"] == search("ＩＣＴ", department="kyoiku", kind="listing").count > 0
    assert by_name["department"]["kyoiku"] == found.count
    assert sum(by_name["department"].values()) == search("ＩＣＴ", kind="project").count
    both = search("ＩＣＴ", kind=["project", "listing"]).count
    assert both == search("ＩＣＴ", kind="project").count + search("ＩＣＴ", kind="listing").count


def test_values_that_there_are_not_are_told_and_dropped() -> None:
    found = search("ＩＣＴ", area="9", department="nowhere", year="1e9", kind="?", page="-1", synonyms="x")
    assert found.count == search("ＩＣＴ").count
    assert found.problems == [
        "「?」という種類はありません。",
        "「9」という分野はありません。",
        "「nowhere」という部局はありません。",
        "「1e9」という年度はありません。",
        "「-1」というページはありません。1ページを表示しています。",
    ]


def test_amounts_are_those_of_the_tables() -> None:
    project = search("ワーケーション推進事業", kind=DocumentKind.PROJECT).results[0]
    money = [(amount.label, amount.thousand_yen) for amount in project.amounts]
    assert money == [("当初予算額（令和３年度（2021年度））", 85_000)]
    publish_edits(lambda: BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=0))
    assert search("ワーケーション推進事業", kind=DocumentKind.PROJECT).results[0].amounts[0].thousand_yen == 0
    component = search("ワーケーション推進事業", kind=DocumentKind.COMPONENT).results[0]
    assert [(amount.label, amount.thousand_yen) for amount in component.amounts] == [
        ("資料に記載の予算額（令和３年度（2021年度））", 85_000)
    ]
    silent = Project.objects.filter(budget_lines=None).first()
    assert [a.thousand_yen for a in search(silent.name, kind=DocumentKind.PROJECT).results[0].amounts] == [None]
    assert search("ワーケーション推進事業", kind=DocumentKind.LISTING).results[0].amounts == []


def test_amounts_of_a_project_are_those_of_its_latest_year() -> None:
    line = BudgetLine.objects.get(project__code="workation")
    stages = [
        Stage.objects.create(code=f"s{place}", name=f"第{place}号", role="supplementary", position=90 + place)
        for place in (1, 2)
    ]

    def add(year: int, kind: AmountKind, *amounts: int) -> None:
        for stage, amount in zip(stages, amounts, strict=False):
            new = {"fiscal_year": year, "kind": kind, "stage": stage, "amount_thousand_yen": amount}
            BudgetLine.objects.create(project=line.project, department=line.department, **new)

    def money() -> list[tuple[str, int | None]]:
        [project] = search("ワーケーション推進事業", kind=DocumentKind.PROJECT).results
        return [(amount.label, amount.thousand_yen) for amount in project.amounts]

    publish_edits(lambda: add(2019, AmountKind.EXPENDITURE, 7))
    assert money() == [("当初予算額（令和３年度（2021年度））", 85_000)]
    carried_in = Stage.objects.get(code="carried-in")
    new = {"fiscal_year": 2022, "stage": carried_in, "amount_thousand_yen": 8}
    publish_edits(lambda: BudgetLine.objects.create(project=line.project, department=line.department, **new))
    assert money() == [("当初予算額（令和３年度（2021年度））", 85_000)]
    publish_edits(lambda: add(2022, AmountKind.LENDING_LIMIT, 3))
    assert money() == [("融資枠（令和４年度（2022年度））", 3)]
    publish_edits(lambda: add(2022, AmountKind.EXPENDITURE, 5, 6))
    assert money() == [("現計予算額（令和４年度（2022年度））", 11), ("融資枠（令和４年度（2022年度））", 3)]


def test_a_part_names_its_project() -> None:
    assert titles("シビックテック 推進", kind=DocumentKind.PROJECT) == ["project やまぐちＤＸ推進事業"]


def test_fewer_words_are_offered_with_what_they_find() -> None:
    found = search("農業 ないことば 林業")
    assert found.count == 0
    assert [(text, count) for text, count, _ in found.fewer_words] == [("農業 林業", search("農業 林業").count)]
    found = search("農業 ないことば")
    assert [(text, count) for text, count, _ in found.fewer_words] == [("農業", search("農業").count)]


def test_latest_years_come_first(minamihoshi: object) -> None:
    years = [result.document.url for result in search("手続オンライン", kind=DocumentKind.LISTING).results]
    assert ["year=2024" in url for url in years] == sorted(("year=2024" in url for url in years), reverse=True)
