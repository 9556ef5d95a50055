"""The cells of tables on the screen: one kind for each type of column, and nothing in them that is not escaped."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from dxportal.public.table_cells import ColumnHeader, write_cells
from dxportal.tables.columns import Column, ColumnType

pytestmark = pytest.mark.on_no_database

NAME = Column("name", "名", ColumnType.TEXT, link="/projects/{code}/")


def cell_of(column: Column, row: dict[str, Any], unit: str | None = None) -> str:
    """Return the content of a column's cell, without the cell's tags."""
    ((html,),) = write_cells([column], [row], "name", unit)
    label = f'<td data-label="{column.label}"'
    assert html.startswith((f"{label}>", f'{label} class="number">'))
    assert html.endswith("</td>")
    return html.partition(">")[2].removesuffix("</td>")


def test_the_column_that_names_a_row_heads_it_and_leads_to_its_page() -> None:
    rows = [{"name": "道づくり", "code": "road"}, {"name": "川づくり", "code": "river"}]
    assert write_cells([NAME], rows, "name", None) == [
        ['<th scope="row"><a href="/projects/road/">道づくり</a></th>'],
        ['<th scope="row"><a href="/projects/river/">川づくり</a></th>'],
    ]


@pytest.mark.parametrize(
    ("type_", "value", "html"),
    [
        (ColumnType.TEXT, "道", "道"),
        (ColumnType.TEXT, "", ""),
        (ColumnType.TEXT, None, ""),
        (ColumnType.NUMBER, 0, "0"),
        (ColumnType.NUMBER, 1234, "1234"),
        (ColumnType.NUMBER, None, ""),
        (ColumnType.MARK, True, '<span class="badge">再掲</span>'),
        (ColumnType.MARK, False, ""),
        (ColumnType.MONEY, 0, '<span class="money">0円</span>'),
        (ColumnType.MONEY, None, '<span class="money money-none">記載なし</span>'),
        (ColumnType.DIFFERENCE, -1000, "−1,000千円"),
        (ColumnType.DIFFERENCE, 0, "0円"),
        (ColumnType.DIFFERENCE, None, '<span class="quiet">－</span>'),
        (ColumnType.PERCENT, 33.3, "+33.3"),
        (ColumnType.PERCENT, 0.0, "0.0"),
        (ColumnType.PERCENT, None, '<span class="quiet">－</span>'),
    ],
)
def test_each_type_is_written_in_its_way_and_nothing_is_not_zero(type_: ColumnType, value: Any, html: str) -> None:
    assert cell_of(Column("x", "列", type_), {"x": value}) == html


def test_figures_stand_flush_right_and_texts_do_not() -> None:
    for type_, value, flush_right in (
        (ColumnType.MONEY, 1, True),
        (ColumnType.NUMBER, 1, True),
        (ColumnType.TEXT, "道", False),
    ):
        column = Column("x", "列", type_)
        ((html,),) = write_cells([column], [{"x": value}], "name", None)
        assert ('class="number"' in html) is flush_right


def test_money_in_words_stands_before_the_figure() -> None:
    column = Column("x", "額", ColumnType.MONEY)
    assert cell_of(column, {"x": 10}, "words") == '<span class="money">1万円<br><small>10千円</small></span>'
    assert cell_of(column, {"x": None}, "words") == '<span class="money money-none">記載なし</span>'


def test_where_there_is_no_project_nothing_could_be_stated() -> None:
    column = Column("x", "額", ColumnType.MONEY, absent=("change", "new"))
    assert cell_of(column, {"x": None, "change": "new"}) == '<span class="quiet">－</span>'
    assert cell_of(column, {"x": None, "change": "same"}) == '<span class="money money-none">記載なし</span>'


def test_choices_are_told_in_words_and_codes_by_their_names() -> None:
    assert cell_of(Column("x", "種別", ColumnType.CHOICE, words={"loan": "融資枠"}), {"x": "loan"}) == "融資枠"
    assert cell_of(Column("x", "種別", ColumnType.CHOICE, words={"loan": "融資枠"}), {"x": None}) == ""
    named = Column("x", "区分", ColumnType.CHOICE, named_by="x_name")
    assert cell_of(named, {"x": "initial", "x_name": "当初"}) == "当初"
    assert cell_of(named, {"x": None, "x_name": None}) == ""


def test_a_value_leads_to_its_page_and_nothing_leads_nowhere() -> None:
    column = Column("x", "部局", ColumnType.TEXT, link="/departments/{code}/")
    assert cell_of(column, {"x": "教育庁", "code": "edu"}) == '<a href="/departments/edu/">教育庁</a>'
    assert cell_of(column, {"x": None, "code": None}) == ""
    named = Column("x", "区分", ColumnType.CHOICE, named_by="x_name", link="/{x}/")
    assert cell_of(named, {"x": "a", "x_name": "当初"}) == '<a href="/a/">当初</a>'
    assert cell_of(named, {"x": "a", "x_name": None}) == ""


@given(st.text(), st.text())
def test_no_text_is_taken_for_markup(text: str, label: str) -> None:
    column = Column("x", label, ColumnType.TEXT, link="/{x}/")
    row = {"x": f"<b>{text}\"'&", "name": f"<i>{text}", "code": f'"><s>{text}'}
    html = (
        render_table([], write_cells([NAME, column], [row], "name", None))
        .partition("<tbody>")[2]
        .partition("</tbody>")[0]
    )
    for tag in ("tr", "th", "td", "a", "br"):
        html = html.replace(f"<{tag}", "").replace(f"</{tag}>", "")
    assert "<" not in html
    assert html.count('"') == 2 + 2 * 2 + 2, "quotation marks are those of the attributes"


def render_table(heads: list[ColumnHeader], rows: list[list[str]]) -> str:
    """The table that holds them."""
    table = SimpleNamespace(headers=heads, rows=rows, selection=None, page=None)
    return render_to_string("_components/table/rows.html", {"table": table})


def head(*heads: ColumnHeader) -> list[str]:
    return re.findall("<th .*</th>", render_table(list(heads), []))


def test_the_head_of_a_column_sorts_by_it_and_says_how_it_is_sorted() -> None:
    assert head(ColumnHeader("名<", False, "", "")) == ['<th scope="col">名&lt;</th>']
    assert head(ColumnHeader("額", True, "?a=1&sort=-y", "")) == [
        '<th scope="col" class="number"><a href="?a=1&amp;sort=-y" rel="nofollow">額</a></th>'
    ]
    assert head(
        ColumnHeader("名", False, "?sort=-x", "ascending"), ColumnHeader("名", False, "?sort=x", "descending")
    ) == [
        '<th scope="col" aria-sort="ascending"><a href="?sort=-x" rel="nofollow">名 ▲</a></th>',
        '<th scope="col" aria-sort="descending"><a href="?sort=x" rel="nofollow">名 ▼</a></th>',
    ]
