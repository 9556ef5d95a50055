"""Departments in two years: no project, no amount and nothing are three different things."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from budgets.comparison import ComparedDepartment, ComparedTotal
from budgets.models import Measure
from budgets.totals import Total

pytestmark = pytest.mark.on_no_database

SILENT, NOTHING, SOME = Total(0, 0, 0, 0, 2), Total(0, 0, 1, 0, 0), Total(1_234, 500, 3, 1, 0)


def rows(unit: str | None = None) -> tuple[str, str]:
    """The body and the foot of the table."""
    departments = [
        ComparedDepartment("総務<部>", None, SOME),
        ComparedDepartment("教育庁", SILENT, NOTHING),
    ]
    values = {
        "total": ComparedTotal(Measure.INITIAL, departments, {}, covers_the_same=True),
        "base_year": 2020,
        "year": 2021,
        "unit": unit,
    }
    _, body, foot = re.split("<tbody>|<tfoot>", render_to_string("_components/compared_departments.html", values))
    return body, foot


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh].*?</t[dh]>", html, re.DOTALL)]


def test_a_row_for_each_department() -> None:
    body, _ = rows()
    assert cells(body) == ["総務&lt;部&gt;", "－", "1,234千円", "教育庁", "記載なし", "0円"]
    assert re.findall('data-label="([^"]*)"', body)[:2] == ["令和２年度（2020年度）", "令和３年度（2021年度）"]


def test_all_together() -> None:
    assert cells(rows()[1]) == ["全体", "記載なし", "1,234千円"]


def test_the_unit_is_that_of_the_page() -> None:
    assert ["123万4千円" in part for part in rows("words")] == [True, True]
