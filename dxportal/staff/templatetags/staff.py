"""How pages speak of staff, and to them."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse

from dxportal.tables.selections import Selection

register = template.Library()


@register.filter
def person(user: User) -> str:
    """A name as Japanese write it, or else the name to log in with."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()


@register.filter
def edit_address(row: Model) -> str:
    """Where staff edit the row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@register.filter
def sheet_address(selection: Selection) -> str:
    """Where staff take the rows of a budget table away as a sheet to be filled in."""
    asked = {"year": selection.asked.get("year"), "department": selection.asked.get("department", [None])[0]}
    return f"{reverse('admin:sheets')}?{urlencode({name: value for name, value in asked.items() if value})}"
