"""February: a department takes its sheet, types amounts in LibreOffice, the bureau publishes what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_change_set import PASSWORD, STAFF, fetched, manage, signed_in
from tests.browser.test_desk import look
from tests.browser.test_every_page import WIDE
from tests.browser.watched_tab import WatchedTab
from tests.libreoffice import LibreOffice
from tests.ports import reserve_port
from tests.sites import run_site

TYPED = {"ict-advanced-education": 186_679, "museum-exhibition": 20_002, "industrial-education-equipment": 1_572_737}


@pytest.fixture(scope="module")
def checkout(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copytree(prepared, tmp_path_factory.mktemp("february"), dirs_exist_ok=True)


@pytest.fixture(scope="module")
def desk(checkout: Path) -> Iterator[str]:
    port = reserve_port()
    with run_site(checkout, port, "--no-prepare"):
        manage(checkout, "shell", "-c", STAFF % PASSWORD)
        yield f"http://127.0.0.1:{port}"


def taken(page: Page, desk: str, folder: Path) -> Path:
    """The sheet of the editor's department, by the links that they see."""
    page.goto(f"{desk}/admin/")
    page.get_by_role("link", name="Excelでダウンロードし、記入して提出する").click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Excel", exact=True).click()
    begun.value.save_as(folder / begun.value.suggested_filename)
    return folder / begun.value.suggested_filename


def cells_of(sheet: Path) -> dict[str, str]:
    """Return the coordinate of the amount's cell for each project code."""
    table = load_workbook(sheet).worksheets[0]
    headers = [cell.value for cell in table[1]]
    key, code, amount = map(headers.index, ("行キー", "事業コード", "予算額（千円）"))
    return {row[code].value: row[amount].coordinate for row in table.iter_rows(min_row=2) if row[key].value}


def look_at(page: Page, desk: str) -> None:
    """A fresh look, for a download looks like a request that has failed."""
    tab = WatchedTab(page, desk)
    tab.open(page.url.removeprefix(desk), WIDE)
    look(tab)
    tab.assert_no_problems()


def send(page: Page, file: Path) -> None:
    page.get_by_label("書き込んだシート").set_input_files(file)
    page.get_by_role("button", name="送って確かめる").click()


def test_the_whole_of_february(browser: Browser, desk: str, tmp_path: Path) -> None:
    editor = signed_in(browser, desk, "editor")
    sheet = taken(editor, desk, tmp_path)
    assert sheet.name.startswith("予算シート_令和３年度（2021年度）_教育庁_")
    places = cells_of(sheet)
    office = LibreOffice(tmp_path)

    filled = tmp_path / "書き込んだ.xlsx"
    filled.write_bytes(office.type_into(sheet.read_bytes(), {places[code]: amount for code, amount in TYPED.items()}))
    send(editor, filled)
    expect(editor.get_by_text("17行を読み、変更3件をまとめました")).to_be_visible()
    seen = editor.inner_text("body")
    assert "1,779,412千円" in seen
    assert "1,779,418千円" in seen
    look_at(editor, desk)
    editor.get_by_role("button", name="この題で提案する").click()
    expect(editor.get_by_text("提案しました")).to_be_visible()
    address = editor.url
    public = json.loads(fetched(f"{desk}/budgets.json?year=2021&department=kyoiku"))
    assert public["totals"]["expenditure_thousand_yen"] == 1_779_412

    bureau = signed_in(browser, desk, "bureau")
    bureau.goto(address)
    bureau.get_by_role("button", name="公開する").click()
    expect(bureau.get_by_text("公開しました。")).to_be_visible()

    bureau.goto(f"{desk}/budgets/?year=2021&department=kyoiku")
    shown = bureau.get_by_role("main").inner_text()
    for amount in TYPED.values():
        assert f"{amount:,}" in shown
    with bureau.expect_download() as begun:
        bureau.get_by_role("link", name="Excel", exact=True).first.click()
    begun.value.save_as(tmp_path / "公開.xlsx")
    table: Any = load_workbook(BytesIO((tmp_path / "公開.xlsx").read_bytes())).worksheets[0]
    headers, *rows = table.iter_rows(values_only=True)
    code, amount = map(headers.index, ("事業コード", "予算額（千円）"))
    amounts = {row[code]: row[amount] for row in rows if row[amount] is not None}
    assert amounts == TYPED

    again = taken(editor, desk, tmp_path)
    unedited = tmp_path / "直していない.xlsx"
    unedited.write_bytes(office.type_into(again.read_bytes(), {}))
    send(editor, unedited)
    expect(editor.get_by_text("変わったところはありませんでした")).to_be_visible()
    look_at(editor, desk)


def test_what_is_wrong_is_told_and_comes_back_marked(browser: Browser, desk: str, tmp_path: Path) -> None:
    editor = signed_in(browser, desk, "editor")
    sheet = taken(editor, desk, tmp_path)
    book = load_workbook(sheet)
    table: Any = book.worksheets[0]
    for cell, value in zip(cells_of(sheet).values(), ("△500", "二万", "=A1"), strict=True):
        table[cell].value = value
    book.save(sheet)
    send(editor, sheet)
    expect(editor.get_by_text("直すところが3か所あります")).to_be_visible()
    look_at(editor, desk)
    with editor.expect_download() as begun:
        editor.get_by_role("link", name="印を付けた写しを受け取る").click()
    begun.value.save_as(tmp_path / "写し.xlsx")
    cell = load_workbook(tmp_path / "写し.xlsx").worksheets[0][next(iter(cells_of(sheet).values()))]
    assert "減額（△）を入れられるのは" in cell.comment.text
    editor.goto(f"{desk}/admin/sheets/")
    look_at(editor, desk)


def test_a_new_year_is_started_and_its_sheet_taken(browser: Browser, desk: str, tmp_path: Path) -> None:
    bureau = signed_in(browser, desk, "bureau")
    tab = WatchedTab(bureau, desk)
    tab.open("/admin/sheets/", WIDE)
    look(tab)
    bureau.get_by_role("button", name="掲載を額なしで写す").click()
    expect(bureau.get_by_text("掲載を額なしで写しました")).to_be_visible()
    bureau.get_by_role("button", name="この題で提案する").click()
    bureau.get_by_role("button", name="公開する").click()
    expect(bureau.get_by_text("公開しました。")).to_be_visible()
    editor = signed_in(browser, desk, "editor")
    sheet = taken(editor, desk, tmp_path)
    assert sheet.name.startswith("予算シート_令和４年度（2022年度）_教育庁_")
    assert cells_of(sheet) == {}
    tab.assert_no_problems()
