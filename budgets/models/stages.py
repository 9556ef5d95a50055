"""Budget stages (予算区分) of a fiscal year: what each means for totals, and what a combined one covers."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from catalog.models import Identified
from catalog.models.base import code_field, editorial_note_field, position_field


class StageRole(models.TextChoices):
    """Part that a stage plays in its fiscal year."""

    REQUEST = "request", "要求"
    INITIAL = "initial", "当初"
    SUPPLEMENTARY = "supplementary", "補正"
    ADJUSTMENT = "adjustment", "流用等"
    CARRIED_IN = "carried_in", "前年度からの繰越"
    REVISED = "revised", "補正後"
    SETTLEMENT = "settlement", "決算"
    CARRIED_OUT = "carried_out", "翌年度への繰越"


# Roles whose amounts may be negative: reductions are printed with △.
SIGNED = (StageRole.SUPPLEMENTARY, StageRole.ADJUSTMENT)
REDUCTION_ELSEWHERE = (
    "減額（△）を入れられるのは、種類が「補正」か「流用等」の予算区分だけです。額の符号か予算区分を直してください。"
)


class StageQuerySet(models.QuerySet["Stage"]):
    def get_by_natural_key(self, code: str) -> Stage:
        return self.get(code=code)

    def in_use(self) -> StageQuerySet:
        """Filter the stages of which there are budget lines."""
        lines: Any = self.model._meta.get_field("budget_lines").related_model
        return self.filter(models.Exists(lines._default_manager.filter(stage=models.OuterRef("pk")).order_by()))


class Stage(Identified):
    code = code_field(unique=True)
    name = models.CharField("予算区分", max_length=200, unique=True, help_text="「当初」「６月補正」など。")
    role = models.CharField(
        "種類",
        max_length=20,
        choices=StageRole,
        help_text="その年度の額のうち、どれに当たるか。減額（△）を入れられるのは、補正と流用等です。",
    )
    position = position_field()
    editorial_note = editorial_note_field()

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = "予算区分"
        verbose_name_plural = "予算区分"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=StageRole.values),
                name="stage_role_known",
                violation_error_message="予算区分の種類は、一覧から選んでください。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)


class StageComponentQuerySet(models.QuerySet["StageComponent"]):
    def get_by_natural_key(self, stage: str, component: str, year_offset: str) -> StageComponent:
        return self.get(stage__code=stage, component__code=component, year_offset=int(year_offset))


YEAR_OFFSETS = ((-1, "前年度"), (0, "同じ年度"), (1, "翌年度"))


class StageComponent(Identified):
    """A plain stage that a combined stage covers, because print states one amount for several stages.

    `year_offset` counts from the fiscal year of the line: -1 is the year before.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="components", verbose_name="合算した予算区分")
    component = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name="含まれる予算区分")
    year_offset = models.SmallIntegerField("年度", choices=YEAR_OFFSETS, default=0)

    objects = StageComponentQuerySet.as_manager()

    class Meta:
        verbose_name = "合算した予算区分の内訳"
        verbose_name_plural = "合算した予算区分の内訳"
        ordering = ["stage__position", "year_offset", "component__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "component", "year_offset"],
                name="stagecomponent_once",
                violation_error_message="この予算区分は、その年度でもう含まれています。一つにしてください。",
            ),
            models.CheckConstraint(
                condition=Q(year_offset__range=(-1, 1)),
                name="stagecomponent_of_a_year_nearby",
                violation_error_message="年度は、一覧から選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage}：{self.component}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.stage.code, self.component.code, str(self.year_offset))
