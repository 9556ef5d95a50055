"""The administrator of the served site, and how to sign in."""

from __future__ import annotations

from playwright.sync_api import Page

NAME, ADDRESS, PASSWORD = "hanako", "hanako@pref.example", "sakura-no-hana-42"


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("ユーザー名").fill(name)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="ログイン").click()
