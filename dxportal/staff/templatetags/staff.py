"""Template filters for staff: names and addresses of the desk."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse

from dxportal.changesets.questions import QuestionCell
from dxportal.tables.selections import Selection

register = template.Library()


@register.filter
def person(user: User) -> str:
    """Format a user's name, family name first; else the user name."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()


@register.filter
def edit_address(row: Model) -> str:
    """Return the address of the admin page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@register.filter
def cell_address(cell: QuestionCell) -> str:
    """Return the address of the admin page of a question's row."""
    return reverse(f"admin:{cell.model._meta.app_label}_{cell.model._meta.model_name}_change", args=[cell.row])


@register.filter
def sheet_address(selection: Selection) -> str:
    """Return the address of the page of sheets with the year and department of a budget table."""
    parameters = {
        "year": selection.parameters.get("year"),
        "department": selection.parameters.get("department", [None])[0],
    }
    return f"{reverse('admin:sheets')}?{urlencode({name: value for name, value in parameters.items() if value})}"
