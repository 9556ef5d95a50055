"""Searching from the header of any page, by keyboard alone and without JavaScript; on a telephone and on paper too."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

MOST_STOPS = 60


def tab_until(page: Page, script: str) -> None:
    """Move the focus on until it is where the script says."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(f"() => {{ const element = document.activeElement; return {script}; }}"):
            return
    pytest.fail(f"not reached within {MOST_STOPS} stops on {page.url}: {script}")


@pytest.mark.parametrize("start", ["/", "/goals/3-1-1/", "/no-such-page/"])
def test_by_keyboard_from_any_page_to_the_exact_place(page: Page, start: str) -> None:
    page.goto(start)
    tab_until(page, 'element.matches("form[role=search] input")')
    page.keyboard.type("ｽﾏｰﾄ農業実装")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?*")
    assert parse_qs(urlsplit(page.url).query)["q"] == ["ｽﾏｰﾄ農業実装"]
    expect(page.locator(".results mark").first).to_have_text("スマート農業実装")
    tab_until(page, 'element.matches(".facets summary")')
    page.keyboard.press("Enter")
    expect(page.locator(".facets details").first).to_have_attribute("open", "")
    tab_until(page, 'element.matches(".results a") && element.href.includes("/goals/")')
    page.keyboard.press("Enter")
    page.wait_for_url("**/goals/1-4-1/?year=2021#appearance-*")
    place = page.locator(f"id={urlsplit(page.url).fragment}")
    expect(place).to_be_in_viewport()
    expect(place).to_contain_text("スマート農業実装加速化事業")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript(page: Page) -> None:
    page.goto("/plan/")
    page.locator("header input[name=q]").fill("リモートワーク")
    page.locator("header form[role=search] button").click()
    expect(page.locator("main")).to_contain_text("「テレワーク」「在宅勤務」でも検索しました。")
    page.get_by_text("種類で絞る").click()
    page.locator(".facets a", has_text="目標").click()
    expect(page.locator(".conditions")).to_contain_text("種類：目標")
    expect(page.locator(".results h3")).to_have_text(["テレワーク・ワーケーション", "スマートワーク"])
    page.get_by_role("link", name="入力した語句だけで検索する").click()
    expect(page.locator("main")).to_contain_text("この語句は見つかりませんでした")
    page.get_by_role("link", name="種類「目標」を解除して検索する").click()
    expect(page.locator(".results > li").first).to_contain_text("リモートワーク")


def test_on_a_telephone_and_on_paper(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    expect(page.locator("header input[name=q]")).to_be_in_viewport()
    page.locator("header input[name=q]").fill("ＩＣＴ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?*")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
    page.emulate_media(media="print")
    expect(page.locator(".facets")).to_be_hidden()
    expect(page.locator(".results > li").first).to_be_visible()
    expect(page.locator(".print-address")).to_contain_text("/search/?q=")
