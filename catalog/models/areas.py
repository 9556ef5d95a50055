"""The areas of the plan: future images, domains (区分), goals (目標) and countermeasures (対応策)."""

from __future__ import annotations

from django.db import models

from catalog.models.base import Printed, PrintedQuerySet


class Area(Printed):
    printed_fields = ("numeral", "name")

    numeral = models.CharField("番号", max_length=20, blank=True, help_text="「Ⅰ」など、資料に記載のとおりに。")
    name = models.CharField("名称", max_length=200)

    objects = PrintedQuerySet["Area"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "分野"
        verbose_name_plural = "分野"

    def __str__(self) -> str:
        return f"{self.numeral} {self.name}".strip()


class FutureImage(Printed):
    """Future vision (目指すべき将来像) of an area."""

    printed_fields = ("text",)

    area = models.ForeignKey(Area, models.PROTECT, related_name="future_images", verbose_name="分野")
    text = models.TextField("将来像")

    objects = PrintedQuerySet["FutureImage"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "目指すべき将来像"
        verbose_name_plural = "目指すべき将来像"

    def __str__(self) -> str:
        return self.text[:60]


class Domain(Printed):
    printed_fields = ("name",)

    area = models.ForeignKey(Area, models.PROTECT, related_name="domains", verbose_name="分野")
    name = models.CharField("名称", max_length=200)

    objects = PrintedQuerySet["Domain"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "区分"
        verbose_name_plural = "区分"

    def __str__(self) -> str:
        return self.name


class GoalQuerySet(PrintedQuerySet["Goal"]):
    def in_printed_order(self) -> GoalQuerySet:
        return self.order_by("domain__area__position", "domain__position", "position")


class Goal(Printed):
    """Goal (目標、目指すべき姿) with the keyword printed next to it."""

    printed_fields = ("keyword", "text")

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="goals", verbose_name="区分")
    keyword = models.CharField("キーワード", max_length=200)
    text = models.TextField("目標（目指すべき姿）")

    objects = GoalQuerySet.as_manager()

    class Meta(Printed.Meta):
        verbose_name = "目標"
        verbose_name_plural = "目標"

    def __str__(self) -> str:
        return f"{self.code} {self.keyword}"


class Countermeasure(Printed):
    printed_fields = ("text",)

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="countermeasures", verbose_name="目標")
    text = models.TextField("対応策")

    objects = PrintedQuerySet["Countermeasure"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "対応策"
        verbose_name_plural = "対応策"

    def __str__(self) -> str:
        return f"{self.code} {self.text[:40]}"
