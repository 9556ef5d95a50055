from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Goal, Plan
from dxportal.planfiles.dumping import dump_catalogue
from dxportal.planfiles.loading import delete_catalogue
from dxportal.planfiles.raw_files import LIST_FILES, shape_of
from dxportal.tracked_tables import CATALOGUE
from projects.models import Project
from tests.conftest import YAMAGUCHI
from tests.derived_tables import refresh_rows
from tests.plans import MINAMIHOSHI

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def run(*arguments: str | Path, **options: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_load_again_says_that_nothing_changed() -> None:
    assert run("load_plan", YAMAGUCHI) == "カタログはこのフォルダーと同じです。何も変えていません。\n"


def test_load_refuses_and_says_how_to_go_on() -> None:
    Goal.objects.filter(code="1-2-1").update(keyword="変えた")
    with pytest.raises(CommandError, match="--replace") as caught:
        run("load_plan", YAMAGUCHI)
    assert "「変えた」 → 「中小企業ＤＸ」" in str(caught.value)
    assert run("load_plan", YAMAGUCHI, replace=True) == "カタログを置き換えました。\n"
    assert Goal.objects.get(code="1-2-1").keyword == "中小企業ＤＸ"


def test_questions_about_a_folder_stop_its_loading_unless_they_are_accepted(tmp_path: Path) -> None:
    """Amounts are compared with those of the catalogue; what does not change is not asked about."""
    line = BudgetLine.objects.get(project__code="museum-exhibition")
    dump_catalogue(tmp_path)
    BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=20)
    sentence = (
        f"「{line.project.name}」の令和３年度（2021年度）の「当初（前年度２月補正を含む）」の額が、"
        "20千円から20,000千円へ、100倍以上になります。"
    )
    out = StringIO()
    with pytest.raises(CommandError, match=r"確かめることが1件あります。カタログは変えていません。.*--accept"):
        call_command("load_plan", str(tmp_path), replace=True, stdout=out)
    assert out.getvalue().startswith(sentence)
    assert "20千円 → 20,000千円" in out.getvalue()
    assert BudgetLine.objects.get(pk=line.pk).amount_thousand_yen == 20
    said = run("load_plan", tmp_path, replace=True, accept=True)
    assert said.endswith("カタログを置き換えました。\n")
    assert "100倍以上" in said
    assert BudgetLine.objects.get(pk=line.pk).amount_thousand_yen == 20_000


def test_questions_about_a_folder_are_asked_of_an_empty_catalogue(tmp_path: Path) -> None:
    project = Project.objects.get(code="museum-exhibition")
    facts: dict[str, Any] = {"project": project, "department": project.department, "amount_thousand_yen": 300}
    BudgetLine.objects.create(**facts, fiscal_year=2022, stage=Stage.objects.get(code="june"))
    BudgetLine.objects.create(**facts, fiscal_year=2205, stage=Stage.objects.get(code="initial"))
    dump_catalogue(tmp_path)
    delete_catalogue()
    out = StringIO()
    with pytest.raises(CommandError, match="確かめることが2件あります。"):
        call_command("load_plan", str(tmp_path), stdout=out)
    assert "当初の額がありません。" in out.getvalue()
    assert "2205年度" in out.getvalue()
    assert not Project.objects.exists()
    assert run("load_plan", tmp_path, accept=True).endswith("読み込みました。\n")
    # loaded, they are not asked about again
    assert run("load_plan", tmp_path) == "カタログはこのフォルダーと同じです。何も変えていません。\n"
    Goal.objects.filter(code="1-2-1").update(keyword="変えた")
    assert run("load_plan", tmp_path, replace=True) == "カタログを置き換えました。\n"


def test_the_shipped_plan_is_loaded_without_questions() -> None:
    delete_catalogue()
    assert run("load_plan", YAMAGUCHI) == "読み込みました。\n"


def test_a_broken_folder_leaves_the_catalogue_untouched(tmp_path: Path) -> None:
    before = {model: model._default_manager.count() for model in CATALOGUE}
    (tmp_path / "plan.yaml").write_text("code: X\n", encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        run("load_plan", tmp_path, replace=True)
    lines = str(caught.value).split("\n")
    assert "カタログは変えていません。" in lines[-1]
    assert any(line.startswith("plan.yaml:1  code  コードは半角の") for line in lines)
    assert any(line.startswith("stages.yaml  ファイルがありません") for line in lines)
    assert before == {model: model._default_manager.count() for model in CATALOGUE}


def test_dump(tmp_path: Path) -> None:
    assert "plan.yaml、departments.yaml" in run("dump_plan", tmp_path / "new")
    assert (tmp_path / "new" / "document-5.yaml").exists()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match="書けません"):
        run("dump_plan", tmp_path / "file")
    delete_catalogue()
    with pytest.raises(CommandError, match="公開中の計画がありません"):
        run("dump_plan", tmp_path / "new")


