"""What every page says about itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.models import Plan


def site(request: HttpRequest) -> dict[str, Any]:
    """The current plan, read when a template first asks for it, and the public address of the page."""
    return {
        "plan": SimpleLazyObject(Plan.objects.current),
        "page_url": settings.SITE_URL + request.path,
    }
