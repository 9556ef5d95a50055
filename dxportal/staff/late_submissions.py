"""Late submissions: forms sent after the session has ended, kept for an hour and given back after signing in.

`with_late_submissions` wraps every view of the desk (admin_site.py). The CSRF check runs before it, so only forms of
this site get here. A form is given back by a GET of its page; nothing is saved before the user presses a button.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from types import SimpleNamespace
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.views import csrf

from dxportal.changesets.models import ChangeSet
from dxportal.sheets.upload_limits import MAX_UPLOAD_BYTES, is_too_large, too_large_error
from dxportal.staff.models import LateFile, LateSubmission, is_password
from dxportal.staff.open_set import OPEN_SET_SESSION_KEY, enter_set, open_set, signed_in_user
from dxportal.staff.sessions import SessionStore

DeskView = Callable[..., HttpResponseBase]
MAX_FIELD_BYTES = 1024 * 1024  # bytes of all names and values together
NOT_ALLOWED_STATUSES = (403, 404)
# The submission given back by the running view. A context variable, because Django's views pass nothing to the forms.
CURRENT_SUBMISSION: ContextVar[LateSubmission | None] = ContextVar("current_submission", default=None)
WRONG_CSRF_REASON = "CSRF token from POST incorrect."  # the reason that Django's middleware gives


def with_late_submissions(site: admin.AdminSite, view: DeskView) -> DeskView:
    """Wrap a view so that it keeps late submissions and gives them back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        session_data = read_session_data(request)  # before Django flushes a session whose password has changed
        if not site.has_permission(request):
            response = take_late_submission(site, request, session_data) if request.method == "POST" else None
            return response or view(request, *args, **kwargs)
        token = pop_token(request)
        if token is None:
            return view(request, *args, **kwargs)
        submission = LateSubmission.objects.with_token(token)
        if request.method == "POST":
            return resubmit(request, submission, lambda: view(request, *args, **kwargs))
        return show_submission(request, submission, lambda: view(request, *args, **kwargs))

    return wrapper


def current_submission() -> LateSubmission | None:
    """Return the submission that the current page shows in its form, or None."""
    return CURRENT_SUBMISSION.get()


def find_submission_in_address(address: str) -> LateSubmission | None:
    """Return the submission whose token is in an address, for the sign-in page."""
    query = QueryDict(address.partition("?")[2])
    return LateSubmission.objects.with_token(query.get(LateSubmission.PARAMETER, ""))


def read_session_data(request: HttpRequest) -> dict[str, Any]:
    """Return the data of the session, or of the expired one."""
    session = cast(SessionStore, request.session)
    return dict(session.items()) or session.expired_data


