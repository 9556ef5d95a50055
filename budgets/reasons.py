"""Reasons for year-on-year changes: the pair of years that a year's reasons are about, and their texts."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from budgets.materialized_comparison import year_before
from budgets.models import ChangeReason
from budgets.years import read_years


def find_base_year(year: int) -> int:
    """Return the year with which a year is compared unless asked otherwise: the latest before it with a budget line.

    It is the year itself if there is none before, so that nothing can have changed.
    """
    return year_before(year, read_years().lines)


def read_reasons(base_year: int, year: int, projects: Collection[UUID] | None = None) -> dict[UUID, str]:
    """Read the reasons for changes from one year to another, by project; of these projects, or of all; one query."""
    reasons = ChangeReason.objects.between(base_year, year)
    if projects is not None:
        reasons = reasons.filter(project__in=projects)
    return dict(reasons.order_by().values_list("project", "text"))
