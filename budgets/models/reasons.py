"""Reasons for year-on-year changes (増減の理由), as the departments in charge state them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from catalog.models import Identified
from catalog.models.base import FISCAL_YEARS, fiscal_year_field
from projects.models import Project


class ChangeReasonQuerySet(models.QuerySet["ChangeReason"]):
    def get_by_natural_key(self, project: str, fiscal_year: str, base_year: str) -> ChangeReason:
        return self.get(project__code=project, fiscal_year=fiscal_year, base_year=base_year)

    def between(self, base_year: int, fiscal_year: int) -> ChangeReasonQuerySet:
        """Filter the reasons for changes from one fiscal year to another."""
        return self.filter(base_year=base_year, fiscal_year=fiscal_year)


class ChangeReason(Identified):
    """Reason why a project's amounts differ between two fiscal years: one text for each pair of years."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="change_reasons", verbose_name="事業")
    fiscal_year = fiscal_year_field()
    base_year = models.PositiveSmallIntegerField(
        "比較対象の年度",
        validators=[MinValueValidator(FISCAL_YEARS[0]), MaxValueValidator(FISCAL_YEARS[1])],
        help_text="西暦で。ふつうは、額のあるすぐ前の年度です。",
    )
    text = models.TextField(
        "増減の理由",
        help_text="比較対象の年度から額が増減した理由を、県民に分かる文で。年度の比較のページに表示されます。",
    )

    objects = ChangeReasonQuerySet.as_manager()

    class Meta:
        verbose_name = "増減の理由"
        verbose_name_plural = "増減の理由"
        ordering = ["-fiscal_year", "-base_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "base_year", "project"],
                name="changereason_once",
                violation_error_message="この事業には、同じ二つの年度の増減の理由がもうあります。その文を直してください。",
            ),
            models.CheckConstraint(
                condition=Q(base_year__lt=F("fiscal_year")),
                name="changereason_base_year_before",
                violation_error_message="比較対象の年度は、年度より前の年度にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year__range=FISCAL_YEARS, base_year__range=FISCAL_YEARS),
                name="changereason_years_possible",
                violation_error_message="年度は、西暦（1900〜2999）で入れてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.base_year}年度から{self.fiscal_year}年度"

    def natural_key(self) -> tuple[str, ...]:
        return (self.project.code, str(self.fiscal_year), str(self.base_year))
