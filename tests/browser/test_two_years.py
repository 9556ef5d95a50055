"""One department through two fiscal years at the desk, and what readers see after each publication."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_change_set import PASSWORD, STAFF, VISIBLE_WITHIN, manage, signed_in
from tests.browser.test_desk import look
from tests.browser.test_every_page import WIDE
from tests.browser.watched_tab import WatchedTab
from tests.dxportal.sheets.sheet_uploads import CODE, NAME, prepared_rows, type_into_row
from tests.dxportal.staff.year_steps import KIND_NAMES, write_into_sheet
from tests.ports import reserve_port
from tests.sites import run_site
from tests.two_years import (
    BORN,
    DEPARTMENT,
    DEPARTMENT_NAME,
    EXPENDITURE,
    LENDING_LIMIT,
    MEASURES,
    NAMES,
    PART_NAMES,
    PRINTED_LINES,
    STAGES,
    STEPS,
    Catalogue,
    Line,
    Step,
    add_up,
    addends,
    compare_project,
    ladder,
    lines_after,
    spent_of_available,
    words,
)


@pytest.fixture(scope="module")
def checkout(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copytree(prepared, tmp_path_factory.mktemp("years"), dirs_exist_ok=True)


@pytest.fixture(scope="module")
def desk(checkout: Path) -> Iterator[str]:
    port = reserve_port()
    with run_site(checkout, port, "--no-prepare"):
        manage(checkout, "shell", "-c", STAFF.replace("kyoiku", DEPARTMENT) % PASSWORD)
        yield f"http://127.0.0.1:{port}"


def test_a_budget_is_followed_from_year_to_year(browser: Browser, desk: str, tmp_path: Path) -> None:
    editor, bureau = (signed_in(browser, desk, name) for name in ("editor", "bureau"))
    reader = WatchedTab(browser.new_context(locale="ja-JP").new_page(), desk)
    for step in STEPS:
        if step.opens:
            start_year(bureau, desk, step.opens)
        if step.born:
            send_sheet(bureau, desk, tmp_path, step.year, None, write_born_project)
        if step.by_sheet:
            send_sheet(
                editor, desk, tmp_path, step.year, DEPARTMENT, lambda book, step=step: write_into_sheet(book, step)
            )
        else:
            for line in step.adds:
                type_line(editor, desk, line)
            editor.click(".at-work a")
        propose_and_publish(editor, bureau, step)
        time.sleep(VISIBLE_WITHIN)
        check_budgets(reader, step)
        check_projects(reader, step)
        check_control_page(reader, step)
        check_comparison(reader, step)
    reader.assert_no_problems()


def start_year(bureau: Page, desk: str, year: int) -> None:
    bureau.goto(f"{desk}/admin/sheets/")
    expect(bureau.locator("[name=year]").last).to_have_value(str(year))
    bureau.get_by_role("button", name="掲載を額なしで写す").click()
    publish_own_set(bureau)


def publish_own_set(bureau: Page) -> None:
    bureau.get_by_role("button", name="この題で提案する").click()
    bureau.get_by_role("button", name="公開する").click()
    expect(bureau.get_by_text("公開しました。")).to_be_visible()


def send_sheet(
    page: Page, desk: str, folder: Path, year: int, department: str | None, write: Callable[[Any], None]
) -> None:
    """Download a sheet, fill it in, and send it; the bureau publishes its own at once."""
    page.goto(f"{desk}/admin/sheets/")
    with page.expect_download() as begun:
        query = f"year={year}" + (f"&department={department}" if department else "")
        page.evaluate("(address) => { location.href = address; }", f"/admin/sheets/sheet.xlsx?{query}")
    file = folder / begun.value.suggested_filename
    begun.value.save_as(file)
    book = load_workbook(file)
    write(book)
    book.save(file)
    page.get_by_label("書き込んだシート").set_input_files(file)
    page.get_by_role("button", name="送って確かめる").click()
    expect(page.get_by_role("button", name="この題で提案する")).to_be_visible()
    if department is None:
        publish_own_set(page)


def write_born_project(book: Any) -> None:
    sheet = book.worksheets[0]
    values = {
        CODE: BORN.code,
        NAME: BORN.name,
        "よみ": BORN.kana,
        "部局コード": DEPARTMENT,
        "対応策コード": BORN.countermeasure,
    }
    type_into_row(sheet, prepared_rows(sheet)[0], values)


def type_line(editor: Page, desk: str, line: Line) -> None:
    editor.goto(f"{desk}/admin/budgets/budgetline/add/")
    choose(editor, "事業", NAMES[line.project])
    if line.part:
        choose(editor, "内訳", PART_NAMES[line.part])
    editor.fill("#id_fiscal_year", str(line.year))
    choose(editor, "予算区分", STAGES[line.stage][0])
    editor.select_option("#id_kind", label=KIND_NAMES[line.kind])
    editor.fill("#id_amount_thousand_yen", f"{line.amount:,}".replace("-", "△"))
    choose(editor, "所管部局", DEPARTMENT_NAME)
    editor.click("[name=_save]")
    expect(editor.get_by_text("に記録しました")).to_be_visible()


def choose(page: Page, label: str, text: str) -> None:
    """Choose a row of another table by typing a part of its name."""
    with page.expect_response(re.compile("/admin/autocomplete/")):
        page.get_by_role("combobox", name=re.compile(f"^{label}")).click()
    page.get_by_role("searchbox", name="検索する語句").fill(text)
    page.get_by_role("option", name=re.compile(f"{re.escape(text)}）?$")).click()


def propose_and_publish(editor: Page, bureau: Page, step: Step) -> None:
    """Propose the editor's set with its questions ticked; the bureau sees who ticked them, and publishes."""
    for question in step.questions:
        editor.get_by_label(re.compile(re.escape(question))).check()
    editor.get_by_role("button", name="この題で提案する").click()
    expect(editor.get_by_text("提案しました")).to_be_visible()
    bureau.goto(editor.url)
    for question in step.questions:
        expect(bureau.get_by_role("region", name="確かめること")).to_contain_text(question)
    bureau.get_by_role("button", name="公開する").click()
    expect(bureau.get_by_text("公開しました。")).to_be_visible()


