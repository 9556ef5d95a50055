"""The promotion structure (推進体制): bodies and the labelled arrows between them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalog.models.base import Printed, PrintedQuerySet


class PromotionBody(Printed):
    printed_fields = ("name", "detail")

    name = models.CharField("名称", max_length=200)
    detail = models.CharField("添え書き", max_length=200, blank=True)

    objects = PrintedQuerySet["PromotionBody"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "推進体制の組織"
        verbose_name_plural = "推進体制の組織"

    def __str__(self) -> str:
        return self.name


class PromotionLink(Printed):
    """Labelled arrow of the diagram; its ends may be unknown or inferred."""

    printed_fields = ("label",)

    label = models.CharField("ラベル", max_length=200)
    source = models.ForeignKey(
        PromotionBody,
        models.PROTECT,
        related_name="links_out",
        null=True,
        blank=True,
        verbose_name="始まり",
        help_text="資料から定まらないときは空にします。推定したときは編集注に書きます。",
    )
    target = models.ForeignKey(
        PromotionBody, models.PROTECT, related_name="links_in", null=True, blank=True, verbose_name="終わり"
    )

    objects = PrintedQuerySet["PromotionLink"].as_manager()

    class Meta(Printed.Meta):
        verbose_name = "推進体制のつながり"
        verbose_name_plural = "推進体制のつながり"
        constraints = [
            *Printed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(source__isnull=True) | Q(target__isnull=True) | ~Q(source=F("target")),
                name="promotionlink_joins_two_bodies",
                violation_error_message="つながりの始まりと終わりには、別の組織を選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return self.label
