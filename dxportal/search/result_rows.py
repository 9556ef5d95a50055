"""Rows of the results page: the columns of documents that it shows."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from dxportal.search.models import SearchDocument
from dxportal.search.raw_sql import fetch_rows, to_uuid
from dxportal.search.site_index import site_index


class ResultRow(NamedTuple):
    """Columns of a `SearchDocument`, and the index version at which it was read."""

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
    version: bytes  # of the index, read in the same statement

    @property
    def citation(self) -> SimpleNamespace:
        """Document and pages with the attributes of a printed row, for the citation component."""
        document = SimpleNamespace(number=self.document_number, label=self.document) if self.document_number else None
        return SimpleNamespace(document=document, page=self.page, page_to=self.page_to)


SELECT = (
    f"SELECT {', '.join(ResultRow._fields[:-1])}, ({site_index.version_sql}) "  # noqa: S608  # names of columns
    f"FROM {SearchDocument._meta.db_table} WHERE number IN (%s)"
)


def result_rows(ids: Collection[int]) -> dict[int, ResultRow]:
    """Return the rows of these documents by id; one query, none without ids."""
    rows = fetch_rows(SELECT % ",".join(map(str, ids))) if ids else ()
    return {
        number: ResultRow._make((number, to_uuid(row), *rest, bytes(version or b"")))
        for number, row, *rest, version in rows
    }
