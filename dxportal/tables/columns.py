"""Column definitions, shared by screen, files, admin and data dictionary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

TableRow = Mapping[str, Any]
GatherTexts = Callable[[Collection[Any]], Mapping[Any, str]]
DeriveValues = Callable[..., Sequence[Any]]


class ColumnType(Enum):
    """Type of a column's values; the enum's value is its name in the data dictionary."""

    TEXT = _("文字")
    CODE = _("コード")
    CHOICE = _("選択肢")
    YEAR = _("年度（西暦）")
    NUMBER = _("数")
    MONEY = _("金額（千円）")
    DIFFERENCE = _("増減（千円、＋か－）")
    PERCENT = _("百分率（小数第１位まで）")
    MARK = _("再掲の印")
    ADDRESS = _("アドレス")

    @property
    def is_right_aligned(self) -> bool:
        return self in {ColumnType.NUMBER, ColumnType.MONEY, ColumnType.DIFFERENCE, ColumnType.PERCENT}


@dataclass(frozen=True, eq=False)  # compared by identity: each column is defined once
class Column:
    """Column of a table.

    `name` is the machine name, a contract with readers of files; `label` the Japanese heading; `meaning` the entry in
    the data dictionary.
    The value comes from one of three: `expression`, a lookup path or database expression (default: the field `name`;
    NULL for models of a union without that field); `gather`, a function from a chunk's primary keys to texts, for
    related rows joined into one text; `derive`, a function from the values of a chunk's columns `derived_from`, one
    sequence each, to those of this column: a call per row would dominate the time of a file of a million rows.
    `shown_from` is the hidden column whose value stands in the cell on screen, where an amount of either kind stands
    beside its kind, while files tell expenditure and lending limits apart by columns.
    `is_optional`: a blank amount means that there is none, and a page leaves a column out that is blank on it.
    `absent` is a pair (column, value): in such rows there is nothing to state, which differs from "not stated".
    `words` maps choices to labels; `named_by` is the hidden column with the label of a row's code.
    `sort` holds the paths to sort by; empty if the column cannot be sorted.
    `link` is a URL template with column names in braces.
    """

    name: str
    label: Any
    type: ColumnType
    meaning: Any = ""
    expression: str | Combinable | None = None
    gather: GatherTexts | None = None
    derive: DeriveValues | None = None
    derived_from: tuple[str, ...] = ()
    shown_from: str = ""
    is_optional: bool = False
    absent: tuple[str, str] | None = None
    words: Mapping[str, Any] | None = None
    named_by: str = ""
    sort: tuple[str, ...] = ()
    link: str = ""
    on_screen: bool = True
    in_files: bool = True
