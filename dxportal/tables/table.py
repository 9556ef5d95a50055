"""What a table is: its columns, its order and what people call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.utils.translation import get_language, gettext

from dxportal.tables.columns import Column


@dataclass(frozen=True, eq=False)  # each table is there once
class Table:
    """A table that pages show and files hold; `name` is its address and what its files are called."""

    name: str
    label: Any
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    heading: str  # the column that names a row
    about: Any = ""
    is_long: bool = False  # has more rows than are printed, so which of them are shown is asked before what they say

    @property
    def path(self) -> str:
        return f"/{self.name}/"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def in_files(self) -> list[Column]:
        return [column for column in self.columns if column.in_files]

    @property
    def on_screen(self) -> list[Column]:
        return [column for column in self.columns if column.on_screen]

    @property
    def sorts(self) -> Mapping[str, str]:
        """The values that `sort` takes, with the words for them."""
        return sorts_in(self, get_language())


@cache
def sorts_in(table: Table, language: str | None) -> Mapping[str, str]:
    """They are read on every page, and always the same in a language."""
    sortable = [column for column in table.columns if column.sort]
    up = {column.name: gettext("%(column)s（昇順）") % {"column": column.label} for column in sortable}
    down = {f"-{column.name}": gettext("%(column)s（降順）") % {"column": column.label} for column in sortable}
    return up | down
