"""What rows of plan files have in common, and how a field says where it stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, get_args

from django.db import models
from pydantic import BaseModel, ConfigDict

Table = type[models.Model]


@dataclass(frozen=True)
class Column:
    """The column that holds a field, as far as this does not follow from the name of the field.

    name: the column, if it is called otherwise. also: a second column that is filled from the same value. A foreign key
    is written as a code: by is the column of the other table that holds it, within the table whose rows each give codes
    of their own (the parts of a project), None if a code names one row of the whole other table.
    """

    name: str = ""
    also: str = ""
    within: Table | None = None
    by: str = "code"


@dataclass(frozen=True)
class Texts:
    """A list of texts, each of which is a row of another table; `same` is what these rows have in common."""

    table: Table
    column: str
    same: Mapping[str, object] = field(default_factory=dict)


class Row(BaseModel):
    """A mapping of the folder; unknown keys and values of another type are problems, never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    table: ClassVar[Table] = models.Model
    key: ClassVar[tuple[str, ...]]
    is_heading: ClassVar[bool]

    def __init_subclass__(
        cls, *, table: Table | None = None, key: tuple[str, ...] = ("code",), is_heading: bool = False
    ) -> None:
        """Say how the rows stand in the catalogue.

        table: the table that they are rows of. key: the fields that tell a row from others in its list. is_heading:
        whether they are no rows themselves, but say once what all rows in the list under them have in common.
        """
        super().__init_subclass__()
        cls.table = table or cls.table
        cls.key, cls.is_heading = key, is_heading

    def as_plain(self) -> dict[str, Any]:
        """The row as it is written to a file: every field that says something, in declared order."""
        return self.model_dump(exclude_defaults=True)

    def derived(self) -> dict[str, object]:
        """Columns whose value follows from several fields."""
        return {}

    def labels(self) -> list[str]:
        """Names by which print calls the row, beside its code."""
        return []

    @classmethod
    @cache
    def columns(cls) -> dict[str, Column]:
        """The column of each field that holds one value."""
        found = {}
        for name, info in cls.model_fields.items():
            if name not in {**cls.texts(), **cls.children()}:
                column = next((one for one in info.metadata if isinstance(one, Column)), Column())
                found[name] = replace(column, name=column.name or name)
        return found

    @classmethod
    @cache
    def texts(cls) -> dict[str, Texts]:
        """The fields that are lists of texts."""
        metadata = {name: info.metadata for name, info in cls.model_fields.items()}
        return {name: one for name, values in metadata.items() for one in values if isinstance(one, Texts)}

    @classmethod
    @cache
    def children(cls) -> dict[str, type[Row]]:
        """The fields that are lists of rows, each with the class of these rows."""
        inner = [(name, arg) for name, info in cls.model_fields.items() for arg in get_args(info.annotation)]
        return {name: arg for name, arg in inner if isinstance(arg, type) and issubclass(arg, Row)}
