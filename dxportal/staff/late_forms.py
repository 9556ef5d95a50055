"""Forms of the admin that show what was sent too late, instead of what is stored."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse

from dxportal.staff.late_submissions import submission_given_back
from dxportal.staff.models import LateSubmission


class ShowsLateSubmission(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Its pages are looked at, with their forms bound: what is wrong is told as usual, and nothing is saved."""

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        submission = submission_given_back()
        if submission is None:
            return form_class
        if not (self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)):
            raise PermissionDenied
        submission.is_shown = True
        return bound_to(submission, form_class)

    def get_formset_kwargs(self, request: Any, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        submission = submission_given_back()
        if submission is not None and f"{prefix}-{TOTAL_FORM_COUNT}" in (data := submission.data):
            kwargs |= {"data": data, "files": {}}
        return kwargs

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        """Django's form leads to an address without the token where the list that it was opened from is filtered."""
        submission = submission_given_back()
        return super().render_change_form(
            request, context, add, change, submission.get_absolute_url() if submission else form_url, obj
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if submission := submission_given_back():
            submission.is_shown = True  # the page has a button and nothing to fill in
        return super().delete_view(request, object_id, extra_context)


def bound_to(submission: LateSubmission, form_class: Any) -> Any:
    """The form, which takes what was sent whatever it is made with."""
    data = submission.data

    class BoundForm(form_class):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "data": data, "files": {}})

    return BoundForm
