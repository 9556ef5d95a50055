"""Choices of the tables' filters, read from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, PositiveIntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext

from budgets.models import Stage
from budgets.years import CatalogueYears, read_years
from catalog.compiled_queries import compiled_query
from catalog.models import Area, Department, Plan
from dxportal.money_and_years import fiscal_year
from projects.models import SakigakeProject

YEAR_PARAMETERS = ("year", "base")  # parameters that hold a fiscal year
PARAMETERS_WITH_CHOICES = frozenset(
    {*YEAR_PARAMETERS, "department", "area", "sakigake", "stage"}
)  # whose choices are database rows

SAKIGAKE_LABEL = "sakigake_label"  # no parameter: read in the same query as their choices

FilterChoice = tuple[str, Any]


@dataclass(frozen=True)
class FilterChoices:
    """Values and labels by parameter, and the fiscal years; read in two queries."""

    years: CatalogueYears
    by_parameter: dict[str, list[FilterChoice]]

    @classmethod
    def read(cls) -> FilterChoices:
        found: dict[str, list[FilterChoice]] = defaultdict(list)
        for parameter, code, label, _ in sorted(select_choices(), key=lambda row: (row[0], row[3], row[1])):
            found[parameter].append((code, f"{code} {label}" if parameter == "sakigake" else label))
        return cls(read_years(), found)

    @property
    def sakigake_label(self) -> str:
        """The current plan's name for its Sakigake projects."""
        return next((label for _, label in self.by_parameter.get(SAKIGAKE_LABEL, ())), gettext("プロジェクト"))

    def for_parameter(self, parameter: str) -> list[FilterChoice]:
        if parameter in YEAR_PARAMETERS:
            return label_years(self.years.all_years)
        return self.by_parameter.get(parameter, [])


def label_years(years: Iterable[int]) -> list[FilterChoice]:
    return [(str(year), fiscal_year(year)) for year in years]


@compiled_query
def select_choices() -> QuerySet[Any, Any]:
    """Select (parameter, code, label, sort position) of every choice as one UNION ALL."""
    rows: dict[str, tuple[QuerySet[Any], F, Any]] = {
        "department": (Department.objects.all(), F("name"), F("position")),
        "area": (Area.objects.current(), F("name"), F("position")),
        "sakigake": (SakigakeProject.objects.current(), F("name"), F("number")),
        "stage": (Stage.objects.in_use(), F("name"), F("position")),
        SAKIGAKE_LABEL: (Plan.objects.filter(is_current=True), F("sakigake_label"), Value(0)),
    }
    first, *others = [
        queryset.order_by().values_list(
            Value(parameter, CharField()), F("code"), label, Cast(order, PositiveIntegerField())
        )
        for parameter, (queryset, label, order) in rows.items()
    ]
    return first.union(*others, all=True)
