"""The desk as staff see it: signing in, every kind of page at two widths, a new password through a mail."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.administrator import ADDRESS, PASSWORD, sign_in
from tests.browser.test_every_page import NARROW, WIDE
from tests.browser.watched_tab import WatchedTab

LINE = "/admin/budgets/budgetline/"
WITHOUT_SIGNING_IN = (
    "/admin/login/",
    "/admin/password-reset/",
    "/admin/password-reset/sent/",
    "/admin/password-reset/done/",
    "/admin/password-reset/MQ/never-sent/",
)
# Tables of which a row is looked at.
ROWS = {
    "line": LINE,
    "project": "/admin/projects/project/?q=workation",
    "countermeasure": "/admin/catalog/countermeasure/",
    "sakigake": "/admin/projects/sakigakeproject/",
    "measure": "/admin/catalog/policymeasure/",
}
SIGNED_IN = (
    "/admin/",
    "/admin/budgets/",
    LINE,
    f"{LINE}?fiscal_year=2021&q=ICT&o=6",
    f"{LINE}add/",
    "{line}change/",
    "{line}delete/",
    "{line}history/",
    f"{LINE}export/",
    "/admin/projects/appearance/",
    "/admin/projects/project/",
    "{project}change/",
    "{countermeasure}change/",
    "{sakigake}change/",
    "{measure}change/",
    "/admin/sheets/",
    "/admin/password_change/",
    "/admin/password_change/done/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/auth/user/1/change/",
    "/admin/auth/user/1/password/",
)


def look(tab: WatchedTab) -> None:
    for width in (WIDE, NARROW):
        tab.resize(width)
        tab.check_width(f"{width}px")
        tab.check_axe(f"{width}px")
    tab.check_policy()


def test_nothing_is_wrong_before_signing_in(tab: WatchedTab, administrator: str) -> None:
    for path in WITHOUT_SIGNING_IN:
        tab.open(path, WIDE)
        look(tab)
    tab.assert_no_problems()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_is_wrong_with_the_pages_of_the_desk(desk: WatchedTab, colours: str) -> None:
    desk.page.emulate_media(color_scheme=colours)
    rows = {name: first_row(desk, table) for name, table in ROWS.items()}
    for path in SIGNED_IN:
        desk.open(path.format(**rows), WIDE)
        expect(desk.page.locator("#site-name")).to_be_visible()
        look(desk)
    desk.assert_no_problems()


def first_row(tab: WatchedTab, table: str) -> str:
    """The address of a row of a table, to which what is wanted of it is added."""
    tab.open(table, WIDE)
    first = tab.page.locator("#result_list tbody th a").first.get_attribute("href") or ""
    return re.sub(r"change/.*", "", first)


def test_nothing_is_wrong_with_forms_that_are_refused(desk: WatchedTab) -> None:
    for path in (f"{LINE}add/", "/admin/password_change/"):
        desk.open(path, WIDE)
        desk.page.evaluate("() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
        desk.page.locator("#content-main [type=submit]").first.click()
        expect(desk.page.locator(".errornote").first).to_be_visible()
        look(desk)
    desk.assert_no_problems()


def test_a_row_is_searched_for_by_name(desk: WatchedTab) -> None:
    desk.open(f"{LINE}add/", WIDE)
    # Who types at once makes the script give up its first question, which looks like a request that has failed.
    with desk.page.expect_response(re.compile("/admin/autocomplete/")):
        desk.page.get_by_role("combobox", name="事業").click()
    desk.page.get_by_role("searchbox", name="検索する語句").fill("ワーケーション")
    expect(desk.page.get_by_role("option", name="ワーケーション推進事業")).to_be_visible()
    look(desk)
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("combobox", name="事業")).to_have_text(re.compile("ワーケーション推進事業"))
    look(desk)
    desk.assert_no_problems()


def test_who_guesses_waits(tab: WatchedTab, administrator: str) -> None:
    tab.open("/admin/login/", WIDE)
    for attempt in range(1, 6):
        tab.expected_status = 429 if attempt == 5 else 200
        sign_in(tab.page, "nobody", "wrong")
        look(tab)
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("しばらくログインできません")
    tab.expected_status = 200
    tab.page.get_by_role("link", name="ログインのページへ").click()
    sign_in(tab.page, administrator, PASSWORD)
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("管理")
    tab.assert_no_problems()


def test_a_new_password_through_the_mail_that_the_site_prints(
    tab: WatchedTab, administrator: str, checkout: Path, context: BrowserContext
) -> None:
    tab.open("/admin/login/", WIDE)
    tab.page.get_by_role("link", name="忘れました").click()
    tab.page.get_by_label("メールアドレス").fill(ADDRESS)
    tab.page.get_by_role("button", name="リンクを送る").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("メールを確かめてください")
    tab.open(link_in(checkout / "serve.log"), WIDE)
    look(tab)
    for label in ("新しいパスワード:", "新しいパスワード(確認用):"):
        tab.page.get_by_label(label, exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="このパスワードにする").click()
    tab.page.get_by_role("link", name="ログインのページへ").click()
    sign_in(tab.page, administrator, PASSWORD)
    tab.page.get_by_role("link", name="パスワードの変更").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("パスワードの変更")
    tab.page.get_by_role("button", name="ログアウト").click()
    look(tab)
    tab.assert_no_problems()


def link_in(log: Path) -> str:
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        found = re.findall(r"http://\S+/admin/password-reset/\S+", log.read_text())
        if found:
            return urlsplit(found[-1]).path
        time.sleep(0.1)
    pytest.fail("no mail")
