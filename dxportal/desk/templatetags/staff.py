"""How staff are called on the pages of the desk."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import User

register = template.Library()


@register.filter
def person(user: User) -> str:
    """A name as Japanese write it, or else the name to log in with."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()
