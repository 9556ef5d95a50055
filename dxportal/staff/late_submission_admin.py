"""Admin forms that show a late submission instead of the stored values."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse

from dxportal.staff.late_submissions import current_submission
from dxportal.staff.models import LateSubmission


class LateSubmissionMixin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Model admin that answers a GET with forms bound to the late submission, errors included; saves nothing."""

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        submission = current_submission()
        if submission is None:
            return form_class
        if not (self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)):
            raise PermissionDenied
        submission.is_shown = True
        return bind_form_class(submission, form_class)

    def get_formset_kwargs(self, request: Any, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        submission = current_submission()
        if submission is not None and f"{prefix}-{TOTAL_FORM_COUNT}" in (data := submission.data):
            kwargs |= {"data": data, "files": {}}
        return kwargs

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        """Post to the address with the token; Django would drop it if the page was opened from a filtered list."""
        submission = current_submission()
        return super().render_change_form(
            request, context, add, change, submission.get_absolute_url() if submission else form_url, obj
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if submission := current_submission():
            submission.is_shown = True  # the page has a button and no fields
        return super().delete_view(request, object_id, extra_context)


def bind_form_class(submission: LateSubmission, form_class: Any) -> Any:
    """Return a subclass of the form that is always bound to the submitted data."""
    data = submission.data

    class BoundForm(form_class):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "data": data, "files": {}})

    return BoundForm
