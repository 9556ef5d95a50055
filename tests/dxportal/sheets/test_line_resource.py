"""Rows of a sheet as django-import-export imports them: lines that fields set, errors by row and column."""

from __future__ import annotations

from typing import Any

import pytest
from import_export.results import Result
from tablib import Dataset

from dxportal.sheets.budget_sheet import BudgetSheet
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.line_resource import LineResource
from dxportal.sheets.parsed_file import CellRow
from tests.dxportal.sheets.sheet_uploads import EQUIPMENT, MUSEUM, department, find_line

pytestmark = pytest.mark.django_db

HEADERS = ("key", "fiscal_year", "project_code", "amount_thousand_yen", "stage", "note")
BEFORE: dict[str, Any] = {
    "fiscal_year": 2021,
    "project_code": "museum-exhibition",
    "amount_thousand_yen": 20000,
    "stage": "initial-with-february",
    "note": "",
}


def imported(*rows: dict[str, Any]) -> tuple[LineResource, Result]:
    """Rows of the sheet of kyoiku, each the line of the museum but for what is given."""
    cells = [tuple(({"key": MUSEUM} | BEFORE | row)[name] for name in HEADERS) for row in rows]
    base = DiffBase.of(BudgetSheet(2021, department()), {row[2] for row in cells})
    resource = LineResource([CellRow(number, own) for number, own in enumerate(cells, 2)], base)
    return resource, resource.import_data(Dataset(*cells, headers=HEADERS), use_transactions=False, base=base)


def test_a_row_that_says_what_it_said_before_is_skipped() -> None:
    resource, result = imported({})
    assert result.totals["skip"] == 1
    assert resource.edits.lines == []


def test_a_cell_that_was_written_into_is_set_on_the_line_and_nothing_is_written() -> None:
    resource, result = imported({"amount_thousand_yen": "２０，００１千円"})
    assert result.totals["update"] == 1
    (edit,) = resource.edits.lines
    assert (edit.row, edit.key, edit.line.amount_thousand_yen) == (2, MUSEUM, 20001)
    assert find_line(MUSEUM).amount_thousand_yen == 20000


def test_a_blank_amount_is_not_set() -> None:
    resource, _ = imported({"amount_thousand_yen": "", "note": "注"})
    (edit,) = resource.edits.lines
    assert (edit.line.amount_thousand_yen, edit.line.editorial_note) == (20000, "注")
    assert not edit.is_cleared


def test_the_errors_of_a_row_are_one_error_by_column_and_stop_no_other_row() -> None:
    equipment = {"key": EQUIPMENT, "project_code": "industrial-education-equipment", "amount_thousand_yen": 5}
    resource, result = imported({"amount_thousand_yen": "たくさん", "stage": "いつか", "fiscal_year": "R3①"}, equipment)
    assert not result.has_errors()
    (invalid,) = result.invalid_rows
    assert invalid.number == 1
    assert set(invalid.error_dict) == {"fiscal_year", "amount_thousand_yen", "stage"}
    assert all(len(sentences) == 1 for sentences in invalid.error_dict.values())
    assert [edit.key for edit in resource.edits.lines] == [EQUIPMENT]
