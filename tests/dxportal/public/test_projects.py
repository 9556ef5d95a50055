from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from budgets.models import BudgetLine, Stage
from projects.models import Appearance, Project
from tests.budgets.making import line
from tests.derived_tables import refresh_rows
from tests.dxportal.public.reading import text_of

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_a_project_page_shows_amount_parts_and_every_appearance_with_its_page(page: Page) -> None:
    text = text_of(page("/projects/yamaguchi-dx/"))
    assert "所管部局総合企画部" in text
    assert "544,600千円資料419ページ" in text
    assert text.count("資料4") == 6  # the amount, its stage's note, and four components
    assert text.count("資料2") == 6
    assert "やまぐち未来維新塾DX事業" in text
    assert "産業イノベーション/スマートファクトリー" in text


def test_a_project_without_an_amount_says_so_and_shows_no_zero(page: Page) -> None:
    text = text_of(page("/projects/smart-factory-model/"))
    assert "予算額記載なし" in text
    assert "0円" not in text


def test_an_activity_is_told_apart_from_a_project(page: Page) -> None:
    assert "種類活動" in text_of(page("/projects/optical-fibre-request/"))
    assert "種類" not in text_of(page("/projects/yamaguchi-dx/"))


def test_the_money_of_a_sakigake_project_in_three_figures(page: Page) -> None:
    text = text_of(page("/sakigake/10/"))
    assert "資料に記載の額(再掲を含む)2,650,008千円" in text
    assert "プロジェクト内の重複を除いた額2,650,008千円" in text
    assert "うち、他のプロジェクトと重複する額2,630,108千円" in text
    assert "4「未来を切り拓く中堅・中小企業DX」促進プロジェクト870,696千円" in text
    assert "2「やまぐちスマートスクール構想」推進プロジェクト1,759,412千円" in text
    assert "構成事業7件のうち、再掲6件、額の記載なし0件" in text


def test_a_lending_limit_stands_apart(page: Page) -> None:
    text = text_of(page("/sakigake/4/"))
    assert "中小企業制度融資(DX対応資金)融資枠:500,000千円" in text
    assert "資料に記載の額(再掲を含む)1,154,713千円" in text
    assert "融資枠(予算額には含めません)500,000千円" in text


def test_a_component_that_states_no_amount_says_so(page: Page) -> None:
    text = text_of(page("/sakigake/9/"))
    assert text.count("記載なし") == 4
    assert "どの構成事業にも額の記載がありません。" in text
    assert "0円" not in text
    assert "額の記載なし3件" in text


def test_the_list_of_sakigake_projects_totals_each_amount_once(page: Page) -> None:
    text = text_of(page("/sakigake/"))
    assert "すべて7,418,993千円3,673,685千円-500,000千円3" in text


def test_a_department_page_totals_its_lines(page: Page) -> None:
    text = text_of(page("/departments/kyoiku/"))
    assert "予算額1,779,412千円" in text
    assert (
        "予算額の合計は1,779,412千円です(3件。再掲は重ねて数えていません)。"
        "合計には、前年度の2月補正と当初を合わせた額(当初(前年度2月補正を含む))を含みます。"
        "額が載っていない14件は合計に含みません。" in text
    )
    assert "資料での別の呼び名:教育委員会" in text


def test_departments_stand_in_their_order(page: Page) -> None:
    text = text_of(page("/departments/"))
    names = ["総務部", "総合企画部", "産業戦略部", "健康福祉部", "土木建築部", "企業局", "教育庁", "警察本部"]
    assert [text.index(name) for name in names] == sorted(text.index(name) for name in names)


def test_the_list_of_projects_is_paged(client: Client) -> None:
    department = Project.objects.first().department
    Project.objects.bulk_create(Project(code=f"x{n}", name=f"増えた事業{n}", department=department) for n in range(150))
    refresh_rows()
    first, third = (
        client.get(address).content.decode().partition('class="stack rows"')[2].partition("</table>")[0]
        for address in ("/projects/", "/projects/?page=3")
    )
    assert first.count('<th scope="row">') == 100
    assert third.count('<th scope="row">') == 44


def test_a_goal_shows_the_amounts_on_which_the_year_opens(page: Page) -> None:
    """A supplement is in another measure; a stage is named where a measure has several of them."""
    listed = Appearance.objects.listings().filter(project__code="workation")[0]
    goal = listed.countermeasure.goal.get_absolute_url()
    before = text_of(page(goal))
    line("workation", 12_345, stage="june")
    assert text_of(page(goal)) == before
    assert "12,345千円" not in before
    BudgetLine.objects.filter(stage__role="initial").update(stage=Stage.objects.get(code="september"))
    refresh_rows()
    assert "6月補正12,345千円" in text_of(page(goal))


def test_a_project_shows_its_year_step_by_step(page: Page) -> None:
    assert "予算の動き" not in page("/projects/workation/")
    for stage, amount in (("june", 12_000), ("february", -3_500), ("settlement", 90_000), ("carried-out", 2_000)):
        line("workation", amount, stage=stage)
    text = text_of(page("/projects/workation/"))
    assert "6月補正12,000千円2月補正△3,500千円現計93,500千円決算90,000千円翌年度への繰越2,000千円" in text
    assert "執行率(決算÷予算現額)96.3%不用額1,500千円" in text
