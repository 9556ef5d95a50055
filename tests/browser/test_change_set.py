"""From an editor's form to the public page and back, in a real browser before the real site."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_desk import look
from tests.browser.test_every_page import WIDE
from tests.browser.watched_tab import WatchedTab
from tests.page_paths import list_every_page
from tests.ports import reserve_port
from tests.sites import clean_environment, run_site

PASSWORD = "はなのき-2021-やま"  # noqa: S105  # of a site that lives for one test
VISIBLE_WITHIN = 1  # seconds until every process serves what is published
STAFF = """
from django.contrib.auth.models import User
from catalog.models import Department
from dxportal.staff.models import Duty, Role
for name, role, department in (("editor", Role.EDITOR, "kyoiku"), ("bureau", Role.BUREAU, None)):
    user = User.objects.create_user(name, password=%r)
    Duty.objects.create(user=user, role=role, department=Department.objects.filter(code=department).first())
"""
CANARY = """
from dxportal.changesets.workflow import create_set, propose, replace_changes
from dxportal.changesets.recording import record_changes
from dxportal.changesets.row_values import get_columns
from dxportal.tracked_tables import CATALOGUE
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat
with record_changes() as recorder:
    for model in CATALOGUE:
        for field in get_columns(model):
            if isinstance(field, models.TextField) or (
                isinstance(field, models.CharField) and not field.choices and field.name != "code"
                and field.max_length >= 100
            ):
                model._default_manager.update(**{field.name: Concat(F(field.name), Value("カナリア鳥"))})
changes = [change for change in recorder.changes]
propose(replace_changes(create_set(User.objects.get(username="bureau"), "まだ公開していない変更", "試験"), changes))
print(len(changes))
"""

# A set that waits, one that conflicts with what was published since, one that was sent back, one that is public.
SETS = """
from django.contrib.auth.models import User
from budgets.models import BudgetLine
from catalog.models import Goal
from dxportal.changesets.workflow import create_set, propose, publish, reject, replace_changes
from dxportal.changesets.recording import record_changes
def begun(title, rows, **values):
    with record_changes() as recorder:
        rows.update(**values)
    return replace_changes(create_set(bureau, title, "管理画面"), recorder.changes)
