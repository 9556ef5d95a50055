"""Context processor for all pages: the current plan and the page's public address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dxportal.changesets.current_plan import current_plan


def plan_and_page_url(request: HttpRequest) -> dict[str, Any]:
    """Return `plan`, the current plan, read lazily, and `page_url`, the public address of the page."""
    return {"plan": SimpleLazyObject(current_plan), "page_url": settings.SITE_URL + request.path}
