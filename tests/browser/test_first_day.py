"""The first day: an administrator adds a user with a duty, who signs in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.administrator import sign_in
from tests.browser.test_desk import look
from tests.browser.test_every_page import WIDE
from tests.browser.watched_tab import WatchedTab

PASSWORD = "momiji-no-ha-77"  # noqa: S105  # of a site that lives for one test
SENTENCE = "この利用者は、ただ一人の管理者です。"


@pytest.fixture
def add(desk: WatchedTab) -> WatchedTab:
    """The form for a new user, filled in but for the duty."""
    desk.open("/admin/auth/user/add/", WIDE)
    for label, text in {
        "ユーザー名": "jiro",
        "姓": "防府",
        "名": "次郎",
        "メールアドレス": "jiro@pref.example",
        "パスワード": PASSWORD,
        "パスワード(確認用)": PASSWORD,
    }.items():
        desk.page.get_by_label(f"{label}:", exact=True).fill(text)
    return desk


def test_a_user_is_added_with_a_duty_and_sees_the_start_page(add: WatchedTab, browser: Browser, site: str) -> None:
    add.page.get_by_role("button", name="保存", exact=True).click()
    expect(add.page.get_by_text("役割を一つ選んでください。")).to_be_visible()
    look(add)
    for label in ("パスワード", "パスワード(確認用)"):  # never sent back
        add.page.get_by_label(f"{label}:", exact=True).fill(PASSWORD)
    add.page.locator("[name=duties-0-role]").select_option("editor")
    add.page.locator("[name=duties-0-department]").select_option(label="教育庁")
    add.page.get_by_role("button", name="保存", exact=True).click()
    expect(add.page.locator(".messagelist .success")).to_contain_text("jiro")
    look(add)
    page = browser.new_context(base_url=site, locale="ja-JP").new_page()
    page.goto("/admin/login/")
    sign_in(page, "jiro", PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("管理")
    expect(page.get_by_text("防府 次郎 さん")).to_be_visible()
    expect(page.get_by_role("link", name="予算額", exact=True).first).to_be_visible()
    page.context.close()
    add.assert_no_problems()


def test_the_last_administrator_is_told_why_nothing_is_removed(desk: WatchedTab) -> None:
    desk.open("/admin/auth/user/1/change/", WIDE)
    desk.page.get_by_label("管理者", exact=True).uncheck()
    desk.page.get_by_role("button", name="保存", exact=True).click()
    expect(desk.page.get_by_text(SENTENCE)).to_be_visible()
    look(desk)
    desk.open("/admin/auth/user/1/delete/", WIDE)
    expect(desk.page.get_by_text(SENTENCE)).to_be_visible()
    look(desk)
    desk.assert_no_problems()