def find_session_user(session_data: dict[str, Any]) -> User | None:
    """Return the user of the session data, or None if the password has changed since."""
    user = User.objects.filter(pk=session_data[SESSION_KEY]).first()
    is_theirs = user and constant_time_compare(session_data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if is_theirs else None


def pop_token(request: HttpRequest) -> str | None:
    """Remove the token from the query string of the request and return it."""
    query = request.GET.copy()
    if LateSubmission.PARAMETER not in query:
        return None
    token = str(query.pop(LateSubmission.PARAMETER)[0])
    request.META["QUERY_STRING"] = query.urlencode()
    request.GET = QueryDict(request.META["QUERY_STRING"])
    return token


def take_late_submission(
    site: admin.AdminSite, request: HttpRequest, session_data: dict[str, Any]
) -> HttpResponseBase | None:
    """Keep the submission and redirect to the sign-in page, or explain why not; None if there was no session."""
    if request.path == reverse("admin:logout"):
        request.session.flush()
        return None
    if SESSION_KEY not in session_data:
        return None
    pop_token(request)
    owner, submission = find_session_user(session_data), build_submission(request)
    if owner is None:
        return render_not_kept(request, submission, "パスワードが変わったため、このログインは終わっています。", 403)
    if not site.has_permission(cast(HttpRequest, SimpleNamespace(user=owner))):
        reason = "この利用者では、職員用の画面を使えなくなっています。このサイトの管理者に連絡してください。"
        return render_not_kept(request, submission, reason, 403)
    submission.user = owner
    submission.change_set = ChangeSet.objects.filter(pk=session_data.get(OPEN_SET_SESSION_KEY, 0)).first()
    error_page = keep_submission(request, submission)
    return error_page or redirect_to_login(submission.get_absolute_url(), reverse("admin:login"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a POST whose CSRF token is wrong (settings.CSRF_FAILURE_VIEW).

    Signing in rotates the token, which outdates the forms open in other tabs. If the browser sends an Origin header of
    this site, the form is no cross-site request: it is kept as a late submission of the signed-in user. Nothing is done
    before the user presses a button on a page with a valid token.
    """
    # A wrong origin has another reason.
    is_of_this_site = reason == WRONG_CSRF_REASON and "HTTP_ORIGIN" in request.META
    if is_of_this_site and request.path == reverse("admin:login"):
        return redirect(request.get_full_path())
    if is_of_this_site and request.path.startswith(reverse("admin:index")) and admin.site.has_permission(request):
        pop_token(request)
        submission = build_submission(request)
        submission.user = signed_in_user(request)
        return keep_submission(request, submission) or redirect(submission)
    return csrf.csrf_failure(request, reason)


def build_submission(request: HttpRequest) -> LateSubmission:
    """Build an unsaved submission from the request."""
    return LateSubmission(path=request.get_full_path(), fields_json=json.dumps(read_fields(request)).encode())


def keep_submission(request: HttpRequest, submission: LateSubmission) -> HttpResponseBase | None:
    """Store the submission; return an error page if it is too large, else None."""
    uploads = read_files(request)
    if is_too_large(request) or sum(file.size or 0 for file in uploads.values()) > MAX_UPLOAD_BYTES:
        return render_not_kept(request, submission, str(too_large_error()), 413)
    if sum(len(name.encode()) + len(value.encode()) for name, value in submission.fields) > MAX_FIELD_BYTES:
        return render_not_kept(request, submission, "入力が1MBを超えるため、預かれませんでした。", 413)
    store_submission(submission, uploads)
    return None


def read_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the submitted (name, value) pairs, without the CSRF token and with passwords blanked."""
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    return [(name, "" if is_password(name) else value) for name, value in fields if name != "csrfmiddlewaretoken"]


def read_files(request: HttpRequest) -> dict[str, Any]:
    """Return the uploaded files by field, without the empty ones that browsers send for unset inputs."""
    return {name: file for name, file in request.FILES.items() if file}


@transaction.atomic
def store_submission(submission: LateSubmission, uploads: dict[str, Any]) -> None:
    LateSubmission.objects.make_room(submission.user_id)
    submission.save(force_insert=True)
    LateFile.objects.bulk_create(
        LateFile(
            submission=submission,
            field=field,
            name=file.name,
            content_type=file.content_type or "",
            content=file.read(),
        )
        for field, file in uploads.items()
    )


def render_not_kept(request: HttpRequest, submission: LateSubmission, reason: str, status: int) -> HttpResponseBase:
    """Render a page that explains why, with the submitted fields to be copied."""
    context = {"title": "入力を預かれませんでした", "reason": reason, "submitted_fields": submission.readable_fields}
    return render_submission_page(request, context, status)


def resubmit(
    request: HttpRequest, submission: LateSubmission | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Process a form that was given back, adding its kept files; delete the submission unless the server fails."""
    if submission is None or submission.user_id != signed_in_user(request).pk:
        return view()
    for file in submission.files.all():
        if file.field not in read_files(request):
            uploaded_file = SimpleUploadedFile(file.name, bytes(file.content), file.content_type)
            request.FILES.setlist(file.field, [uploaded_file])
    response = view()
    if response.status_code < 500:
        submission.delete()
    return response


def show_submission(
    request: HttpRequest, submission: LateSubmission | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Show the form with the submitted input; else a page that lists the input and, if allowed, can send it again."""
    if submission is None:
        reason = "預かっていた入力は、もうありません。1時間を過ぎたか、すでに送り直されています。"
        expired: dict[str, Any] = {"title": "入力の続き", "reason": reason, "address": request.get_full_path()}
        return render_submission_page(request, expired, 404)
    if submission.user_id != signed_in_user(request).pk:
        reason = "ほかの利用者の入力です。入力した本人がログインすると、続けられます。"
        return render_submission_page(request, {"title": "入力の続き", "reason": reason}, 403)
    if submission.change_set and open_set(request) is None:
        enter_set(request, submission.change_set)
    files = list(submission.files.all())
    submission.is_shown = not (files or submission.readable_fields)
    status, reason = 200, ""
    token = CURRENT_SUBMISSION.set(submission)
    try:
        response = view()
        status = response.status_code
        if status == 200 and submission.is_shown:
            return response
    except (PermissionDenied, Http404) as error:
        status = 403 if isinstance(error, PermissionDenied) else 404
        reason = str(error) if status == 403 else ""
    finally:
        CURRENT_SUBMISSION.reset(token)
    submission.is_shown = False
    is_allowed = status not in NOT_ALLOWED_STATUSES
    if not is_allowed:
        reason = f"この画面は、今のあなたの役割では開けないか、なくなっています。{reason}"
    context = {"title": "入力の続き", "reason": reason, "can_send": is_allowed, "submission": submission}
    context |= {"files": files, "submitted_fields": submission.readable_fields}
    return render_submission_page(request, context, 200 if is_allowed else status)


def render_submission_page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponseBase:
    response = render(request, "staff/late_submission.html", admin.site.each_context(request) | context, status=status)
    add_never_cache_headers(response)
    return response
