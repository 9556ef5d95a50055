"""Base class of the rows of plan files, and the annotations that map their fields to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, get_args

from django.db import models
from pydantic import BaseModel, ConfigDict

TrackedModel = type[models.Model]


@dataclass(frozen=True)
class ColumnMapping:
    """Column of a field, where it does not follow from the field's name.

    `name`: the column, if its name differs. `also`: a second column filled from the same value.
    A foreign key is written as a code: `by` is the column of the referenced table that holds the code; `within` is the
    table whose rows scope it (a part's code is unique within its project), or None if it is unique in the whole table.
    """

    name: str = ""
    also: str = ""
    within: TrackedModel | None = None
    by: str = "code"


@dataclass(frozen=True)
class NotStored:
    """Marks a field about the file itself, which has no column."""


@dataclass(frozen=True)
class TextsMapping:
    """List of texts stored as rows of another table, in `column`; `same` holds the values that all these rows share."""

    table: TrackedModel
    column: str
    same: Mapping[str, object] = field(default_factory=dict)


class PlanFileRow(BaseModel):
    """Base class of a mapping in a plan file; unknown keys and values of the wrong type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)

    table: ClassVar[TrackedModel] = models.Model
    key: ClassVar[tuple[str, ...]]
    is_heading: ClassVar[bool]

    def __init_subclass__(
        cls, *, table: TrackedModel | None = None, key: tuple[str, ...] = ("code",), is_heading: bool = False
    ) -> None:
        """Declare how the rows map to the catalogue.

        `table`: the table of the rows. `key`: the fields that identify a row in its list. `is_heading`: whether they
        are not rows of their own, but headings that state values shared by the rows under them.
        """
        super().__init_subclass__()
        cls.table = table or cls.table
        cls.key, cls.is_heading = key, is_heading

    def as_plain(self) -> dict[str, Any]:
        """Return the row as it is written to a file: fields that differ from their defaults, in declared order."""
        return self.model_dump(exclude_defaults=True)

    def derived(self) -> dict[str, object]:
        """Return columns whose values follow from several fields."""
        return {}

    def labels(self) -> list[str]:
        """Return printed names that refer to the row, in addition to its code."""
        return []

    @classmethod
    @cache
    def columns(cls) -> dict[str, ColumnMapping]:
        """Return the column of each field that holds a single value."""
        found = {}
        for name, info in cls.model_fields.items():
            if name not in {**cls.texts(), **cls.children()} and NotStored() not in info.metadata:
                column = next((one for one in info.metadata if isinstance(one, ColumnMapping)), ColumnMapping())
                found[name] = replace(column, name=column.name or name)
        return found

    @classmethod
    @cache
    def texts(cls) -> dict[str, TextsMapping]:
        """Return the fields that are lists of texts."""
        metadata = {name: info.metadata for name, info in cls.model_fields.items()}
        return {name: one for name, values in metadata.items() for one in values if isinstance(one, TextsMapping)}

    @classmethod
    @cache
    def children(cls) -> dict[str, type[PlanFileRow]]:
        """Return the class of the rows of each field that is a list of rows."""
        inner = [(name, arg) for name, info in cls.model_fields.items() for arg in get_args(info.annotation)]
        return {name: arg for name, arg in inner if isinstance(arg, type) and issubclass(arg, PlanFileRow)}
