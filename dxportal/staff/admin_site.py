"""Admin site of the staff desk, in which every edit of the catalogue becomes a proposal."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import Error
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path

from dxportal.outages import find_outage
from dxportal.public.errors import unavailable
from dxportal.staff import change_set_views, sheet_views
from dxportal.staff.dashboard import PendingWork, group_by_task
from dxportal.staff.input_limits import BoundedModelAdmin
from dxportal.staff.late_submissions import current_submission, find_submission_in_address, with_late_submissions
from dxportal.staff.models import LateSubmission
from dxportal.staff.open_set import open_set
from dxportal.staff.permissions import StaffPermissions
from dxportal.staff.proposing import propose_edits
from dxportal.staff.sessions import SessionStore
from dxportal.staff.signing_in import SITE_HEADER, SITE_TITLE, SignInForm
from dxportal.tracked_tables import CATALOGUE


class DeskAdminSite(admin.AdminSite):
    site_header = SITE_HEADER
    site_title = SITE_TITLE
    index_title = "管理"
    login_form = SignInForm

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap every view: those of tracked tables run inside the open set, and all of them keep late submissions."""
        owner = getattr(view, "__self__", None)
        is_of_catalogue = isinstance(owner, admin.ModelAdmin) and owner.model in CATALOGUE
        if is_of_catalogue or view == self.autocomplete_view:
            view = propose_edits(view)
        return with_late_submissions(self, super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign in, mentioning a kept late submission; a sign-in also deletes expired submissions and sessions."""
        submission = find_submission_in_address(request.GET.get("next", ""))
        try:
            response = super().login(request, {"submission_in_address": submission, **(extra_context or {})})
            if request.method == "POST" and request.user.is_authenticated:
                LateSubmission.objects.delete_old()
                SessionStore.clear_expired()
        except Error as error:
            outage = find_outage(error)
            if outage is None or not outage.allows_reading:
                raise
            return unavailable(request, outage, is_signing_in=True)
        return response

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models with the input limits of input_limits.py."""
        admin_class = admin_class or admin.ModelAdmin
        if not issubclass(admin_class, BoundedModelAdmin):
            admin_class = type(admin_class.__name__, (BoundedModelAdmin, admin_class), {})
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return StaffPermissions.of(request.user).is_on_duty

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("sheets/", self.admin_view(sheet_views.sheet_page), name="sheets"),
            path("sheets/sheet.xlsx", self.admin_view(sheet_views.sheet_file), {"ending": "xlsx"}, name="sheet_excel"),
            path("sheets/sheet.csv", self.admin_view(sheet_views.sheet_file), {"ending": "csv"}, name="sheet_csv"),
            path("sheets/new-year/", self.admin_view(sheet_views.new_year), name="new_year"),
            path("sheets/uploads/<int:number>/", self.admin_view(sheet_views.upload_page), name="upload"),
            path(
                "sheets/uploads/<int:number>/marked.xlsx",
                self.admin_view(sheet_views.download_annotated_copy),
                name="upload_marked",
            ),
            path("changes/", self.admin_view(change_set_views.set_list), name="change_sets"),
            path("changes/<int:number>/", self.admin_view(change_set_views.set_page), name="change_set"),
            path("changes/<int:number>/preview/", self.admin_view(change_set_views.preview), name="change_set_preview"),
            path("changes/<int:number>/preview/<path:address>", self.admin_view(change_set_views.preview)),
            # Django's view_on_site view fails for invalid primary keys; that of DutyPermissionsMixin gives the address.
            *(pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps: list[Any] = super().get_app_list(request, app_label)
        return apps if app_label else group_by_task(apps)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().index(request, {**(extra_context or {}), "pending": PendingWork.of(cast(User, request.user))})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add to every page of the desk the version, the open set and the late submission given back."""
        context = super().each_context(request)
        context["version"] = settings.VERSION
        context["open_set"] = open_set(request) if request.user.is_authenticated else None
        context["late_submission"] = current_submission()
        return context
