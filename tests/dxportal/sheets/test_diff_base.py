"""An uploaded sheet is compared with the rows of the projects that it names, not with the whole year."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dxportal.sheets.budget_sheet import BudgetSheet
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.parsed_file import CellRow, ParsedFile
from dxportal.sheets.uploading import collect_codes
from tests.dxportal.sheets.sheet_uploads import EQUIPMENT, MUSEUM, SILENT, department

pytestmark = pytest.mark.django_db

SHEET_HEADERS = ["行キー", "事業コード", "予算額（千円）"]


def file(*rows: tuple[str, str, int]) -> ParsedFile:
    cells = [CellRow(number, row) for number, row in enumerate(rows, 2)]
    return ParsedFile("csv", "sheet.csv", SHEET_HEADERS, cells, {}, [])


def test_only_the_projects_that_a_file_names_are_read() -> None:
    sheet = BudgetSheet(2021, department())
    everything = {row["key"] or row["project_code"] for row in sheet}
    base = DiffBase.of(sheet, collect_codes(file((MUSEUM, "", 1), ("", "ｅｄｕｃａｔｉｏｎ－computers", 2)), sheet))
    assert set(base.rows) == {MUSEUM, SILENT} < everything
    assert set(base.lines) == {MUSEUM}
    assert set(base.projects) == {"museum-exhibition", SILENT}


def test_the_number_of_queries_does_not_grow_with_the_file() -> None:
    sheet = BudgetSheet(2021, None)
    codes = {row["project_code"] for row in sheet}
    counts = []
    for some in ({"museum-exhibition"}, codes):
        with CaptureQueriesContext(connection) as queries:
            DiffBase.of(sheet, some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("text", ["museum\0exhibition", "", "A b", "х" * 5000])
def test_what_can_be_no_code_is_no_value_for_a_query(text: str) -> None:
    sheet = BudgetSheet(2021, department())
    assert collect_codes(file((EQUIPMENT, text, 1), (f"{text}/2021", "", 1)), sheet) == {EQUIPMENT.partition("/")[0]}
