"""Sign-in of the desk: form, lock-out page, and password reset by mail."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Thread
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.views import (
    PasswordResetCompleteView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.changesets.current_plan import current_plan
from dxportal.staff.permissions import StaffPermissions
from dxportal.staff.templatetags.staff import person

# Characters of a user name; the form accepts longer ones, which the table of attempts cannot hold.
MAX_USERNAME_LENGTH = 150
MINUTES_BETWEEN_MAILS = 5


def attempted_username(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the user name under which axes counts failed attempts."""
    return ((credentials or {}).get("username") or "")[:MAX_USERNAME_LENGTH]


def render_lockout(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Render the lock-out page after too many failed attempts (429 with Retry-After)."""
    failures = AccessAttempt.objects.filter(
        username=attempted_username(request, credentials),
        ip_address=request.axes_ip_address,  # type: ignore[attr-defined]  # axes puts it there
    )
    now = timezone.now()
    last = failures.aggregate(last=Max("attempt_time"))["last"] or now
    until = last + settings.AXES_COOLOFF_TIME
    seconds = max(1, int((until - now).total_seconds()) + 1)
    context = {"title": _("しばらくログインできません"), "until": until, "minutes": -(-seconds // 60)}
    page = render(request, "admin/locked_out.html", SITE_NAMES | context, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page


class SignInForm(AuthenticationForm):
    """Sign-in form that requires a duty; a user without one is told so only if the password is right."""

    error_messages = AdminAuthenticationForm.error_messages

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not StaffPermissions.of(user).is_on_duty:
            administrators = User.objects.filter(is_superuser=True, is_active=True)
            names = "、".join(map(person, administrators)) or "まだいません"
            raise ValidationError(
                "ユーザー名とパスワードは合っていますが、この利用者にはまだ役割がありません。"
                f"このサイトの管理者（{names}）に、役割を付けてもらってください。"
            )


class ThrottledPasswordResetForm(PasswordResetForm):
    """Password reset form that reveals no accounts and limits the mails for each user.

    Mails are sent in a thread, so that the response time does not depend on whether the address is known.
    """

    def get_users(self, email: str) -> Iterable[User]:
        users = super().get_users(email)
        return (user for user in users if cache.add(f"password-reset-{user.pk}", True, MINUTES_BETWEEN_MAILS * 60))

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        Thread(target=super().send_mail, args=args, kwargs=kwargs, name="password-reset-mail").start()


class DeskPasswordResetView(PasswordResetView):
    form_class = ThrottledPasswordResetForm
    email_template_name = "registration/password_reset_email.txt"

    @property
    def extra_email_context(self) -> dict[str, Any]:  # type: ignore[override]  # computed here, so that the mail thread needs no database
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        return {"site": current_plan() or "", "site_url": settings.SITE_URL, "minutes": minutes}


SITE_HEADER = "計画カタログの管理"
SITE_TITLE = "計画カタログ"
SITE_NAMES = {"site_header": SITE_HEADER, "site_title": SITE_TITLE}

password_reset = DeskPasswordResetView.as_view(
    title=_("パスワードの再設定"),
    extra_context=SITE_NAMES,
)
password_reset_done = PasswordResetDoneView.as_view(
    title=_("メールを確かめてください"),
    extra_context=SITE_NAMES | {"minutes": MINUTES_BETWEEN_MAILS, "valid": settings.PASSWORD_RESET_TIMEOUT // 60},
)
password_reset_confirm = PasswordResetConfirmView.as_view(title=_("新しいパスワード"), extra_context=SITE_NAMES)
password_reset_complete = PasswordResetCompleteView.as_view(
    title=_("パスワードを再設定しました"), extra_context=SITE_NAMES
)
