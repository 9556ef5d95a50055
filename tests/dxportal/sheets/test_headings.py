"""A department may still hold a sheet that was fetched before its headings were changed."""

from __future__ import annotations

import pytest

from dxportal.sheets.budget_sheet import BudgetSheet
from dxportal.sheets.parsed_file import fold_cell

pytestmark = pytest.mark.on_no_database


@pytest.mark.parametrize(
    ("former", "present", "column"),
    [
        ("予算の区分", "予算区分", "stage"),
        ("性質", "種類", "nature"),
        ("重点プロジェクト番号", "プロジェクト番号", "sakigake"),
    ],
)
def test_former_headings_are_read_and_no_longer_written(former: str, present: str, column: str) -> None:
    sheet = BudgetSheet(2021, None)
    assert {sheet.by_header[fold_cell(heading)].name for heading in (former, present)} == {column}
    assert present in sheet.labels
    assert former not in sheet.labels
