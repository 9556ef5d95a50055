"""Texts in cells: no spreadsheet takes them for a formula, and every one of them can be had back."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from dxportal.exports.csv_files import csv_chunks
from dxportal.exports.excel import write_excel
from dxportal.exports.metadata_sheet import FileMetadata
from dxportal.tables.cell_values import (
    escape_formula,
    json_value,
    make_field,
    render_headers,
    render_rows,
    unescape_formula,
)
from dxportal.tables.columns import Column, ColumnType
from tests.examples import examples

pytestmark = pytest.mark.on_no_database

DANGEROUS = "=+-@\t\r\n＝＋－＠"
# any text, and texts that begin with what is dangerous more often than chance would have it
TEXTS = st.text() | st.tuples(st.text(st.sampled_from(DANGEROUS + "'"), max_size=4), st.text()).map("".join)
FORMULA = Column("text", "文", ColumnType.TEXT)


class Texts(list[dict[str, Any]]):
    """Rows that no database has read."""

    def iterate_columns(self, names: list[str]) -> Iterator[list[list[Any]]]:
        yield [[row[name] for row in self] for name in names]


def through_csv(*texts: str | None) -> list[str]:
    """The cells as a program reads them from the file that is written."""
    rows = render_rows([FORMULA], Texts({"text": text} for text in texts), by_name=True)
    file = "".join(csv_chunks(render_headers([FORMULA], by_name=True), rows))
    return [row[0] for row in csv.reader(StringIO(file, newline=""))][1:]


def through_excel(*texts: str) -> list[Any]:
    """The cells as openpyxl reads them from the file that is written."""
    return [cell.value for cell in in_excel(*texts)]


def in_excel(*values: Any, of_type: ColumnType = ColumnType.TEXT) -> list[Any]:
    file = BytesIO()
    column = Column("value", "値", of_type)
    cells = [(make_field(column, by_name=True).export({"value": value}),) for value in values]
    write_excel(file, ["値"], cells, FileMetadata("表", [Column("value", "値", of_type)], len(cells), []))
    rows = load_workbook(file).worksheets[0].iter_rows(min_row=2)
    return [row[0] for row in rows]


@given(TEXTS)
def test_every_text_can_be_had_back(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text


@given(TEXTS)
def test_no_cell_begins_with_what_a_spreadsheet_may_calculate(text: str) -> None:
    assert escape_formula(text)[:1] not in set(DANGEROUS)


@given(TEXTS)
def test_two_texts_never_become_the_same_cell(text: str) -> None:
    for other in ("'" + text, "''" + text, text[1:], escape_formula(text)):
        assert (escape_formula(other) == escape_formula(text)) == (other == text)


@given(TEXTS)
def test_nothing_but_one_mark_is_added(text: str) -> None:
    assert escape_formula(text) in (text, "'" + text)
    assert (escape_formula(text) == text) == (text[:1] not in set(DANGEROUS + "'"))


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=5))
def test_every_text_survives_a_csv_file(texts: list[str]) -> None:
    assert [unescape_formula(text) for text in through_csv(*texts)] == texts


@given(st.integers() | st.floats(allow_nan=False), st.booleans())
def test_numbers_are_never_touched(number: float, by_name: bool) -> None:
    for of_type in (ColumnType.MONEY, ColumnType.DIFFERENCE, ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.YEAR):
        column = Column("number", "数", of_type)
        value = make_field(column, by_name=by_name).export({"number": number})
        assert value == number
        assert type(value) is type(number)


def test_a_negative_difference_stays_a_number_in_every_file() -> None:
    column = Column("change", "増減", ColumnType.DIFFERENCE)
    rows = render_rows([column], Texts([{"change": -5}, {"change": 0}, {"change": None}]), by_name=True)
    assert "".join(csv_chunks(["change"], rows)) == 'change\r\n-5\r\n0\r\n""\r\n'
    assert json_value(column, {"change": -5}) == -5


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝１＋１", "'＝１＋１"),
        ("＋１", "'＋１"),
        ("－１", "'－１"),
        ("＠SUM", "'＠SUM"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\r\n=1", "'\r\n=1"),
        ("'", "''"),
        ("'=x", "''=x"),
        ("''=x", "'''=x"),
        ("'文", "''文"),
        ('=HYPERLINK("http://example.com","見る")', '\'=HYPERLINK("http://example.com","見る")'),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("ＤＸ推進事業", "ＤＸ推進事業"),
        ("a=b", "a=b"),
        ("１－１", "１－１"),
        ("文'", "文'"),
        (" =1", " =1"),
        ("", ""),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert escape_formula(text) == written
    assert unescape_formula(written) == text
    if text:
        assert through_csv(text) == [written]


@pytest.mark.parametrize("text", ["=1+1", "＝１＋１", "-1", "\t=1", "\n=1", "'", "''=x", "=cmd|' /C calc'!A0"])
def test_a_workbook_holds_a_text_and_no_formula(text: str) -> None:
    (found,) = through_excel(text)
    assert unescape_formula(found) == text


def test_a_cell_that_was_no_text_of_ours_is_left_as_it_is() -> None:
    assert unescape_formula("'文") == "'文"
    assert unescape_formula("=1") == "=1"


def test_what_is_not_stated_is_an_empty_cell() -> None:
    assert make_field(FORMULA, by_name=True).export({"text": None}) is None
    assert make_field(FORMULA, by_name=True).export({"text": ""}) is None
    assert make_field(Column("amount", "額", ColumnType.MONEY), by_name=False).export({"amount": None}) is None
    assert make_field(Column("amount", "額", ColumnType.MONEY), by_name=False).export({"amount": 0}) == 0


def test_json_keeps_texts_as_they_are() -> None:
    assert json_value(FORMULA, {"text": "=1+1"}) == "=1+1"
    assert json_value(FORMULA, {"text": None}) == ""


def test_choices_are_codes_by_name_and_words_by_label_and_words_are_inert_too() -> None:
    column = Column("sign", "印", ColumnType.CHOICE, words={"minus": "－引く"})
    assert make_field(column, by_name=True).export({"sign": "minus"}) == "minus"
    assert make_field(column, by_name=False).export({"sign": "minus"}) == "'－引く"


def test_marks_are_booleans_by_name_and_a_word_by_label() -> None:
    column = Column("is_repeat", "再掲", ColumnType.MARK)
    assert [make_field(column, by_name=True).export({"is_repeat": mark}) for mark in (True, False)] == ["true", "false"]
    assert [make_field(column, by_name=False).export({"is_repeat": mark}) for mark in (True, False)] == ["再掲", None]


def test_a_text_that_is_not_marked_is_still_no_formula_in_a_workbook() -> None:
    """Heads of columns, words of choices: whatever a cell is given, its type is told."""
    file = BytesIO()
    texts = ["=1+1", "文", "1", "TRUE", "#N/A", "https://example.com/", "<r><t>=1</t></r>", "_x005F_x001B_"]
    write_excel(file, texts, [], FileMetadata("表", [Column("value", "値", ColumnType.MONEY)] * len(texts), 0, []))
    (row,) = load_workbook(file).worksheets[0].iter_rows()
    assert [unescape(cell.value) for cell in row] == texts
    assert {cell.data_type for cell in row} == {"s"}
    assert not any(cell.hyperlink for cell in row)
    (figure,) = in_excel(-5, of_type=ColumnType.MONEY)
    assert (figure.data_type, figure.value) == ("n", -5)


# A database holds no half of a character.
IN_XML = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TAGS = st.sampled_from(["<r>", "</r>", "<r></r>", "<r><t>文</t></r>", "<r>&</r>", "_x000D_", "_x005F_x001B_"])


@examples(50)  # each example writes a file and reads it
@given(st.lists(IN_XML | TAGS, min_size=1, max_size=5))
def test_every_text_survives_a_workbook(texts: list[str]) -> None:
    """But for line breaks, of which a sheet knows one."""
    read = [unescape_formula(unescape(text or "")) for text in through_excel(*texts)]
    assert read == [re.sub(r"\r\n?", "\n", text) for text in texts]
