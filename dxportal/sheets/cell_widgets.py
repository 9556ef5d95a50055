"""Widgets of django-import-export that parse the cells of a filled-in sheet; they raise ExpectedError."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from import_export.widgets import Widget

from dxportal.sheets import parse_cells
from dxportal.sheets.base import Base
from dxportal.sheets.cells import plain
from dxportal.sheets.parse_cells import ExpectedError

LONGEST_NAME = 200


class ReadingWidget(Widget):
    """Widget that parses with a function of `parse_cells`."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        return self.read(value)


class ChoiceWidget(Widget):
    """Widget that looks a cell up in a table of `Base`; `among` is the table's attribute, `what` its Japanese name."""

    def __init__(self, among: str, what: str) -> None:
        super().__init__()
        self.among, self.what = among, what

    def clean(self, value: Any, row: Any = None, *, base: Base, **options: Any) -> Any:
        return parse_cells.choice(value, getattr(base, self.among), self.what)


class PartWidget(Widget):
    """Widget that looks up a part of the row's project; a blank cell, the whole project, is None."""

    def clean(self, value: Any, row: Any = None, *, base: Base, **options: Any) -> Any:
        if not plain(value):
            return None
        parts = base.parts.get(row["project"].pk)
        if not parts:
            raise ExpectedError("この事業に内訳はありません。空にしてください。")
        return parse_cells.choice(value, parts, "この事業の内訳")


NATURE = ChoiceWidget("natures", "性質")
DEPARTMENT = ChoiceWidget("departments", "部局コード")
PARENTS = {
    "countermeasure": ChoiceWidget("countermeasures", "対応策コード"),
    "sakigake": ChoiceWidget("sakigake", "重点プロジェクト番号"),
}
CODE = ReadingWidget(parse_cells.code)
NAME = ReadingWidget(partial(parse_cells.text, longest=LONGEST_NAME))
READING = ReadingWidget(partial(parse_cells.text, longest=2 * LONGEST_NAME))
