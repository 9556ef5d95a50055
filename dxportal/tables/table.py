"""Table definition: columns, default order and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.utils.translation import get_language, gettext

from dxportal.tables.columns import Column


@dataclass(frozen=True, eq=False)  # compared by identity: each table is defined once
class Table:
    """Table that pages show and files hold. `name` is its path and the name of its files; `order` its default order."""

    name: str
    label: Any
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    heading: str  # the column that names a row
    description: Any = ""
    # Backed by materialised rows and read in two steps: keys of the page's rows by an index, then their columns.
    is_long: bool = False
    has_page: bool = True

    @property
    def path(self) -> str:
        """Path of the table's page; of a table that is files alone, of its CSV."""
        return f"/{self.name}/" if self.has_page else f"/{self.name}.csv"

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
    def described(self) -> list[Column]:
        """The columns of the data dictionary: those of the page and those of files."""
        return [column for column in self.columns if column.on_screen or column.in_files]

    @property
    def sort_choices(self) -> Mapping[str, str]:
        """Choices of the parameter `sort`: label by value."""
        return make_sort_choices(self, get_language())


@cache
def make_sort_choices(table: Table, language: str | None) -> Mapping[str, str]:
    """Return the choices of `sort`; cached per language because every page needs them."""
    sortable = [column for column in table.columns if column.sort]
    up = {column.name: gettext("%(column)s（昇順）") % {"column": column.label} for column in sortable}
    down = {f"-{column.name}": gettext("%(column)s（降順）") % {"column": column.label} for column in sortable}
    return up | down