def catalogue_after(step: Step) -> Catalogue:
    return Catalogue([*PRINTED_LINES, *lines_after(step)])


def text_of(tab: WatchedTab) -> str:
    return "".join(tab.page.get_by_role("main").inner_text().split())


def check_budgets(reader: WatchedTab, step: Step) -> None:
    """Each measure that the year states has a page with its total; the year opens on the first of them."""
    catalogue = catalogue_after(step)
    reader.open(f"/budgets/?year={step.year}", WIDE)
    opening, _ = MEASURES[catalogue.opening_measure(step.year)]
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text(opening)
    for measure in catalogue.stated_measures(step.year):
        reader.open(f"/budgets/?year={step.year}&measure={measure}&group=department", WIDE)
        lines = addends(measure, catalogue.of_year(step.year))
        said = text_of(reader)
        stated = [line for line in lines if line.kind == EXPENDITURE]
        assert f"{MEASURES[measure][0]}の合計は{words(add_up(lines))}です（{len(stated)}件。" in said
        limit = add_up(lines, LENDING_LIMIT)
        assert (f"{words(limit)}あり、予算額には含めていません。" in said) == (limit is not None)
        own = add_up(line for line in lines if line.department == DEPARTMENT)
        row = reader.page.get_by_role("row").filter(has=reader.page.get_by_role("rowheader", name=DEPARTMENT_NAME))
        expect(row.get_by_role("cell").first).to_have_text(words(own))
        look(reader)


def check_projects(reader: WatchedTab, step: Step) -> None:
    """The page of a project shows its year as a ladder, with how much was spent."""
    catalogue = catalogue_after(step)
    for project in dict.fromkeys(line.project for line in step.adds):
        reader.open(f"/projects/{project}/", WIDE)
        said = text_of(reader)
        for kind in (EXPENDITURE, LENDING_LIMIT):
            lines = [line for line in catalogue.of_year(step.year) if (line.project, line.kind) == (project, kind)]
            steps = ladder(lines)
            if len(steps) < 2:
                continue
            mark = f"（{KIND_NAMES[kind]}）" if kind == LENDING_LIMIT else ""
            caption = re.compile(f"（{step.year}年度）{mark}の予算の動き")
            rows = reader.page.get_by_role("table", name=caption).locator("tbody tr")
            expect(rows).to_have_text([re.compile(rf"^\s*{name}\s*{words(amount)}\s*$") for name, amount in steps])
            available, spent, unused = spent_of_available(lines)
            if available and spent is not None:
                assert f"執行率（決算÷予算現額）{100 * spent / available:.1f}％" in said
            if unused is not None:
                assert f"不用額{words(unused)}" in said
        look(reader)


def check_control_page(reader: WatchedTab, step: Step) -> None:
    """Nothing is red: the print of the first year agrees, and what came later is told."""
    for year in {step.year, PRINTED_LINES[0].year}:
        reader.open(f"/budgets/check/?year={year}", WIDE)
        expect(reader.page.locator(".alarm")).to_have_count(0)
        look(reader)


def check_comparison(reader: WatchedTab, step: Step) -> None:
    """A reason stands beside its difference; unlike amounts are not subtracted."""
    catalogue, before = catalogue_after(step), step.year - 1
    if not catalogue.of_year(before):
        return
    reader.open(f"/budgets/compare/?year={step.year}&base={before}", WIDE)
    for line in step.adds:
        change = compare_project(catalogue, line.project, before, step.year)
        row = reader.page.get_by_role("row").filter(has_text=NAMES[line.project])
        if change.change is not None:
            expect(row).to_contain_text(f"{'+' if change.change > 0 else '−'}{words(abs(change.change))}")
        if change.kind == "incomparable":
            expect(row).to_contain_text("範囲が異なる")
    for reason in step.reasons:
        row = reader.page.get_by_role("row").filter(has_text=NAMES[reason.project])
        expect(row).to_contain_text(reason.text.replace("\n", ""))
    look(reader)
