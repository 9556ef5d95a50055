"""The folded texts of some entries, read to know what the lists of the index leave in doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dxportal.search import statements
from dxportal.search.models import Entry
from dxportal.search.numbers import Between, Numbers

COLUMNS = ("code", "folded_title", "folded_names", "folded", "folded_around")
ROWS = f"SELECT number, {', '.join(COLUMNS)} FROM {Entry._meta.db_table} WHERE number IN ({{}})"  # noqa: S608  # ours


@dataclass(frozen=True)
class Texts:
    """Understands a condition as the entries, of those that were read, for which it holds: each by its place in
    `numbers`."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, numbers: Collection[int]) -> Texts:
        """Of the entries with these numbers; one query."""
        rows = statements.asked(ROWS.format(statements.numbers(numbers))) if numbers else ()
        read, *columns = zip(*rows, strict=True) if rows else ((), *[()] * len(COLUMNS))
        return cls(read, dict(zip(COLUMNS, columns, strict=True)))

    def has(self, lookup: str, text: str) -> Between:
        column, _, how = lookup.partition("__")
        texts = enumerate(self.columns[column])
        if how == "contains":
            found = [place for place, one in texts if text in one]
        elif how == "startswith":
            found = [place for place, one in texts if one.startswith(text)]
        else:
            found = [place for place, one in texts if one == text]
        return Between.exactly(Numbers(found))

    def without(self, condition: Between, other: Between) -> Between:
        return condition - other

    def numbered(self, places: Numbers) -> list[int]:
        """The numbers of entries by their places."""
        return [self.numbers[place] for place in places]
