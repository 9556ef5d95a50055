"""Stages of printed amounts: the budget stage of the amounts that a document prints."""

from __future__ import annotations

from django.db import models

from budgets.models.stages import Stage
from catalog.models import Identified, SourceDocument


class PrintedStageQuerySet(models.QuerySet["PrintedStage"]):
    def get_by_natural_key(self, stage: str, number: str) -> PrintedStage:
        return self.get(stage__code=stage, document__number=number)


class PrintedStage(Identified):
    """Stage of the amounts that a document prints; a document that prints none, or of several stages, has no row.

    The natural key names the document by its number, which is unique because a site holds one plan.
    """

    document = models.OneToOneField(
        SourceDocument,
        models.PROTECT,
        related_name="printed_stage",
        verbose_name="資料",
        help_text="事業の額が記載されている資料。",
        error_messages={
            "unique": "この資料に記載の額の予算区分は、もう入っています。別の区分なら、その行を直してください。"
        },
    )
    stage = models.ForeignKey(
        Stage,
        models.PROTECT,
        related_name="printed_in",
        verbose_name="予算区分",
        help_text="この資料に記載の額が、どの予算区分の額か。",
    )

    objects = PrintedStageQuerySet.as_manager()

    class Meta:
        verbose_name = "資料に記載の額の予算区分"
        verbose_name_plural = "資料に記載の額の予算区分"
        ordering = ["document__number"]

    def __str__(self) -> str:
        return f"{self.document.label}：{self.stage}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.stage.code, str(self.document.number))
