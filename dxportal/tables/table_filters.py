"""What each table can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.comparison import ComparedRows
from budgets.neighbours import year_before
from budgets.rows import BudgetRows
from dxportal.tables.filter_choices import Choices
from dxportal.tables.filters import EVERY_YEAR, AmountFilter, Filters, one
from dxportal.tables.registry import BUDGETS, COMPARISON, LISTINGS, PROJECTS, SAKIGAKE
from dxportal.tables.shared_columns import listing_count
from dxportal.tables.widgets import Text
from projects.models import Appearance, Project
from projects.models.appearances import AppearanceQuerySet

FIGURE = Text(attrs={"inputmode": "numeric"})


class BudgetFilters(Filters):
    table = BUDGETS
    found_by = ("project",)

    area = one(_("分野"), "area")
    sakigake = one(_("重点プロジェクト"), "sakigake")
    stage = one(BUDGETS.by_name["stage"].label, "stage")
    kind = one(BUDGETS.by_name["kind"].label, "kind")
    amount_min = AmountFilter(label=_("予算額の下限（千円）"), method="by_amount_min", widget=FIGURE)
    amount_max = AmountFilter(label=_("予算額の上限（千円）"), method="by_amount_max", widget=FIGURE)
    group = one(_("まとめ方"), "nothing", empty=_("まとめない"))
    unit = one(_("単位"), "nothing", empty=_("千円"))

    OF_LINES = ("stage", "kind", "amount_min", "amount_max")
    IN_A_YEAR = ("area", "sakigake")  # groups that print makes anew every year

    def __init__(self, data: QueryDict, choices: Choices) -> None:
        super().__init__(data, choices)
        if self.is_of_every_year and self.asked.get("group") in self.IN_A_YEAR:
            self.problems.append(
                gettext("%(group)sごとにまとめるには、年度を一つ選んでください。") % {"group": self.word("group")}
            )
            del self.form.cleaned_data["group"]

    def known(self, name: str) -> list[tuple[str, Any]]:
        values = super().known(name)
        return [*values, (EVERY_YEAR, gettext("すべての年度"))] if name == "year" and len(values) > 1 else values

    @property
    def groupings(self) -> list[tuple[str, Any]]:
        return [one for one in super().groupings if not (self.is_of_every_year and one[0] in self.IN_A_YEAR)]

    def rows(self) -> BudgetRows:
        return self.narrowed(BudgetRows.of(None if self.is_of_every_year else self.fiscal_year), "year")

    def rows_of_all_years(self) -> BudgetRows:
        return self.narrowed(BudgetRows.of(None), "year")

    @property
    def asks_for_lines(self) -> bool:
        """Whether something is asked that a project without an amount cannot answer."""
        return any(name in self.asked for name in self.OF_LINES)

    def where(self, rows: BudgetRows, condition: Q) -> BudgetRows:
        return rows.where(condition)

    def by_area(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        listings = Appearance.objects.current().listings()
        return rows.within(listings.filter(countermeasure__goal__domain__area__code=value))

    def by_sakigake(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        return rows.within(Appearance.objects.current().components().filter(sakigake_project__code=value))

    def by_stage(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        return rows.where_line(Q(stage__code=value))

    def by_kind(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        return rows.where_line(Q(kind=value))

    def by_amount_min(self, rows: BudgetRows, name: str, value: int) -> BudgetRows:
        return rows.where_line(Q(amount_thousand_yen__gte=value))

    def by_amount_max(self, rows: BudgetRows, name: str, value: int) -> BudgetRows:
        return rows.where_line(Q(amount_thousand_yen__lte=value))


class ComparisonFilters(Filters):
    table = COMPARISON
    found_by = ("project",)

    base = one(_("比べる元の年度"), "nothing", empty=None)
    kind = one(BUDGETS.by_name["kind"].label, "kind")
    unit = one(_("単位"), "nothing", empty=_("千円"))

    def known(self, name: str) -> list[tuple[str, Any]]:
        return super().known("year" if name == "base" else name)

    def defaults(self) -> dict[str, str]:
        """The base is the latest year before the one that is shown; the same year where there is none before."""
        year = int(self.data.get("year", self.choices.latest))
        return super().defaults() | {"base": str(year_before(year, self.choices.years))}

    @property
    def base_year(self) -> int:
        return int(self.asked.get("base", 0))

    def rows(self) -> ComparedRows:
        are_neighbours = self.base_year == year_before(self.fiscal_year, self.choices.years)
        compared = ComparedRows.of_neighbours if are_neighbours else ComparedRows.of
        return self.narrowed(compared(self.base_year, self.fiscal_year), "year")

    def where(self, rows: ComparedRows, condition: Q) -> ComparedRows:
        return rows.where(condition)

    def by_kind(self, rows: ComparedRows, name: str, value: str) -> ComparedRows:
        return rows.of_kind(value)


class SakigakeFilters(Filters):
    table = SAKIGAKE
    found_by = ("pk", "project", "sakigake_project")

    sakigake = one(_("重点プロジェクト"), "sakigake")
    kind = one(SAKIGAKE.by_name["kind"].label, "kind")
    unit = one(_("単位"), "nothing", empty=_("千円"))

    def rows(self) -> AppearanceQuerySet:
        return self.narrowed(Appearance.objects.current().components())

    def by_sakigake(self, rows: AppearanceQuerySet, name: str, value: str) -> AppearanceQuerySet:
        return rows.filter(sakigake_project__code=value)

    def by_kind(self, rows: AppearanceQuerySet, name: str, value: str) -> AppearanceQuerySet:
        return rows.filter(printed_kind=value)


class ListingFilters(Filters):
    table = LISTINGS
    found_by = ("pk", "project", "countermeasure", "countermeasure__goal")

    area = one(LISTINGS.by_name["area"].label, "area")

    def rows(self) -> AppearanceQuerySet:
        return self.narrowed(Appearance.objects.current().listings())

    def by_area(self, rows: AppearanceQuerySet, name: str, value: str) -> AppearanceQuerySet:
        return rows.filter(countermeasure__goal__domain__area__code=value)


class ProjectFilters(Filters):
    table = PROJECTS

    year = None  # a project outlives the years
    area = one(_("分野"), "area")
    sakigake = one(_("重点プロジェクト"), "sakigake")

    def rows(self) -> QuerySet[Project]:
        return self.narrowed(Project.objects.annotate(listing_count=listing_count()))

    def by_area(self, rows: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        listings = Appearance.objects.current().listings().filter(countermeasure__goal__domain__area__code=value)
        return rows.filter(pk__in=listings.values("project"))

    def by_sakigake(self, rows: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        components = Appearance.objects.current().components().filter(sakigake_project__code=value)
        return rows.filter(pk__in=components.values("project"))


FILTERS: dict[str, type[Filters]] = {
    filters.table.name: filters
    for filters in (BudgetFilters, SakigakeFilters, ListingFilters, ProjectFilters, ComparisonFilters)
}
