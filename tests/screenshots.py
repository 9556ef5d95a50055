"""`make screenshots`: the pictures of the README, made from the running product with the shipped plan.

Starts a site of its own, lets a department's editor send two sheets, and photographs what they see.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from tests import chromium
from tests.libreoffice import LibreOffice
from tests.ports import reserve_port
from tests.sites import ROOT, clean_environment, copy_checkout, run_site

PICTURES = ROOT / "docs/pictures"
# High enough that nothing has to be scrolled; twice as many pixels, for screens that have them.
VIEWPORT: ViewportSize = {"width": 1120, "height": 3000}
SCALE = 2
PASSWORD = "hagi-no-natsumikan-1"  # noqa: S105  # of a site that lives for one run
STAFF = f"""
from django.contrib.auth.models import User
from catalog.models import Department
from dxportal.staff.models import Duty, Role
user = User.objects.create_user("midori", password={PASSWORD!r}, last_name="萩原", first_name="みどり")
Duty.objects.create(user=user, role=Role.EDITOR, department=Department.objects.get(code="kyoiku"))
"""
# Heads of the sheet's columns.
CODES, STAGES, AMOUNTS = "事業コード", "予算区分", "予算額（千円）"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        home = Path(temporary)
        checkout, port = copy_checkout(home / "site"), reserve_port()
        with run_site(checkout, port):
            manage(checkout, "shell", "-c", STAFF)
            browser = playwright.chromium.launch(
                executable_path=chromium.find_executable(), args=chromium.launch_arguments()
            )
            try:
                page = new_page(browser, f"http://127.0.0.1:{port}")
                photograph_budgets(page)
                sign_in(page)
                photograph_change_set(page, home)
                photograph_workbook(page, home)
            finally:
                browser.close()
    shrink()


def new_page(browser: Browser, site: str) -> Page:
    context = browser.new_context(
        base_url=site, locale="ja-JP", reduced_motion="reduce", viewport=VIEWPORT, device_scale_factor=SCALE
    )
    return context.new_page()


def photograph_budgets(page: Page) -> None:
    """Photograph a table of budgets, the largest first, from its heading to the sixth row."""
    page.goto("/budgets/?year=2021&sort=-amount_thousand_yen")
    photograph(page, "budgets", page.locator("h1"), page.locator("main tbody tr").nth(5))


def photograph_change_set(page: Page, home: Path) -> None:
    """Photograph the change set that a sheet becomes: before → after, and what moves in the totals."""
    sheet = fetch_sheet(page, home)
    type_into(sheet, AMOUNTS, {"ict-advanced-education": 190_200, "museum-exhibition": 24_500})
    send(page, sheet)
    page.locator("#toggle-nav-sidebar").click()
    photograph(page, "change-set", page.locator("h1").last, page.locator("main table").last)


def photograph_workbook(page: Page, home: Path) -> None:
    """Photograph the copy, open in LibreOffice, in which the cells are marked that are not understood."""
    sheet = fetch_sheet(page, home)
    type_into(sheet, AMOUNTS, {"ict-advanced-education": "△500"})
    type_into(sheet, STAGES, {"museum-exhibition": "９月補正"})
    send(page, sheet)
    marked = fetch(page, f"{page.url}marked.xlsx")
    (home / "marked.pdf").write_bytes(LibreOffice(home).print_to_pdf(marked, "A1:S10", "BCDEFKLMN"))
    to_png = ["pdftoppm", "-png", "-singlefile", "-scale-to-x", str(VIEWPORT["width"] * SCALE), "-scale-to-y", "-1"]
    subprocess.run([*to_png, home / "marked.pdf", PICTURES / "marked-workbook"], check=True)


def sign_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.locator("[name=username]").fill("midori")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()


def fetch_sheet(page: Page, home: Path) -> Path:
    """Fetch the sheet of the editor's department."""
    file = home / "教育庁.xlsx"
    file.write_bytes(fetch(page, "/admin/sheets/sheet.xlsx?year=2021&department=kyoiku"))
    return file


def fetch(page: Page, address: str) -> bytes:
    response = page.request.get(address)
    assert response.ok, f"{address}: {response.status}"
    return response.body()


def type_into(file: Path, column: str, values: dict[str, Any]) -> None:
    """Type values into a column, in the rows of these projects."""
    book = load_workbook(file)
    table: Any = book.worksheets[0]
    headers = [cell.value for cell in table[1]]
    for row in table.iter_rows(min_row=2):
        code = row[headers.index(CODES)].value
        if code in values:
            row[headers.index(column)].value = values[code]
    book.save(file)


def send(page: Page, file: Path) -> None:
    page.goto("/admin/sheets/")
    page.locator("[name=sheet]").set_input_files(file)
    page.locator("form:has([name=sheet]) button").click()
    page.wait_for_load_state()


def photograph(page: Page, name: str, first: Locator, last: Locator) -> None:
    """Write a picture of the page's width, from one element to another."""
    top, bottom = first.bounding_box(), last.bounding_box()
    assert top, name
    assert bottom, name
    begin, end = top["y"] - 24, bottom["y"] + bottom["height"] + 8
    page.screenshot(
        path=PICTURES / f"{name}.png", clip={"x": 0, "y": begin, "width": VIEWPORT["width"], "height": end - begin}
    )


def shrink() -> None:
    """Let each picture have as few colours as it needs: a third of the bytes, and the eye sees no difference."""
    options = ["--quality=60-90", "--strip", "--force", "--ext=.png"]
    subprocess.run(["pngquant", *options, *PICTURES.glob("*.png")], check=True)


def manage(checkout: Path, *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=checkout,
        env=clean_environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
