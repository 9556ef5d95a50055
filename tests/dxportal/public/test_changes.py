"""The record of changes: what is published, in words, and nothing of what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from budgets.models import BudgetLine, Stage
from catalog.models import Department, DepartmentAlias, Goal, Passage, Plan
from dxportal.changesets.inline_diff import compute_inline_diff
from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import propose, reject, undo
from projects.models import Appearance, NamedPart, Project, ProjectPart
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.dxportal.changesets.edits import KINDS
from tests.dxportal.public.reading import read, text_of
from tests.fixtures.printed_source import fold_print
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, use_plans(minamihoshi)]
Page = Callable[[str], str]
SECRETS = ("カナリア", "canary", "秘密のファイル", "staff.example", "user-", "名author", "姓author", "姓reviewer")


def rename(code: str, name: str) -> int:
    return Project.objects.filter(code=code).update(name=name)


def set_amount(amount: int) -> int:
    return BudgetLine.objects.filter(project__code="online", fiscal_year=2023, stage__code="initial").update(
        amount_thousand_yen=amount
    )


def set_text(text: str) -> int:
    return Goal.objects.filter(code="1-1-1").update(text=text)


def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/changes.json{query}")
    assert response.status_code == 200
    found = json.loads(response.getvalue())
    assert list(found) == ["applied", "rows", "notes"]
    return list(found["rows"])


def test_every_page_and_file_says_when_something_was_published_last(page: Page, client: Client) -> None:
    shown = "2026年11月23日"
    assert shown in page("/")
    assert f"{shown}更新" in page("/projects/online/")
    one = publish_edits(lambda: set_text("改めた"))
    ChangeSet.objects.filter(pk=one.pk).update(published_at=datetime(2026, 12, 31, 15, 30, tzinfo=UTC))
    for path in ("/", "/projects/online/", "/changes/"):
        assert "2027年1月1日" in page(path), path
        assert shown not in page(path), path
    about = load_workbook(BytesIO(client.get("/budgets.xlsx?year=2023").getvalue())).worksheets[1]
    assert ("内容の更新日", "2027年1月1日") in [row[1:] for row in about.values]


def test_a_publication_from_before_the_plan_was_loaded_is_not_the_last_change(page: Page) -> None:
    one = publish_edits(lambda: set_text("改めた"))
    ChangeSet.objects.filter(pk=one.pk).update(published_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert "2026年11月23日" in page("/")


def test_nothing_yet_is_said_calmly(page: Page, client: Client) -> None:
    html = page("/changes/")
    assert "公開後の変更は、まだありません。" in html
    assert 'class="filters"' not in html
    assert rows(client) == []


def test_it_is_linked_from_every_page_and_from_what_is_said_about_the_plan(page: Page) -> None:
    assert '<a href="/changes/">変更の記録</a>' in page("/plan/")
    assert '<a href="/changes/">公開後の変更を見る</a>' in page("/")


def test_what_changed_in_words(page: Page) -> None:
    publish_edits(
        lambda: (set_amount(45_586), set_text("すべての手続と相談がオンラインになる。")), title="６月の見直し"
    )
    html = page("/changes/")
    text = text_of(html)
    assert fold_print("６月の見直し") in text
    assert fold_print("変更2件") in text
    assert fold_print("予算額手続オンライン事業（申請書） 2023年度 当初変更未来企画局") in text
    assert fold_print("予算額1,200千円→から45,586千円（+44,386千円）") in text
    assert '<a href="/projects/online/">手続オンライン事業（申請書） 2023年度 当初</a>' in html
    assert '<a href="/goals/1-1-1/">1-1-1 オンライン</a>' in html
    assert "すべての手続<ins>" in html
    assert "と相談</ins>" in html


def test_a_long_text_that_was_written_anew_stands_below_the_old_one(page: Page) -> None:
    new = "島で暮らす人も、役所に行かずに、いつでもどこからでも手続ができるようになり、待つこともなくなる。"
    publish_edits(lambda: set_text(new))
    assert fold_print(f"前すべての手続がオンラインになる。後{new}") in text_of(page("/changes/"))


def test_the_day_is_that_of_japan(page: Page, client: Client) -> None:
    one = publish_edits(lambda: set_amount(1))
    ChangeSet.objects.filter(pk=one.pk).update(published_at=datetime(2026, 3, 31, 15, 30, tzinfo=UTC))
    assert '<time datetime="2026-04-01">2026年4月1日</time>' in page("/changes/")
    assert rows(client)[0]["published_at"] == "2026-04-01T00:30:00+09:00"


def test_the_latest_stand_first_in_pages_of_twenty(page: Page, client: Client) -> None:
    for number in range(1, 23):
        publish_edits(lambda number=number: set_amount(number), title=f"第{number:02}回")
    titles = [f"第{number:02}回" for number in range(22, 0, -1)]
    first, second = page("/changes/"), page("/changes/?page=2")
    assert [title for title in titles if title in first] == titles[:20]
    assert [first.index(title) for title in titles[:20]] == sorted(first.index(title) for title in titles[:20])
    assert [title for title in titles if title in second] == titles[20:]
    assert '<a href="/changes/?page=2" rel="next">' in first
    assert '<a href="/changes/" rel="prev">' in second
    assert [row["title"] for row in rows(client, "?page=2")] == titles  # files ignore the page


def test_nothing_of_what_is_not_published_appears_anywhere(page: Page, client: Client) -> None:
    set_of = {
        state: make_open_set(
            lambda state=state: (
                rename("online", f"カナリア名{state}"),
                set_text(f"カナリア文{state}"),
                Department.objects.filter(code="life").update(name=f"カナリア局{state}"),
                DepartmentAlias.objects.create(
                    department=Department.objects.get(code="life"), label="くらし局", position=1
                ),
                Project.objects.filter(code__in=("loans", "online")).update(
                    department=Department.objects.get(code="life")
                ),
                Stage.objects.create(
                    code=f"canary-{state}", name=f"カナリア段{state}", role="supplementary", position=9
                ),
            ),
            title=f"カナリア題{state}",
        )
        for state in ("open", "proposed", "rejected")
    }
    propose(set_of["proposed"])
    reject(propose(set_of["rejected"]), create_author("reviewer"), "カナリア理由")
    assert "まだありません" in page("/changes/")
    assert rows(client) == []

    done = publish_edits(
        lambda: (
            set_amount(77),
            rename("loans", "しごとの資金"),
            ProjectPart.objects.filter(code="forms").update(name="申請"),
        ),
        title="公開したこと",
    )
    undo(done, create_author("reviewer"))
    life = Department.objects.get(code="life")
    queries = ["", "?department=life", "?department=planning", f"?set={done.pk}", "?page=2"]
    queries += [f"?set={one.pk}" for one in set_of.values()]
    for query in queries:
        everything = page(f"/changes/{query}") + client.get(f"/changes.json{query}").getvalue().decode()
        for secret in (
            "カナリア",
            "canary",
            "秘密のファイル",
            "staff.example",
            "user-",
            "名author",
            "姓",
            str(life.pk),
        ):
            assert secret not in everything, (query, secret)
    # not even that a proposal would move a project to another department
    assert "当てはまる変更はありません" in page("/changes/?department=life")
    assert rows(client, "?department=life") == []
    for one in set_of.values():
        assert f"「{one.pk}」という番号の変更はありません。" in page(f"/changes/?set={one.pk}")
        assert client.get(f"/changes.json?set={one.pk}").status_code == 400


def test_nothing_of_a_plan_that_is_not_shown_appears(page: Page, client: Client) -> None:
    plan = Plan.objects.get()
    current = plan.code

    other = Plan.objects.get(code=current)  # as a database of 0.1.0 may have one
    other.pk, other.code, other.title, other.is_current = None, f"{current}-2", "カナリア計画", False
    other.id = Plan._meta.pk.get_default()
    other.save(force_insert=True)

    def prepare() -> None:
        document = plan.documents.get()
        document.id, document.plan, document.title = Plan._meta.pk.get_default(), other, "カナリア資料"
        document.save(force_insert=True)
        passage = Passage.objects.get(code="vision")
        passage.id, passage.plan, passage.document = Plan._meta.pk.get_default(), other, document
        passage.text = "カナリア文"
        passage.save(force_insert=True)

    prepared = publish_edits(prepare, title="来年度の準備")
    shown = publish_edits(lambda: Plan.objects.filter(code=current).update(status="案"), title="状態")
    html = page("/changes/")
    assert "カナリア" not in html + client.get("/changes.json").getvalue().decode()
    assert "来年度の準備" not in html
    assert [row["set"] for row in rows(client)] == [shown.pk]
    Plan.objects.update(is_current=False)
    Plan.objects.filter(code=f"{current}-2").update(is_current=True)
    assert {row["set"] for row in rows(client)} == {prepared.pk}
    assert "カナリア文" in page("/changes/")


def test_what_was_undone_and_what_undid_it_are_marked(page: Page, client: Client) -> None:
    done = publish_edits(lambda: set_amount(77), title="増額")
    reverse = undo(done, create_author("reviewer"))
    html = page("/changes/")
    text = text_of(html)
    assert fold_print("増額取り消し済み") in text
    assert fold_print("取り消し：増額取り消し") in text
    assert f'<a href="/changes/?set={reverse.pk}">取り消した変更を見る</a>' in html
    assert f'<a href="/changes/?set={done.pk}">元の変更を見る</a>' in html
    assert fold_print("77千円→から1,200千円（+1,123千円）") in text
    assert fold_print("1,200千円→から77千円（−1,123千円）") in text
    undoing, undone = rows(client)
    assert (undoing["set"], undoing["undoes"], undoing["undone"]) == (reverse.pk, done.pk, False)
    assert (undone["set"], undone["undoes"], undone["undone"]) == (done.pk, None, True)


def test_a_row_that_is_gone_has_no_link(page: Page, client: Client) -> None:
    publish_edits(lambda: rename("survey", "島の声"), title="改称")
    publish_edits(
        lambda: (
            Appearance.objects.filter(project__code="survey").delete(),
            Project.objects.filter(code="survey").delete(),
        ),
        title="廃止",
    )
    html = page("/changes/")
    assert "島の声" in html
    assert "/projects/survey/" not in html
    assert {row["url"] for row in rows(client)} == {None}


def test_tables_for_machines_are_counted_in_one_line(page: Page, client: Client) -> None:
    def edit() -> None:
        set_amount(5)
        Stage.objects.update(position=99)
        DepartmentAlias.objects.update(position=9)

    one = publish_edits(edit)
    for address in ("/changes/", f"/changes/?set={one.pk}"):
        text = text_of(page(address))
        assert fold_print("このほかの変更：予算区分 9件、部局の別名 1件") in text
        assert "変更11件" in text
        assert page(address).count('class="change-row"') == 1
        assert "部局の別名企画課" not in text
    assert len(rows(client)) == 11


def test_a_large_set_shows_its_first_changes_and_leads_to_all_of_them(page: Page, client: Client) -> None:
    def edit() -> None:
        online = Project.objects.get(code="online")
        ProjectPart.objects.bulk_create(
            ProjectPart(project=online, code=f"p{number:03}", name=f"内訳{number:03}", position=number)
            for number in range(130)
        )

    one = publish_edits(edit)
    html = page("/changes/")
    assert html.count('class="change-row"') == 30
    assert f'<a href="/changes/?set={one.pk}">ほかの100件を見る</a>' in html
    whole = page(f"/changes/?set={one.pk}") + page(f"/changes/?set={one.pk}&page=2")
    assert whole.count('class="change-row"') == 130
    assert all(f"内訳{number:03}" in whole for number in range(130))
    assert "件を見る" not in whole
    assert len(rows(client)) == 130


def edits_of_departments() -> list[Callable[[], object]]:
    """One edit after the other of rows that departments have in every way there is."""
    life, planning = Department.objects.get(code="life"), Department.objects.get(code="planning")
    part = ProjectPart(project=Project.objects.get(code="survey"), code="t", name="聞き取り", position=1)
    return [
        lambda: set_amount(5),
        lambda: rename("survey", "島の声"),
        lambda: part.save(force_insert=True),
        lambda: NamedPart.objects.filter(label="支払い").update(label="お支払い"),
        lambda: Project.objects.filter(code="counter").update(department=planning),
        lambda: Appearance.objects.filter(project__code="counter").update(note="添え書き"),
        lambda: BudgetLine.objects.filter(project__code="loans").delete(),
        lambda: (
            Appearance.objects.filter(printed_department="企画課").update(printed_department="未来企画局"),
            DepartmentAlias.objects.update(department=life),
        ),
        lambda: Department.objects.filter(code="industry").update(contact="内線1"),
        lambda: set_text("文"),
        lambda: ProjectPart.objects.filter(code="t").delete(),
        lambda: (
            Appearance.objects.filter(project__code="survey").delete(),
            Project.objects.filter(code="survey").delete(),
        ),
    ]


def test_the_filter_and_what_is_told_agree_on_departments(page: Page, client: Client) -> None:
    for edit in edits_of_departments():
        publish_edits(edit)
    everything = rows(client)
    assert len(everything) >= 12
    for code in ("planning", "life", "industry"):
        wanted = [row for row in everything if code in row["department_codes"]]
        assert 2 <= len(wanted) < len(everything)
        assert rows(client, f"?department={code}") == wanted
        html = page(f"/changes/?department={code}")
        assert f'<option value="{code}" selected>' in html
        assert "に関わる変更だけを示しています。" in html
    both = [row for row in everything if {"life", "industry"} & set(row["department_codes"])]
    assert rows(client, "?department=life&department=industry") == both


def shown_as(field: dict[str, Any]) -> list[str]:
    """How a page may show a field of the JSON: one side alone, both, or one text with its difference marked."""
    before, after = field["before_words"], field["after_words"]
    if before is None or after is None:
        return [before or after]
    one = compute_inline_diff(before, after)
    return [
        f"{before or 'なし'}→から{after or 'なし'}",
        one.start
        + (f"［削除］{one.before}" if one.before else "")
        + (f"［追加］{one.after}" if one.after else "")
        + f"［以上］{one.end}",
    ]


def test_json_says_what_the_page_says(page: Page, client: Client) -> None:
    for number, kind in enumerate(KINDS):
        with record_changes() as recorder:
            kind(number, number * 100 + 7)
        if recorder.changes:
            publish_edits(lambda kind=kind, number=number: kind(number, number * 100 + 7), title=f"編集{number}")
    html = page("/changes/")
    text, links = text_of(html), read(html).links
    found = rows(client)
    assert len(found) == Change.objects.count() > 12
    for row in found:
        if row["kind"] in ("予算区分", "部局の別名"):
            continue
        assert fold_print(row["title"]) in text
        assert fold_print(row["kind"] + row["name"]) in text
        if row["url"]:
            assert row["url"].removeprefix("http://127.0.0.1:8000") in links
        for field in row["fields"]:
            heading = field["label"].removesuffix("（千円）")
            assert any(fold_print(heading + shown) in text for shown in shown_as(field)), field


def test_a_row_of_the_json_to_the_letter(client: Client) -> None:
    one = publish_edits(lambda: set_amount(0), title="見直し")
    assert rows(client) == [
        {
            "published_at": rows(client)[0]["published_at"],
            "set": one.pk,
            "title": "見直し",
            "undoes": None,
            "undone": False,
            "kind": "予算額",
            "key": "online forms 2023 initial expenditure",
            "name": "手続オンライン事業（申請書） 2023年度 当初",
            "action": "update",
            "department_codes": ["planning"],
            "fields": [
                {
                    "name": "amount_thousand_yen",
                    "label": "予算額（千円）",
                    "before": 1200,
                    "after": 0,
                    "before_words": "1,200千円",
                    "after_words": "0円",
                }
            ],
            "url": "http://127.0.0.1:8000/projects/online/",
        }
    ]


@pytest.mark.parametrize(
    "query",
    [
        "department=nowhere",
        "department=%00",
        "department=life&department=nowhere",
        "set=99999",
        "set=" + "9" * 5000,
        "set=%EF%BC%91",
        "set=-1",
        "set=x",
        "page=x",
        "page=0",
        "page=" + "9" * 5000,
    ],
)
@pytest.mark.parametrize("done", [False, True])
def test_what_is_not_understood_is_said_and_never_a_fault(client: Client, query: str, done: bool) -> None:
    if done:
        publish_edits(lambda: set_amount(1))
    html = client.get(f"/changes/?{query}").content.decode()
    assert "はありません。" in html
    status = client.get(f"/changes.json?{query}").status_code
    assert status == (200 if query.startswith("page") else 400)


def test_an_unknown_department_is_said_in_a_sentence(page: Page, client: Client) -> None:
    publish_edits(lambda: set_amount(1))
    html = page("/changes/?department=nowhere")
    assert "「nowhere」という部局はありません。" in html
    assert "この条件は使わずに表示しています。" in html
    assert 'href="/changes.json"' in html
    assert json.loads(client.get("/changes.json?department=nowhere").content) == {
        "errors": ["「nowhere」という部局はありません。"]
    }
    assert "はありません。" not in page("/changes/?department=&set=&page=")


def test_a_page_can_be_cited_by_its_own_address(page: Page) -> None:
    one = publish_edits(lambda: set_amount(1))
    html = page(f"/changes/?set={one.pk}&department=")
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/changes/?set={one.pk}">' in html


def test_reading_asks_the_same_of_one_set_and_of_three_and_of_every_table(client: Client) -> None:
    def counts() -> dict[str, int]:
        latest = ChangeSet.objects.published()[0].pk
        found = {}
        for query in ("", "?department=planning", "?department=planning&department=life", f"?set={latest}"):
            for path in ("/changes/", "/changes.json"):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(path + query).getvalue()
                found[path + query.partition("=")[0] + str(query.count("="))] = len(captured)
        return found

    def edit(number: int) -> None:
        NamedPart.objects.update(detail=f"内容{number}")
        Appearance.objects.update(note=f"添え書き{number}")
        Goal.objects.update(text=f"文{number}")
        Project.objects.update(kana=f"よみ{number}")
        ProjectPart.objects.update(name=Concat("code", Value(f" 名{number}")))
        BudgetLine.objects.update(amount_thousand_yen=number)
        Stage.objects.update(position=number)

    publish_edits(lambda: edit(11))
    one = counts()
    publish_edits(lambda: edit(12))
    publish_edits(lambda: edit(13))
    assert counts() == one
    assert max(one.values()) <= 12, one
