"""Counts of results, which may be known in part."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext

from dxportal.search.index import Hits


class Count(int):
    """How many results there are; where not all were counted, at least how many."""

    is_exact: bool

    def __new__(cls, count: int, is_exact: bool = True) -> Count:
        self = super().__new__(cls, count)
        self.is_exact = is_exact
        return self

    @classmethod
    def of(cls, hits: Hits) -> Count:
        bounds = hits.bounds()
        return cls(len(bounds.lower), not bounds.undecided)

    @property
    def words(self) -> str:
        """The count in words; nothing where nothing is known."""
        return count_formatter()(self)


def count_formatter() -> Callable[[Count], str]:
    """A function that gives `Count.words` of many counts, whose words are translated once."""
    exactly, at_least = gettext("%(count)s件"), gettext("%(count)s件以上")

    def words(count: Count) -> str:
        return (exactly if count.is_exact else at_least) % {"count": f"{count:,}"} if count or count.is_exact else ""

    return words
