"""A form that is sent after the session has ended comes back as it was typed, to the same user alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.administrator import sign_in
from tests.browser.test_change_set import PASSWORD, STAFF, manage, signed_in
from tests.browser.test_desk import look
from tests.browser.test_every_page import WIDE
from tests.browser.watched_tab import WatchedTab

END_SESSIONS = """
from datetime import timedelta
from django.contrib.sessions.models import Session
from django.db.models import F
Session.objects.update(expire_date=F("expire_date") - timedelta(hours=13))
"""


@pytest.fixture(scope="module")
def staff(checkout: Path, site: str) -> None:
    manage(checkout, "shell", "-c", STAFF % PASSWORD)


def look_at(page: Page, site: str) -> None:
    """A fresh look, at both widths, at a page that can be asked for again."""
    tab = WatchedTab(page, site)
    tab.open(page.url.removeprefix(site), WIDE)
    look(tab)
    tab.assert_no_problems()


@pytest.mark.usefixtures("staff")
def test_a_project_with_its_rows_is_typed_once(browser: Browser, site: str, checkout: Path) -> None:
    page = signed_in(browser, site, "bureau")
    page.goto(f"{site}/admin/projects/project/?q=workation")
    page.click("#result_list tbody th a")
    form = page.url
    page.locator("#id_editorial_note").fill("一行目\n二行目")
    page.locator("#id_budget_lines-0-amount_thousand_yen").fill("86,001")
    page.locator("#parts-group .add-row a").click()
    page.locator("#id_parts-0-code").fill("shin")
    page.locator("#id_parts-0-name").fill("新しい内訳")
    page.locator("#id_parts-0-position").fill("1")
    manage(checkout, "shell", "-c", END_SESSIONS)
    page.click("[name=_save]")
    expect(page.get_by_text("同じユーザー名でログインすると、続きに戻ります。")).to_be_visible()
    look_at(page, site)

    sign_in(page, "bureau", "wrong")
    sign_in(page, "bureau", PASSWORD)
    assert page.url.startswith(f"{form.partition('?')[0]}?")
    expect(page.get_by_text("まだ保存していません。")).to_be_visible()
    expect(page.locator("#id_editorial_note")).to_have_value("一行目\n二行目")
    expect(page.locator("#id_budget_lines-0-amount_thousand_yen")).to_have_value("86,001")
    expect(page.locator("#id_parts-0-name")).to_have_value("新しい内訳")
    expect(page.locator(".errornote")).to_have_count(0)
    look_at(page, site)

    page.click("[name=_save]")
    page.click("text=事業の内訳1件")
    expect(page.locator("#content")).to_contain_text("86,001")
    expect(page.locator("#content")).to_contain_text("新しい内訳")
    expect(page.locator("#content")).to_contain_text("二行目")


@pytest.mark.usefixtures("staff")
def test_a_sheet_waits_for_its_sender(browser: Browser, site: str, checkout: Path, tmp_path: Path) -> None:
    page = signed_in(browser, site, "bureau")
    page.goto(f"{site}/admin/sheets/")
    with page.expect_download() as begun:
        page.get_by_role("link", name="Excel", exact=True).click()
    begun.value.save_as(tmp_path / "教育.xlsx")
    page.get_by_label("書き込んだシート").set_input_files(tmp_path / "教育.xlsx")
    manage(checkout, "shell", "-c", END_SESSIONS)
    page.get_by_role("button", name="送って確かめる").click()

    sign_in(page, "editor", PASSWORD)
    expect(page.get_by_text("ほかの利用者の入力です。")).to_be_visible()
    expect(page.get_by_text("教育.xlsx")).to_have_count(0)
    page.get_by_role("button", name="ログアウト").click()

    page.goto(f"{site}/admin/")
    sign_in(page, "bureau", PASSWORD)
    look_at(page, site)
    page.get_by_role("link", name="に送ろうとした内容の続き").click()
    expect(page.get_by_text("預かっているファイル：教育.xlsx")).to_be_visible()
    look_at(page, site)
    page.get_by_role("button", name="続ける").click()
    expect(page.get_by_text("変わったところはありませんでした。")).to_be_visible()


@pytest.mark.usefixtures("staff")
def test_a_tab_from_before_another_sign_in(browser: Browser, site: str, checkout: Path) -> None:
    first = signed_in(browser, site, "editor")
    first.goto(f"{site}/admin/projects/project/?q=museum-exhibition")
    first.click("#result_list tbody th a")
    first.locator("#id_editorial_note").fill("前のタブの注")
    manage(checkout, "shell", "-c", END_SESSIONS)
    second = first.context.new_page()
    second.goto(f"{site}/admin/")
    sign_in(second, "editor", PASSWORD)
    first.click("[name=_save]")
    expect(first.get_by_text("まだ保存していません。")).to_be_visible()
    expect(first.locator("#id_editorial_note")).to_have_value("前のタブの注")
    first.click("[name=_save]")
    expect(first.get_by_text("に記録しました")).to_be_visible()
