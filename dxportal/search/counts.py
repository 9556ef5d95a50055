"""Counts of results, exact or a lower bound."""

from __future__ import annotations

from django.utils.translation import gettext

from dxportal.search.index import Hits


class HitCount(int):
    """A number of results; a lower bound if `is_exact` is False."""

    is_exact: bool

    def __new__(cls, count: int, is_exact: bool = True) -> HitCount:
        self = super().__new__(cls, count)
        self.is_exact = is_exact
        return self

    @classmethod
    def from_hits(cls, hits: Hits) -> HitCount:
        bounds = hits.bounds()
        return cls(len(bounds.lower), not bounds.undecided)

    @property
    def words(self) -> str:
        """The count in words; empty if the lower bound is 0."""
        if not self and not self.is_exact:
            return ""
        return (gettext("%(count)s件") if self.is_exact else gettext("%(count)s件以上")) % {"count": f"{self:,}"}
