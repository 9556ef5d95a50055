from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Goal
from dxportal.planfolder.loading import delete_catalogue
from dxportal.planfolder.rows import CATALOGUE
from projects.models import Project
from tests.conftest import MINAMIHOSHI, YAMAGUCHI

pytestmark = pytest.mark.django_db


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
    with pytest.raises(CommandError, match="カタログは空です"):
        run("dump_plan", tmp_path / "new")


def test_check_prints_counts_and_totals() -> None:
    text = run("check_plan", YAMAGUCHI)
    for words in (
        "  対応策 52\n",
        "  掲載 166\n",
        "教育庁  予算額 1,779,412千円  融資枠 0千円  3行を計上、額の記載なし14事業",
        "Ⅰ 産業維新  予算額 1,202,228千円",
        "9 「誰でも・いつでも・どこでもデジタル」基盤整備促進プロジェクト  印刷 0千円",
        "合計  印刷 7,418,993千円  重複を除く 3,673,685千円",
        "融資枠 500,000千円  45行（再掲10・額の記載なし3）",
        "フォルダーの後に変えられたところ（0件）",
        "矛盾（0件）",
    ):
        assert words in text


def test_check_lists_what_staff_have_changed_and_still_succeeds() -> None:
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=1)
    text = run("check_plan", YAMAGUCHI)
    assert "フォルダーの後に変えられたところ（1件）" in text
    assert "[workation].budget_lines[2021 initial-with-february].amount_thousand_yen  「85000」 → 「1」" in text


def test_check_fails_only_where_something_is_inconsistent() -> None:
    BudgetLine.objects.create(
        project=Project.objects.get(code="workation"),
        fiscal_year=2021,
        stage=Stage.objects.create(code="june", name="６月補正", position=2),
        amount_thousand_yen=1,
        department=Department.objects.get(code="somu"),
    )
    with pytest.raises(CommandError, match="矛盾"):
        run("check_plan", YAMAGUCHI)


def test_check_of_an_empty_catalogue() -> None:
    delete_catalogue()
    with pytest.raises(CommandError, match="カタログは空です"):
        run("check_plan", YAMAGUCHI)


def test_check_against_another_folder_shows_all_that_differs() -> None:
    assert "南星県" in run("check_plan", MINAMIHOSHI)
