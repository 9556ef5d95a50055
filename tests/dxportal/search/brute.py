"""Search without a database: the rules of docs/adr/0011-search.md over entries in memory, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from dxportal.search.models import Entry
from dxportal.search.queries import Query


def scan(query: Query, entries: Iterable[Entry]) -> set[UUID]:
    """The entries that a query means, without other spellings."""
    return {entry.pk for entry in entries if means(query, entry)}


def means(query: Query, entry: Entry) -> bool:
    fields = entry.folded.split("\n")
    around = entry.folded_around.split("\n")
    if any(query.whole in field for field in fields) or query.whole == entry.code:
        return True
    own = [any(word.folded in field for field in fields) for word in query.words]
    above = [any(word.folded in field for field in around) for word in query.words]
    if not any(own) or not all(one or other for one, other in zip(own, above, strict=True)):
        return False
    return not any(word.folded in field for word in query.excluded for field in fields)
