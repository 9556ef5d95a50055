"""Who is in charge of what at the desk."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Department


class Role(models.TextChoices):
    BUREAU = "bureau", "デジタル推進部門（すべてを提案・公開）"
    EDITOR = "editor", "部局編集者（自部局の事業と予算を提案）"
    VIEWER = "viewer", "部局閲覧者（自部局の提案を見る）"


class Duty(models.Model):
    """A role of a user: of the whole plan, or for one department; a user can have several."""

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
            models.UniqueConstraint(fields=["user", "role", "department"], name="duty_once_for_a_department"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(department__isnull=True), name="duty_once_for_the_plan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.department or ''}".strip()
