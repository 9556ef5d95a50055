"""Widgets of django-import-export that parse the cells of a filled-in sheet; they raise ExpectedError."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from import_export.widgets import Widget

from dxportal.sheets import parse_cells
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.parse_cells import ExpectedError
from dxportal.sheets.parsed_file import cell_to_text

MAX_PROJECT_NAME_LENGTH = 200


class ParsingWidget(Widget):
    """Widget that parses with a function of `parse_cells`."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self.parse = parse

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        return self.parse(value)


class ChoiceWidget(Widget):
    """Widget that looks a cell up in a table of `DiffBase`: the attribute `lookup`, whose Japanese name is `noun`."""

    def __init__(self, lookup: str, noun: str) -> None:
        super().__init__()
        self.lookup, self.noun = lookup, noun

    def clean(self, value: Any, row: Any = None, *, base: DiffBase, **options: Any) -> Any:
        return parse_cells.look_up_choice(value, getattr(base, self.lookup), self.noun)


class PartWidget(Widget):
    """Widget that looks up a part of the row's project; a blank cell, the whole project, is None."""

    def clean(self, value: Any, row: Any = None, *, base: DiffBase, **options: Any) -> Any:
        if not cell_to_text(value):
            return None
        parts = base.parts.get(row["project"].pk)
        if not parts:
            raise ExpectedError("この事業に内訳はありません。空にしてください。")
        return parse_cells.look_up_choice(value, parts, "この事業の内訳")


NATURE_WIDGET = ChoiceWidget("natures", "種類")
DEPARTMENT_WIDGET = ChoiceWidget("departments", "部局コード")
PARENT_WIDGETS = {
    "countermeasure": ChoiceWidget("countermeasures", "対応策コード"),
    "sakigake": ChoiceWidget("sakigake", "プロジェクト番号"),
}
CODE_WIDGET = ParsingWidget(parse_cells.parse_code_cell)
NAME_WIDGET = ParsingWidget(partial(parse_cells.parse_text_cell, max_length=MAX_PROJECT_NAME_LENGTH))
KANA_WIDGET = ParsingWidget(partial(parse_cells.parse_text_cell, max_length=2 * MAX_PROJECT_NAME_LENGTH))
