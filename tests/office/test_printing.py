"""Workbooks printed by LibreOffice: A4 landscape, as wide as one page, the header on each page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from dxportal.sheets.budget_sheet import BudgetSheet
from tests.dxportal.exports.reading_files import fetched
from tests.dxportal.sheets.sheet_uploads import KYOIKU, department, sheet_bytes
from tests.libreoffice import LibreOffice

pytestmark = pytest.mark.django_db

PAGE_SIZE = re.compile(r"Page +\d+ size: +([\d.]+) x ([\d.]+) pts")


def print_pages(folder: Path, content: bytes) -> dict[str, list[str]]:
    """Print a workbook; return the text of its pages by the title of their worksheet, which stands in the footer."""
    (pdf,) = LibreOffice(folder).convert({"sheet.xlsx": content}, "pdf").iterdir()
    sizes = PAGE_SIZE.findall(run("pdfinfo", "-l", "-1", str(pdf)))
    pages = run("pdftotext", "-layout", str(pdf), "-").split("\f")[:-1]
    assert [(round(float(width)), round(float(height))) for width, height in sizes] == [(842, 595)] * len(pages)
    by_title: dict[str, list[str]] = {}
    for page in pages:
        *_, footer = filter(None, map(str.strip, page.splitlines()))
        by_title.setdefault(footer.split()[0], []).append(page)
    return by_title


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_sheet_of_a_department_prints_on_two_pages(tmp_path: Path) -> None:
    pages = print_pages(tmp_path, sheet_bytes(KYOIKU))
    table = pages["予算シート"]
    assert len(table) <= 2
    for page in table:
        assert page.split()[:3] == ["事業名", "年度", "事業コード"]
        assert not {"行キー", "URL", "予算区分の種類", "額の状態"} & {*page.split()}
    whole = without_spaces("".join(table))
    rows = list(BudgetSheet(2021, department()))
    assert len(rows) == 17
    for row in rows:
        assert row["project_code"] in whole
    assert "選択肢" not in pages
    assert len(pages["説明"]) <= 2


def test_the_sheet_of_all_departments_has_its_header_on_each_page(tmp_path: Path) -> None:
    for page in print_pages(tmp_path, sheet_bytes(None))["予算シート"]:
        assert page.split()[:3] == ["事業名", "年度", "事業コード"]


@pytest.mark.parametrize(
    ("address", "title", "first"),
    [
        ("/budgets.xlsx?year=2021", "予算額", "年度"),
        ("/listings.xlsx?year=2021", "関連事業", "年度"),
        ("/projects.xlsx", "事業", "事業コード"),
    ],
)
def test_a_public_file_has_its_header_on_each_page(
    client: Client, tmp_path: Path, address: str, title: str, first: str
) -> None:
    pages = print_pages(tmp_path, fetched(client, address))
    assert set(pages) == {title, "説明", "項目の説明"}
    for page in pages[title]:
        assert page.split()[0] == first
        assert "URL" not in page.split()
