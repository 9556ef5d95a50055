"""Columns: what a table says, once for screen, file, admin and data dictionary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

Row = Mapping[str, Any]
Gather = Callable[[Collection[Any]], Mapping[Any, str]]


class Type(Enum):
    """What a column's values are; the word that the data dictionary has for it."""

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
    def is_flush_right(self) -> bool:
        return self in {Type.NUMBER, Type.MONEY, Type.DIFFERENCE, Type.PERCENT}


@dataclass(frozen=True, eq=False)  # each column is there once
class Column:
    """A column of a table.

    `name` is for machines, `label` for people; `meaning` is its entry in the data dictionary.
    `expression` is what the database computes; a row without an amount has nothing where its model has no such field.
    `gather`, in its place, gives texts by primary key for a chunk of rows (what joins several rows).
    `derive` makes the value from those of the other columns.
    `absent` names a column and the value with which there is nothing here that could be stated.
    `words` names the choices; `named_by` is the hidden column that holds the name of a row's code.
    `sort` is what the table is sorted by for this column; nothing means that it is not sorted by it.
    `link` is an address with the names of columns in braces.
    """

    name: str
    label: Any
    type: Type
    meaning: Any = ""
    expression: str | Combinable | None = None
    gather: Gather | None = None
    derive: Callable[[Row], Any] | None = None
    absent: tuple[str, str] | None = None
    words: Mapping[str, Any] | None = None
    named_by: str = ""
    sort: tuple[str, ...] = ()
    link: str = ""
    on_screen: bool = True
    in_files: bool = True
