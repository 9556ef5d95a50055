"""Totals that say what they counted and what they left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from budgets.models import BudgetLine
from budgets.models.lines import BudgetLineQuerySet
from projects.models import Appearance, Kind, Project
from projects.models.projects import ProjectQuerySet


@dataclass(frozen=True)
class Total:
    """The sum of budget lines, in thousand yen; every line counts once, a lending limit apart."""

    expenditure_thousand_yen: int
    lending_limit_thousand_yen: int
    expenditure_rows: int
    lending_limit_rows: int
    not_stated_rows: int

    @property
    def counted_rows(self) -> int:
        return self.expenditure_rows + self.lending_limit_rows

    @classmethod
    def of(cls, lines: BudgetLineQuerySet, not_stated: QuerySet[Project]) -> Total:
        """Count the lines, and the projects of the same scope that state no amount; two queries."""
        sums = {
            kind: (count, amount)
            for kind, count, amount in lines.order_by()
            .values_list("kind")
            .annotate(count=Count("pk"), amount=Sum("amount_thousand_yen"))
        }
        return cls(
            expenditure_thousand_yen=sums.get(Kind.EXPENDITURE, (0, 0))[1],
            lending_limit_thousand_yen=sums.get(Kind.LENDING_LIMIT, (0, 0))[1],
            expenditure_rows=sums.get(Kind.EXPENDITURE, (0, 0))[0],
            lending_limit_rows=sums.get(Kind.LENDING_LIMIT, (0, 0))[0],
            not_stated_rows=not_stated.count(),
        )


def not_stated(appearances: QuerySet[Appearance], fiscal_year: int) -> ProjectQuerySet:
    """Projects among the appearances of a year that state no amount in that year at all."""
    return Project.objects.filter(
        Exists(appearances.filter(project=OuterRef("pk"), fiscal_year=fiscal_year)),
        ~Exists(BudgetLine.objects.filter(project=OuterRef("pk"), fiscal_year=fiscal_year)),
    )
