"""Duties of the desk's users, and late submissions: forms sent after the session had ended."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from catalog.models import Department
from dxportal.changesets.models import ChangeSet


class Role(models.TextChoices):
    BUREAU = "bureau", "デジタル推進部門（すべてを提案・公開）"
    EDITOR = "editor", "部局編集者（自部局の事業と予算を提案）"
    VIEWER = "viewer", "部局閲覧者（自部局の提案を見る）"


class Duty(models.Model):
    """A role of a user, for the whole plan or for one department; a user can have several duties."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="duties", verbose_name="利用者")
    role = models.CharField("役割", max_length=10, choices=Role)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="部局",
        help_text="部局編集者・部局閲覧者のときに選びます。複数の部局なら行を増やします。",
    )

    class Meta:
        verbose_name = "役割"
        verbose_name_plural = "役割"
        constraints = [
            models.CheckConstraint(
                condition=Q(role=Role.BUREAU, department__isnull=True)
                | Q(role__in=(Role.EDITOR, Role.VIEWER), department__isnull=False),
                name="duty_department_fits_role",
                violation_error_message="部局編集者・部局閲覧者には部局を選び、デジタル推進部門には選ばないでください。",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "department"],
                name="duty_once_for_a_department",
                violation_error_message="この利用者は、この部局の同じ役割をもう持っています。どちらかの行を消してください。",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(department__isnull=True),
                name="duty_once_for_the_plan",
                violation_error_message="この利用者は、同じ役割をもう持っています。どちらかの行を消してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.department or ''}".strip()


# Inputs of the admin's forms that users do not fill in.
BUTTON_NAMES = ("_save", "_continue", "_addanother", "_popup", "_to_field")


class LateSubmissionQuerySet(models.QuerySet["LateSubmission"]):
    RETENTION = timedelta(hours=1)
    MAX_PER_USER = 5

    def current(self) -> LateSubmissionQuerySet:
        """Submissions of the last hour, the latest first."""
        return self.filter(received_at__gt=timezone.now() - self.RETENTION).order_by("-received_at")

    def with_token(self, token: str) -> LateSubmission | None:
        """Return the submission with this token, or None; the caller checks its owner."""
        try:
            return self.current().filter(pk=UUID(token)).first()
        except ValueError:
            return None

    def delete_old(self) -> None:
        self.filter(received_at__lte=timezone.now() - self.RETENTION).delete()

    def make_room(self, user_id: int) -> None:
        """Delete expired submissions, and the oldest of this user, so that one more can be stored."""
        self.delete_old()
        latest = self.filter(user_id=user_id).order_by("-received_at").values_list("pk", flat=True)
        self.filter(user_id=user_id).exclude(pk__in=list(latest[: self.MAX_PER_USER - 1])).delete()


class LateSubmission(models.Model):
    """A form sent after its user's session had ended, kept for an hour.

    The primary key is the token in its address; it is of use to its user alone. Passwords are not stored.
    """

    PARAMETER = "_late"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    change_set = models.ForeignKey(ChangeSet, models.SET_NULL, related_name="+", null=True)  # the open set, if any
    path = models.TextField()  # with the query string
    fields_json = models.BinaryField()  # JSON pairs as bytes, because PostgreSQL text cannot hold NUL
    received_at = models.DateTimeField(default=timezone.now)

    objects = LateSubmissionQuerySet.as_manager()

    # Not stored: set by the view that shows this submission in its form.
    is_shown = False

    class Meta:
        verbose_name = "預かっている入力"
        verbose_name_plural = "預かっている入力"

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return f"{self.path}{'&' if '?' in self.path else '?'}{urlencode({self.PARAMETER: self.pk})}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in json.loads(bytes(self.fields_json))]

    @property
    def data(self) -> QueryDict:
        """The fields as form data."""
        data = QueryDict(mutable=True)
        for name, value in self.fields:
            data.appendlist(name, value)
        return data

    @property
    def readable_fields(self) -> list[tuple[str, str]]:
        """Fields that users fill in, without buttons, formset counters and hidden initial values."""
        return [
            (name, value)
            for name, value in self.fields
            if value and name not in BUTTON_NAMES and not re.search("^initial-|_FORMS$|-__prefix__-", name)
        ]

    @property
    def has_password(self) -> bool:
        return any(is_password(name) for name, _ in self.fields)

    @property
    def expires_at(self) -> datetime:
        return self.received_at + LateSubmissionQuerySet.RETENTION


def is_password(name: str) -> bool:
    """Tell whether a field may hold a password; `usable_password` only chooses whether there is one."""
    return "password" in name.lower() and name != "usable_password"


class LateFile(models.Model):
    """A file that was sent with a late submission."""

    submission = models.ForeignKey(LateSubmission, models.CASCADE, related_name="files")
    field = models.TextField()
    name = models.TextField()
    content_type = models.TextField()
    content = models.BinaryField()

    class Meta:
        verbose_name = "預かっているファイル"
        verbose_name_plural = "預かっているファイル"

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        return len(self.content)