def test_check_prints_counts_and_totals() -> None:
    text = run("check_plan", YAMAGUCHI)
    for words in (
        "  対応策 52\n",
        "  掲載 166\n",
        "教育庁  予算額 1,779,412千円  融資枠 記載なし  3行を計上、額の記載なし14事業",
        "Ⅰ 産業維新  予算額 1,202,228千円",
        "9 「誰でも・いつでも・どこでもデジタル」基盤整備促進プロジェクト  印刷 記載なし",
        "すべて  印刷 7,418,993千円  重複を除く 3,673,685千円",
        "融資枠 500,000千円  45行（再掲10・額の記載なし3）",
        "Ⅲ 生活維新  予算額 2,823,523千円  融資枠 記載なし  13行を計上、額の記載なし32事業",
        "2021年度 デジタル・魁プロジェクト",
        "2021年度 資料の額と集計額の違い（0件）",
        "フォルダーの後に変えられたところ（0件）",
        "矛盾（0件）",
    ):
        assert words in text


def test_check_lists_what_staff_have_changed_and_still_succeeds() -> None:
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=1)
    refresh_rows()
    text = run("check_plan", YAMAGUCHI)
    assert "フォルダーの後に変えられたところ（1件）" in text
    assert "[workation].budget_lines[2021 initial-with-february].amount_thousand_yen  「85000」 → 「1」" in text


def test_check_tells_where_print_and_amounts_differ() -> None:
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=850_000)
    BudgetLine.objects.filter(project__code="virtual-lab").delete()
    refresh_rows()
    text = run("check_plan", YAMAGUCHI)
    assert "2021年度 資料の額と集計額の違い（2件）" in text
    assert "s6-2 ワーケーション推進事業  印刷 85,000千円  計上 850,000千円" in text
    assert "s4-4 産学公によるバーチャルラボ構築事業  印刷 10,000千円  計上 なし" in text


@pytest.mark.parametrize("file", [*LIST_FILES, "plan.yaml", "document.yaml"])
def test_a_schema_for_editors_knows_every_field(file: str) -> None:
    schema = json.loads(run("plan_schema", file))
    kinds = {**schema.get("$defs", {}), schema.get("title"): schema}
    shape = shape_of(file)
    assert list(kinds[shape.__name__]["properties"]) == list(shape.model_fields)
    assert kinds[shape.__name__]["additionalProperties"] is False


def test_no_plan_is_current() -> None:
    Plan.objects.update(is_current=False)
    for command in ("load_plan", "check_plan", "dump_plan"):
        with pytest.raises(CommandError, match="公開中"):
            run(command, YAMAGUCHI)


def test_a_plan_that_is_not_published_is_never_lost() -> None:
    facts: dict[str, Any] = {
        "title": "別",
        "period_from": 2031,
        "period_to": 2032,
        "publisher": "県",
        "updated_on": "2026-11-23",
    }
    Plan.objects.create(code="other", is_current=False, **facts)
    with pytest.raises(CommandError, match="公開中でない計画"):
        run("load_plan", YAMAGUCHI, replace=True)
    with pytest.raises(CommandError, match="矛盾"):
        run("check_plan", YAMAGUCHI)
    assert Plan.objects.count() == 2


def test_check_fails_only_where_something_is_inconsistent() -> None:
    BudgetLine.objects.create(
        project=Project.objects.get(code="workation"),
        fiscal_year=2021,
        stage=Stage.objects.get(code="initial"),
        amount_thousand_yen=1,
        department=Department.objects.get(code="somu"),
    )
    with pytest.raises(CommandError, match="矛盾"):
        run("check_plan", YAMAGUCHI)


def test_check_of_an_empty_catalogue() -> None:
    delete_catalogue()
    with pytest.raises(CommandError, match="公開中の計画がありません"):
        run("check_plan", YAMAGUCHI)


def test_check_against_another_folder_shows_all_that_differs() -> None:
    assert "南星県" in run("check_plan", MINAMIHOSHI)
