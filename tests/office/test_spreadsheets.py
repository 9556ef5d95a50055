"""LibreOffice, a program that is not ours, sees in our files the cells that we meant, and no formula."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.test import Client
from openpyxl import Workbook
from openpyxl.utils.escape import unescape
from pytest_django import DjangoDbBlocker

from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import load_folder
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.tables.cell_values import unescape_formula
from tests.dxportal.exports.reading_files import as_text, csv_cells, excel_cells, fetched
from tests.libreoffice import Cells, LibreOffice
from tests.office.texts import DANGEROUS, HARMLESS, LIKE_NUMBERS, TEXTS, write_next_year, write_texts
from tests.plans import MINAMIHOSHI

pytestmark = pytest.mark.django_db  # pytest-django makes a database only where a test is marked

ADDRESSES = (
    "budgets?year=2023",
    "budgets?year=2024&group=department&sort=-amount_thousand_yen",
    "sakigake?year=2023",
    "listings?year=2023",
    "projects?",
    "budgets/compare?base=2023&year=2024",
)
EMPTY = ("minamihoshi", "sakigake?year=2023")  # that prefecture has no Sakigake projects
SPOILT = (
    "budgets?year=2021",
    "budgets?year=2022&group=department&q=%3D",  # the filter is a text that begins with =
    "sakigake?year=2021",
    "listings?year=2021",
    "projects?",
    "budgets/compare?base=2021&year=2022",
)
ASKED = [
    (plan, address, header)
    for plan, addresses in (("minamihoshi", ADDRESSES), ("spoilt", SPOILT))
    for address in addresses
    for header in ("label", "name")
]
NAMES = {asked: f"{number:02}" for number, asked in enumerate(ASKED)}
SHEETS = {
    "budgets": "予算額",
    "sakigake": "構成事業",
    "listings": "関連事業",
    "projects": "事業",
    "budgets/compare": "年度の比較",
}
LINE_BREAK = re.compile(r"\r\n?")

asked = pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(asked))


@dataclass(frozen=True)
class Opened:
    """The files by the names of `NAMES`, and what LibreOffice sees in them."""

    files: dict[str, bytes]
    sheets: dict[str, dict[str, Cells]]
    kinds: dict[str, Counter[str]]

    def excel(self, asked: tuple[str, str, str]) -> bytes:
        return self.files[f"{NAMES[asked]}.xlsx"]

    def csv(self, asked: tuple[str, str, str]) -> Cells:
        return csv_cells(self.files[f"{NAMES[asked]}.csv"])

    def sheet(self, asked: tuple[str, str, str], ending: str = "xlsx") -> Cells:
        table = asked[1].partition("?")[0]
        sheets = self.sheets[f"{NAMES[asked]}.{ending}"]
        return sheets[SHEETS[table] if ending == "xlsx" else NAMES[asked]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> LibreOffice:
    return LibreOffice(tmp_path_factory.mktemp("libreoffice"))


@pytest.fixture(scope="module")
def opened(office: LibreOffice, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Opened:
    """All tables of the invented plan and of a plan whose texts are those that spreadsheets spoil."""
    files: dict[str, bytes] = {}
    with django_db_blocker.unblock():
        for plan in ("spoilt", "minamihoshi"):
            with transaction.atomic():
                if plan == "spoilt":
                    write_texts()
                    write_next_year()
                    refresh_derived_tables(None)  # nobody has published this
                else:
                    load_folder(read_folder(MINAMIHOSHI), replace=True)
                files |= dict(fetch(plan))
                transaction.set_rollback(True)
    workbooks = {name: content for name, content in files.items() if name.endswith(".xlsx")}
    texts = {name: content for name, content in files.items() if name.endswith(".csv")}
    return Opened(
        files,
        office.read_sheets(workbooks) | office.read_sheets(texts),
        office.count_cell_types(workbooks) | office.count_cell_types(texts),
    )


def fetch(plan: str) -> Iterator[tuple[str, bytes]]:
    for asked, name in NAMES.items():
        if asked[0] == plan:
            table, _, query = asked[1].partition("?")
            for ending in ("csv", "xlsx"):
                yield f"{name}.{ending}", fetched(Client(), f"/{table}.{ending}?{query}&header={asked[2]}")


def as_in_a_sheet(cells: Cells) -> Cells:
    """A sheet knows one kind of line break and no zeros behind a number; a CSV keeps what was written."""
    percent = [number for number, name in enumerate(cells[0]) if name in {"change_percent", "増減率（％）"}]
    rows = [[LINE_BREAK.sub("\n", text) for text in row] for row in cells]
    for row in rows[1:]:
        for number in percent:
            row[number] = row[number].removesuffix(".0")
    return rows


def formulas_in_xml(workbook: bytes) -> int:
    with ZipFile(BytesIO(workbook)) as parts:
        return sum(len(re.findall(rb"<(?:\w+:)?f[\s/>]", parts.read(name))) for name in parts.namelist())


def test_formulas_are_seen_where_there_are_some(office: LibreOffice) -> None:
    """The counters that find nothing below find what is there."""
    workbook, file = Workbook(), BytesIO()
    workbook.create_sheet().append(["=1+1", "=SUM(A1)", 7, "七"])
    workbook.save(file)
    assert formulas_in_xml(file.getvalue()) == 2
    raw = "".join(f'"{text.replace(chr(34), chr(34) * 2)}",x\r\n' for text in DANGEROUS)
    kinds = office.count_cell_types({"formulas.xlsx": file.getvalue()}) | office.count_cell_types(
        {"raw.csv": raw.encode("utf-8-sig")}
    )
    assert kinds["formulas.xlsx"] == {"formula": 2, "float": 3, "string": 1}
    assert kinds["raw.csv"]["formula"] == 3


@asked
def test_libreoffice_sees_the_cells_of_our_csv_in_our_workbook(opened: Opened, asked: tuple[str, str, str]) -> None:
    expected = opened.csv(asked)
    assert opened.sheet(asked) == as_in_a_sheet(expected)
    assert (len(expected) > 1) is (asked[:2] != EMPTY)


@asked
def test_the_second_sheet_tells_of_the_rows_of_the_first(opened: Opened, asked: tuple[str, str, str]) -> None:
    about = opened.sheets[f"{NAMES[asked]}.xlsx"]["説明"]
    read = as_text(excel_cells(opened.excel(asked), 1))
    assert about == [[unescape(text) for text in row] for row in read[: len(about)]]
    header, *rows = opened.csv(asked)
    told = {row[1]: row[2] for row in reversed(about)}
    if asked[1].startswith("budgets?"):
        amount = header.index("予算額（千円）" if asked[2] == "label" else "amount_thousand_yen")
        assert told["当初予算額の合計（千円）"] == str(sum(int(row[amount]) for row in rows if row[amount]))
    assert told["件数"] == str(len(rows))


@asked
def test_no_workbook_holds_a_formula_and_every_number_is_one(opened: Opened, asked: tuple[str, str, str]) -> None:
    assert formulas_in_xml(opened.excel(asked)) == 0
    kinds = opened.kinds[f"{NAMES[asked]}.xlsx"]
    cells = [
        cell
        for sheet in (0, 1, 2)
        for row in excel_cells(opened.excel(asked), sheet)
        for cell in row
        if cell is not None
    ]
    numbers = sum(isinstance(cell, int | float) for cell in cells)
    assert kinds == {"float": numbers, "string": len(cells) - numbers}


@asked
def test_no_csv_holds_a_formula(opened: Opened, asked: tuple[str, str, str]) -> None:
    assert opened.kinds[f"{NAMES[asked]}.csv"]["formula"] == 0
    assert opened.kinds[f"{NAMES[asked]}.csv"]["string"] > 0


PROJECTS = ("spoilt", "projects?", "name")


def names_of_projects(cells: Cells) -> set[str]:
    column = cells[0].index("project_name")
    return {row[column] for row in cells[1:]}


@pytest.mark.parametrize("text", DANGEROUS, ids=ascii)
def test_a_dangerous_text_has_a_mark_before_it_wherever_it_is_seen(opened: Opened, text: str) -> None:
    in_csv, in_sheet, in_opened_csv = (
        names_of_projects(cells)
        for cells in (opened.csv(PROJECTS), opened.sheet(PROJECTS), opened.sheet(PROJECTS, "csv"))
    )
    assert "'" + text in in_csv
    assert "'" + text.replace("\r", "\n") in in_sheet & in_opened_csv
    assert unescape_formula("'" + text) == text


@pytest.mark.parametrize("text", [*HARMLESS, *LIKE_NUMBERS], ids=lambda text: ascii(text[:20]))
def test_any_other_text_is_seen_as_it_is(opened: Opened, text: str) -> None:
    """LibreOffice reads _xHHHH_ as Excel does: our _x001B_ is ESC again, our _x005F_x001B_ the literal _x001B_."""
    text = text[:200]
    assert text in names_of_projects(opened.csv(PROJECTS))
    assert LINE_BREAK.sub("\n", text) in names_of_projects(opened.sheet(PROJECTS))
    if text not in LIKE_NUMBERS:
        assert LINE_BREAK.sub("\n", text) in names_of_projects(opened.sheet(PROJECTS, "csv"))


def test_what_xml_cannot_hold_is_written_as_excel_writes_it(opened: Opened) -> None:
    with ZipFile(BytesIO(opened.excel(PROJECTS))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    for written in ("電_x001B_子", "縦_x000B_タブ", ">_x005F_x001B_<", ">__x005F_x001B__<", "改_x005F_x000D_行"):
        assert written in sheet
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", sheet)


def test_every_text_stands_in_the_spoilt_plan(opened: Opened) -> None:
    assert {unescape_formula(name) for name in names_of_projects(opened.csv(PROJECTS))} >= {
        text[:200] for text in TEXTS
    }