bureau = User.objects.get(username="bureau")
line = BudgetLine.objects.filter(project__code="workation")
goal = Goal.objects.filter(code="1-1-1")
first = begun("重なる変更", line, amount_thousand_yen=1, editorial_note="注")
waiting = propose(begun("待つ変更", line, amount_thousand_yen=2))
sent_back = reject(propose(begun("戻った変更", goal, text="短い文")), bureau, "根拠を書いてください。")
public = publish(propose(begun("公開した変更", line, amount_thousand_yen=3)), bureau)
late = propose(begun("文の変更", goal, text=goal.get().text.replace("推進", "促進") + "文を足す。"))
print(*[one.pk for one in (first, waiting, sent_back, public, late)])
"""


@pytest.fixture(scope="module")
def checkout(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copytree(prepared, tmp_path_factory.mktemp("desk"), dirs_exist_ok=True)


@pytest.fixture(scope="module")
def desk(checkout: Path) -> Iterator[str]:
    """The address of a site that this test may change, with an editor and the bureau."""
    port = reserve_port()
    with run_site(checkout, port, "--no-prepare"):
        manage(checkout, "shell", "-c", STAFF % PASSWORD)
        yield f"http://127.0.0.1:{port}"


def manage(checkout: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=checkout, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dumped(checkout: Path, folder: Path) -> dict[str, bytes]:
    manage(checkout, "dump_plan", str(folder))
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as response:  # noqa: S310  # our own site
        return response.read().decode("utf-8", "replace")


def signed_in(browser: Browser, desk: str, name: str) -> Page:
    page = browser.new_context(locale="ja-JP").new_page()
    page.goto(f"{desk}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    return page


def test_from_the_form_to_the_public_and_back_to_the_byte(
    browser: Browser, desk: str, checkout: Path, tmp_path: Path
) -> None:
    before = dumped(checkout, tmp_path / "before")
    shown = json.loads(fetched(f"{desk}/budgets.json?year=2021&department=kyoiku"))
    amounts = {row["project_code"]: row["amount_thousand_yen"] for row in shown["rows"] if row["amount_thousand_yen"]}
    assert len(amounts) == 3

    editor = signed_in(browser, desk, "editor")
    for number, code in enumerate(amounts):
        editor.goto(f"{desk}/admin/budgets/budgetline/?q={code}")
        editor.click("#result_list tbody th a")
        editor.fill("#id_amount_thousand_yen", str(amounts[code] + number + 1))
        editor.click("[name=_save]")
        assert "に記録しました" in editor.inner_text("body")
    editor.goto(f"{desk}/admin/projects/project/?q=industrial-education-equipment")
    editor.click("#result_list tbody th a")
    editor.fill("#id_name", "産業教育装置整備事業（改）")
    editor.click("[name=_save]")
    editor.click(".at-work a")
    editor.fill("#title", "教育庁の額を改める")
    editor.click("button[value=rename]")
    editor.click("text=公開したときの姿を見る")
    editor.goto(f"{editor.url}projects/industrial-education-equipment/")
    assert "産業教育装置整備事業（改）" in editor.inner_text("h1")
    editor.go_back()
    editor.go_back()
    editor.click("button[value=propose]")
    assert "提案しました" in editor.inner_text("body")
    address = editor.url
    assert "改める" not in fetched(f"{desk}/changes/")
    assert "（改）" not in fetched(f"{desk}/projects/industrial-education-equipment/")

    bureau = signed_in(browser, desk, "bureau")
    bureau.goto(address)
    seen = bureau.inner_text("body")
    assert "1,779,412千円" in seen
    assert "1,779,418千円" in seen
    bureau.click("button[value=publish]")
    assert "公開しました" in bureau.inner_text("body")
    time.sleep(VISIBLE_WITHIN)

    assert "産業教育装置整備事業（改）" in fetched(f"{desk}/projects/industrial-education-equipment/")
    after: Any = json.loads(fetched(f"{desk}/budgets.json?year=2021&department=kyoiku"))
    assert after["totals"]["expenditure_thousand_yen"] == 1_779_418
    assert "1779418" not in fetched(f"{desk}/budgets.csv?year=2021&department=kyoiku")
    public = fetched(f"{desk}/changes/")
    assert "教育庁の額を改める" in public
    assert "editor" not in public

    bureau.click("summary:has-text('取り消す')")
    bureau.click("button[value=undo]")
    assert "前の姿に戻しました" in bureau.inner_text("body")
    assert dumped(checkout, tmp_path / "after") == before


def test_nothing_unpublished_is_in_any_public_answer(desk: str, checkout: Path) -> None:
    assert int(manage(checkout, "shell", "-c", CANARY).split()[-1]) > 500

    def get(path: str) -> tuple[int, bytes]:
        return 200, fetched(desk + path).encode()

    paths = [path for path in list_every_page(get) if path != "/no-such-page/"]
    tables = ("budgets", "sakigake", "listings", "projects", "budgets/compare")
    files = [f"/{table}.{ending}" for table in tables for ending in ("csv", "json")]
    for path in [*paths, *files, "/changes.json", "/search/?q=%E3%82%AB%E3%83%8A%E3%83%AA%E3%82%A2"]:
        text = fetched(desk + path)
        assert "カナリア鳥" not in text.replace("「カナリア」", ""), path
        assert "まだ公開していない変更" not in text, path


def test_nothing_is_wrong_with_the_pages_of_sets(browser: Browser, desk: str, checkout: Path) -> None:
    numbers = manage(checkout, "shell", "-c", SETS).split()[-5:]
    page = signed_in(browser, desk, "bureau")
    tab = WatchedTab(page, desk)
    for path in ("/admin/", "/admin/changes/", *(f"/admin/changes/{number}/" for number in numbers)):
        for colours in ("dark", "light"):
            page.emulate_media(color_scheme=colours)
            tab.open(path, WIDE)
            look(tab)
    tab.open(f"/admin/changes/{numbers[0]}/", WIDE)
    expect(page.get_by_role("heading", name=re.compile("ほかの公開と重なっているところ"))).to_be_visible()
    tab.open(f"/admin/changes/{numbers[-1]}/preview/goals/1-1-1/", WIDE)
    expect(page.get_by_role("status")).to_contain_text("公開したときの姿の下見です。まだ公開されていません。")
    look(tab)
    tab.open(f"/admin/changes/{numbers[-1]}/", WIDE)
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_text("公開しました。")).to_be_visible()
    page.get_by_text("取り消す", exact=True).click()
    page.get_by_role("button", name="公開を取り消す").click()
    expect(page.get_by_text("前の姿に戻しました")).to_be_visible()
    look(tab)
    tab.assert_no_problems()


def test_questions_are_ticked_and_seen_by_the_reviewer(browser: Browser, desk: str) -> None:
    editor = signed_in(browser, desk, "editor")
    editor.goto(f"{desk}/admin/budgets/budgetline/?q=museum-exhibition")
    editor.click("#result_list tbody th a")
    editor.fill("#id_amount_thousand_yen", "20,000,000")
    editor.click("[name=_save]")
    editor.click(".at-work a")
    address = editor.url.removeprefix(desk)
    tab = WatchedTab(editor, desk)
    tab.open(address, WIDE)
    tab.expected_status = 400
    editor.get_by_role("button", name="この題で提案する").click()
    expect(editor.get_by_role("alert")).to_contain_text("まだ確かめていないことが1件あります。")
    look(tab)
    editor.get_by_role("alert").get_by_role("link").click()
    question = editor.get_by_role("group", name="確かめること（1件）").get_by_role("checkbox")
    expect(question).to_be_in_viewport()
    expect(question).to_have_accessible_name(re.compile("20,000千円から20,000,000千円へ、100倍以上になります。"))
    expect(question).to_have_accessible_description(re.compile("円と千円を取り違えていないか"))
    editor.get_by_text("100倍以上になります。").last.click()
    expect(question).to_be_checked()
    tab.expected_status = 200
    editor.get_by_role("button", name="この題で提案する").click()
    expect(editor.get_by_text("提案しました")).to_be_visible()
    tab.assert_no_problems()
    bureau = WatchedTab(signed_in(browser, desk, "bureau"), desk)
    bureau.open(address, WIDE)
    expect(bureau.page.get_by_role("region", name="確かめること")).to_contain_text("確かめた人：editor")
    look(bureau)
    bureau.assert_no_problems()
