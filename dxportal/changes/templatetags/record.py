"""What pages say of the record of changes."""

from __future__ import annotations

from datetime import date

from django import template

from catalog.models import Plan
from dxportal.changes import public

register = template.Library()


@register.filter
def updated_on(plan: Plan | None) -> date | None:
    """When what the site says was last changed; nothing while the catalogue is empty."""
    return public.updated_on(plan) if plan else None
