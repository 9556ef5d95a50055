"""The strategy revision (総合戦略の改訂): sections, policy headings, measures and initiatives."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.base import Printed, PrintedQuerySet


class RevisionMark(models.TextChoices):
    NEW = "new", _("新")
    REVISED = "revised", _("修正")


class StrategySection(Printed):
    printed_fields = ("numeral", "name")

    numeral = models.CharField("番号", max_length=20, blank=True, help_text="資料に記載のとおりに。")
    name = models.CharField("名称", max_length=200)

    objects = PrintedQuerySet["StrategySection"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "総合戦略の項目"
        verbose_name_plural = "総合戦略の項目"

    def __str__(self) -> str:
        return f"{self.numeral} {self.name}".strip()


class PolicyHeading(Printed):
    """Policy heading, printed with ● (総合戦略の「施策の柱」)."""

    printed_fields = ("name", "note")

    section = models.ForeignKey(StrategySection, models.PROTECT, related_name="headings", verbose_name="総合戦略の項目")
    name = models.CharField("名称", max_length=200)
    note = models.CharField("添え書き", max_length=200, blank=True)

    objects = PrintedQuerySet["PolicyHeading"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "施策の柱（総合戦略）"
        verbose_name_plural = "施策の柱（総合戦略）"

    def __str__(self) -> str:
        return self.name


class PolicyMeasure(Printed):
    printed_fields = ("name",)

    heading = models.ForeignKey(
        PolicyHeading, models.PROTECT, related_name="measures", verbose_name="施策の柱（総合戦略）"
    )
    name = models.CharField("施策展開", max_length=200)
    revision_mark = models.CharField("印", max_length=10, choices=RevisionMark, blank=True)

    objects = PrintedQuerySet["PolicyMeasure"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "施策展開"
        verbose_name_plural = "施策展開"
        constraints = [
            *Printed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(revision_mark__in=["", *RevisionMark.values]),
                name="policymeasure_mark_known",
                violation_error_message="改訂の印は、一覧から選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Initiative(Printed):
    """Concrete initiative (具体的取組) with the extended content (拡充等した内容)."""

    printed_fields = ("text", "content")

    measure = models.ForeignKey(PolicyMeasure, models.PROTECT, related_name="initiatives", verbose_name="施策展開")
    text = models.TextField("具体的取組")
    revision_mark = models.CharField("印", max_length=10, choices=RevisionMark, blank=True)
    content = models.TextField("拡充等した内容", blank=True)

    objects = PrintedQuerySet["Initiative"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "具体的取組"
        verbose_name_plural = "具体的取組"
        constraints = [
            *Printed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(revision_mark__in=["", *RevisionMark.values]),
                name="initiative_mark_known",
                violation_error_message="改訂の印は、一覧から選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
