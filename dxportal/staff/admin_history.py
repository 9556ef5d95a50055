"""History page of the admin, read from change sets: Django's log knows neither publishing nor undoing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse

from dxportal.changesets.describe import ChangeDescription, describe_changes
from dxportal.changesets.models import Change
from dxportal.changesets.row_history import find_row_history

CHANGES_PER_HISTORY_PAGE = 50


class ChangeHistoryMixin:
    """Mixin for the admin of a tracked table."""

    model: Any

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            row = UUID(unquote(object_id))
        except ValueError:
            row = None
        page: Page[Change] | None = None
        changes: list[ChangeDescription] = []
        if row is not None:
            page = Paginator(find_row_history(self.model, row), CHANGES_PER_HISTORY_PAGE).get_page(
                request.GET.get(PAGE_VAR)
            )
            changes = describe_changes(page.object_list)
        context = {"changes": changes, "changes_page": page, **(extra_context or {})}
        return super().history_view(request, object_id, context)  # type: ignore[misc,no-any-return]  # a mixin
