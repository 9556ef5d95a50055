"""Departments in two years: no project, no amount and nothing are three different things."""

from __future__ import annotations

import re

import pytest

from budgets.comparison import ComparedDepartment, ComparedTotal
from budgets.totals import Total
from dxportal.public.compared_rows import DepartmentRows

pytestmark = pytest.mark.on_no_database

SILENT, NOTHING, SOME = Total(0, 0, 0, 0, 2), Total(0, 0, 1, 0, 0), Total(1_234, 500, 3, 1, 0)


def rows(unit: str | None = None) -> DepartmentRows:
    departments = [
        ComparedDepartment("総務<部>", None, SOME),
        ComparedDepartment("教育庁", SILENT, NOTHING),
    ]
    return DepartmentRows(ComparedTotal(departments, {}), "令和２年度", "令和<３>年度", unit)


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", html, re.DOTALL)]


def test_a_row_for_each_department() -> None:
    assert cells(rows().body) == ["総務&lt;部&gt;", "事業なし", "1,234千円", "教育庁", "記載なし", "0千円"]
    assert 'data-label="令和&lt;３&gt;年度"' in rows().body


def test_all_together() -> None:
    assert cells(rows().foot) == ["全体", "記載なし", "1,234千円"]


def test_the_unit_is_that_of_the_page() -> None:
    assert "123万4千円" in rows("words").body
    assert "123万4千円" in rows("words").foot
