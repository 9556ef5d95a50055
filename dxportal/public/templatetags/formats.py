"""Template filters for figures, years and breadcrumbs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template

from catalog.models import Plan
from dxportal import money_and_years
from dxportal.changesets import current_plan
from dxportal.public.breadcrumbs import Trail, trail_to

register = template.Library()

for function in (
    money_and_years.money,
    money_and_years.thousands,
    money_and_years.signed,
    money_and_years.signed_percent,
    money_and_years.minus,
    money_and_years.money_words,
    money_and_years.fiscal_year,
    money_and_years.percent_of,
):
    register.filter(function)


@register.filter
def trail(row: Any) -> Trail:
    """List the pages above the page of a row, as (label, address)."""
    return trail_to(row)


@register.filter
def last_change(plan: Plan | None) -> date | None:
    """Return the date of the last change of the catalogue; None while it is empty."""
    return current_plan.last_update_date(plan) if plan else None
