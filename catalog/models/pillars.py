"""The pillars (施策の柱) of the plan and their concrete items (具体的な取組事項)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalog.models.base import Printed, PrintedQuerySet


class Pillar(Printed):
    printed_fields = ("name", "text")

    name = models.CharField("名称", max_length=200)
    text = models.TextField("説明")

    objects = PrintedQuerySet["Pillar"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "施策の柱"
        verbose_name_plural = "施策の柱"

    def __str__(self) -> str:
        return self.name


class PillarItemQuerySet(PrintedQuerySet["PillarItem"]):
    def roots(self) -> PillarItemQuerySet:
        return self.filter(parent=None)


class PillarItem(Printed):
    """Item of a pillar, with the group heading printed above it; sub-items have it as parent."""

    printed_fields = ("text",)

    pillar = models.ForeignKey(Pillar, models.PROTECT, related_name="items", verbose_name="施策の柱")
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True, verbose_name="上の項目"
    )
    group = models.CharField("まとまり", max_length=200, blank=True, help_text="項目の上に【】で記載されている見出し。")
    text = models.TextField("取組事項")

    objects = PillarItemQuerySet.as_manager()

    class Meta(Printed.Meta):
        verbose_name = "具体的な取組事項"
        verbose_name_plural = "具体的な取組事項"
        constraints = [
            *Printed.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="pillaritem_is_not_its_own_parent",
                violation_error_message="上の項目に、この行そのものは選べません。別の行を選ぶか、空にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
