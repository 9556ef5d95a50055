"""The table of Sakigake projects: three figures each, and a sum of nothing is not 0."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from budgets.models import Measure
from budgets.sakigake import sakigake_money

pytestmark = pytest.mark.django_db


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", html, re.DOTALL)]


def rows() -> list[str]:
    """The rows of the year's table: the head, the projects, all together."""
    money, everything = sakigake_money(2021, Measure.INITIAL)
    values = {"money": money, "everything": everything, "year": 2021}
    return re.findall(r"<tr>.*?</tr>", render_to_string("_components/sakigake_money.html", values), re.DOTALL)


def test_each_project_is_a_row_with_its_figures() -> None:
    _, *projects, _ = rows()
    assert len(projects) == 10
    assert cells(projects[0]) == [
        "1",
        "「デジタル de 子育て支援」推進プロジェクト",
        "74,262千円",
        "74,262千円",
        "0円",
        "－",
        "0",
        "資料４ 18ページ",
    ]
    assert cells(projects[3])[2:7] == ["1,154,713千円", "1,154,713千円", "20,000千円", "500,000千円", "0"]
    assert cells(projects[8])[2:7] == ["記載なし", "記載なし", "記載なし", "－", "3"]


def test_all_together_counts_once_and_nothing_was_counted_before() -> None:
    assert cells(rows()[-1]) == [
        "",
        "すべて",
        "7,418,993千円",
        "3,673,685千円",
        "－",
        "500,000千円",
        "3",
        "",
    ]


def test_each_figure_is_called_what_its_column_is() -> None:
    head, row, *_ = rows()
    assert re.findall(r'data-label="([^"]+)"', row) == cells(head)[2:]
