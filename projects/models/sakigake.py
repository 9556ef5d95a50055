"""Sakigake (魁) projects: numbered flagship projects, each consisting of component projects."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from catalog.models import Printed, PrintedQuerySet


class SakigakeProjectQuerySet(PrintedQuerySet["SakigakeProject"]):
    def in_order(self) -> SakigakeProjectQuerySet:
        return self.order_by("number")


class SakigakeProject(Printed):
    printed_fields = ("name", "description")

    number = models.PositiveSmallIntegerField("番号", validators=[MaxValueValidator(999)])
    name = models.CharField("名称", max_length=200)
    description = models.TextField("説明")
    overview_page = models.PositiveSmallIntegerField(
        "一覧のページ", null=True, blank=True, help_text="プロジェクトの一覧に名称が記載されているページ。"
    )

    objects = SakigakeProjectQuerySet.as_manager()

    class Meta(Printed.Meta):
        verbose_name = "プロジェクト"
        verbose_name_plural = "プロジェクト"
        ordering = ["number"]
        constraints = [
            *Printed.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="sakigakeproject_number_unique",
                violation_error_message="この計画には、同じ番号のプロジェクトがもうあります。別の番号を付けてください。",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & (Q(overview_page__isnull=True) | Q(overview_page__gte=1)),
                name="sakigakeproject_counts_from_1",
                violation_error_message="番号と概要のページは1以上の数にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(code=Cast("number", models.CharField())),
                name="sakigakeproject_code_is_number",
                violation_error_message="コードは、番号と同じ数字にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
