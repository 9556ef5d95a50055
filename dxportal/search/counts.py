"""Counts of results, which may be known in part."""

from __future__ import annotations

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
        if not self and not self.is_exact:
            return ""
        return (gettext("%(count)s件") if self.is_exact else gettext("%(count)s件以上")) % {"count": f"{self:,}"}
