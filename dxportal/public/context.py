"""Context processor: what every page says about itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dxportal.changesets.current_plan import current_plan


def site(request: HttpRequest) -> dict[str, Any]:
    """The current plan, read when a template first asks for it, and the public address of the page."""
    return {"plan": SimpleLazyObject(current_plan), "page_url": settings.SITE_URL + request.path}
