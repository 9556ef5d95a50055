"""Choices of the tables' filters, read from the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, PositiveIntegerField, QuerySet, Value
from django.db.models.functions import Cast

from budgets.models import Stage
from budgets.totals import fiscal_years
from catalog.compiled_queries import compiled_query
from catalog.models import Area, Department
from dxportal.money_and_years import fiscal_year
from projects.models import SakigakeProject

YEAR_PARAMETERS = ("year", "base")  # parameters that hold a fiscal year
PARAMETERS_WITH_CHOICES = frozenset(
    {*YEAR_PARAMETERS, "department", "area", "sakigake", "stage"}
)  # whose choices are database rows

FilterChoice = tuple[str, Any]


@dataclass(frozen=True)
class FilterChoices:
    """Values and labels by parameter, read in two queries; years latest first."""

    years: list[int]
    by_parameter: dict[str, list[FilterChoice]]

    @classmethod
    def read(cls) -> FilterChoices:
        found: dict[str, list[FilterChoice]] = defaultdict(list)
        for parameter, code, label, _ in sorted(select_choices(), key=lambda row: (row[0], row[3], row[1])):
            found[parameter].append((code, f"{code} {label}" if parameter == "sakigake" else label))
        return cls(fiscal_years(), found)

    @property
    def latest_year(self) -> int:
        """The latest fiscal year of any project; 0 on an empty catalogue."""
        return self.years[0] if self.years else 0

    def for_parameter(self, parameter: str) -> list[FilterChoice]:
        if parameter in YEAR_PARAMETERS:
            return [(str(year), fiscal_year(year)) for year in self.years]
        return self.by_parameter.get(parameter, [])


@compiled_query
def select_choices() -> QuerySet[Any, Any]:
    """Select (parameter, code, label, sort position) of every choice as one UNION ALL."""
    rows = {
        "department": (Department.objects.all(), F("name"), F("position")),
        "area": (Area.objects.current(), F("name"), F("position")),
        "sakigake": (SakigakeProject.objects.current(), F("name"), F("number")),
        "stage": (Stage.objects.all(), F("name"), F("position")),
    }
    first, *others = [
        queryset.order_by().values_list(
            Value(parameter, CharField()), F("code"), label, Cast(order, PositiveIntegerField())
        )
        for parameter, (queryset, label, order) in rows.items()
    ]
    return first.union(*others, all=True)
