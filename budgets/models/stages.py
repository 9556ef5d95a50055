"""Budget stages (予算区分): initial, supplementary, or several of them added up in print."""

from __future__ import annotations

from django.db import models

from catalog.models import Identified
from catalog.models.base import code_field, editorial_note_field, position_field


class StageQuerySet(models.QuerySet["Stage"]):
    def get_by_natural_key(self, code: str) -> Stage:
        return self.get(code=code)


class Stage(Identified):
    code = code_field(unique=True)
    name = models.CharField("予算区分", max_length=200, unique=True, help_text="「当初」「６月補正」など。")
    is_combined = models.BooleanField(
        "合算した予算区分",
        default=False,
        help_text="複数の予算区分を合算した額だけが記載されているとき。個別の予算区分とは同じ年度に並べられません。",
    )
    position = position_field()
    editorial_note = editorial_note_field()

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = "予算区分"
        verbose_name_plural = "予算区分"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)
