"""What the page of results reads of the entries that it shows."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from dxportal.search import statements
from dxportal.search.models import Entry
from dxportal.search.postings import NAME


class Shown(NamedTuple):
    """Columns of an entry (models.py)."""

    number: int
    row: UUID
    kind: str
    title: str
    text: str
    folded: str
    folded_around: str
    url: str
    place: str
    document: str
    document_number: int | None
    page: int | None
    page_to: int | None
    version: bytes  # of the state of the index that it was read in

    @property
    def citation(self) -> SimpleNamespace:
        """What a citation names, as every printed row does."""
        document = SimpleNamespace(number=self.document_number, label=self.document) if self.document_number else None
        return SimpleNamespace(document=document, page=self.page, page_to=self.page_to)


COLUMNS = ", ".join(Shown._fields[:-1])
ROWS = f"SELECT {COLUMNS}, ({NAME}) FROM {Entry._meta.db_table} WHERE number IN ({{}})"  # noqa: S608  # names of ours


def entries_at(numbers: Collection[int]) -> dict[int, Shown]:
    """The entries with these numbers; one query, none where there are none."""
    rows = statements.asked(ROWS.format(statements.numbers(numbers))) if numbers else ()
    return {
        number: Shown._make((number, statements.identity(row), *rest, bytes(version or b"")))
        for number, row, *rest, version in rows
    }
