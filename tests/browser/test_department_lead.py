"""A department lead takes the department's lines away: from the home page to the Excel file in three taps."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE


def test_the_department_with_its_totals_in_excel(browser: Browser, site: str, tmp_path: Path) -> None:
    with browser.new_context(**PHONE, accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{site}/")
        page.get_by_role("main").get_by_role("link", name="教育庁", exact=True).tap()
        with page.expect_download() as begun:
            page.get_by_role("link", name="Excelでダウンロード").tap()
        begun.value.save_as(tmp_path / "taken.xlsx")
    assert begun.value.suggested_filename.startswith("予算額_令和３年度（2021年度）_教育庁_")
    table, about, _ = load_workbook(tmp_path / "taken.xlsx").worksheets
    headers, *rows = table.iter_rows(values_only=True)
    department, amount = map(headers.index, ("部局名", "予算額（千円）"))
    assert {row[department] for row in rows} == {"教育庁"}
    assert sum(row[amount] for row in rows if row[amount] is not None) == 1_779_412
    told = {label: value for _, label, value in about.iter_rows(values_only=True)}
    assert (told["件数"], told["当初予算額の合計（千円）"], told["額の記載なし（件）"]) == (17, 1_779_412, 14)
