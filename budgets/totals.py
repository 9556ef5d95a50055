"""Totals that say what they counted and what they left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from budgets.models import BudgetLine
from budgets.models.lines import BudgetLineQuerySet
from projects.models import Appearance, Kind, Project
from projects.models.appearances import AppearanceQuerySet
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


def not_stated(appearances: AppearanceQuerySet, fiscal_year: int) -> ProjectQuerySet:
    """Projects for which none of these appearances speaks of an amount in that year.

    A project that states an amount for one part is among them where only its other parts are named.
    """
    of_year = appearances.for_year(fiscal_year)
    spoken_of = BudgetLine.objects.for_year(fiscal_year).pointed_at_by(of_year)
    return Project.objects.filter(
        Exists(of_year.filter(project=OuterRef("pk"))), ~Exists(spoken_of.filter(project=OuterRef("pk")))
    )


def fiscal_years() -> list[int]:
    """The years in which projects appear or state an amount, latest first; one query."""
    appearing = Appearance.objects.current().order_by().values_list("fiscal_year")
    stating = BudgetLine.objects.order_by().values_list("fiscal_year")
    return sorted((year for (year,) in appearing.union(stating)), reverse=True)
