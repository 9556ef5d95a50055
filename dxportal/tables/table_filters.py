"""Filter set of each table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.comparison import ComparedRows, ComparedTotal
from budgets.materialized_comparison import pair_years, year_before
from budgets.models import BudgetChange, BudgetRow, Measure
from budgets.rows import BudgetRows
from budgets.sakigake import Money
from budgets.years import SectionYears
from dxportal.tables.filter_choices import FilterChoices
from dxportal.tables.filters import (
    ALL_YEARS,
    UNIT_LABELS,
    YEAR_LABEL,
    AmountFilter,
    ChoiceFilter,
    DisplayFilter,
    TableFilters,
    TableForm,
    department_filter,
    find_requested_years,
)
from dxportal.tables.registry import BUDGETS, COMPARISON, LISTINGS, MEMBERSHIPS, PARTS, PROJECTS, SAKIGAKE
from dxportal.tables.shared_columns import count_listings
from dxportal.tables.table import Table
from dxportal.tables.totals import BudgetTotal, RowCount
from projects import materialized_ranks
from projects.models import AmountKind, Appearance, NamedPart, Project
from projects.models.appearances import AppearanceQuerySet
from projects.models.projects import ProjectQuerySet

NUMERIC_INPUT = forms.TextInput(attrs={"inputmode": "numeric"})
AREA_PATH = "countermeasure__goal__domain__area__code"
SAKIGAKE_PATH = "sakigake_project__code"


def area_filter(**options: Any) -> ChoiceFilter:
    return ChoiceFilter(**{"field_name": AREA_PATH, "label": _("分野")} | options)


def sakigake_filter(**options: Any) -> ChoiceFilter:
    return ChoiceFilter(**{"field_name": SAKIGAKE_PATH, "label": _("プロジェクト")} | options)


def kind_filter(**options: Any) -> ChoiceFilter:
    return ChoiceFilter(label=BUDGETS.by_name["kind"].label, choices=AmountKind.choices, **options)


def sort_filter(table: Table) -> DisplayFilter:
    return DisplayFilter(
        label=_("並べ方"), empty_label=_("資料・部局の順"), choices=lambda: list(table.sort_choices.items())
    )


def measure_filter(*measures: Measure) -> DisplayFilter:
    """Return the parameter that says which lines are counted; no filter, as 記載なし stays."""
    choices = [(measure.value, measure.label) for measure in measures or Measure]
    return DisplayFilter(label=_("集計する額"), empty_label=_("年度の標準"), choices=choices)


def unit_filter() -> DisplayFilter:
    return DisplayFilter(label=_("単位"), empty_label=_("千円"), choices=list(UNIT_LABELS.items()))


class YearFilters(TableFilters):
    """Filter set of a table whose rows are chosen by the year: an object with the filter methods of a queryset."""

    search_paths = ("project",)

    year = DisplayFilter(label=YEAR_LABEL, empty_label=None)

    def filter_queryset(self, queryset: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


class BudgetForm(TableForm):
    SINGLE_YEAR_GROUPINGS = ("area", "sakigake")  # groupings defined within one year, by the appearances printed for it

    def clean(self) -> None:
        super().clean()
        group = self.cleaned_data.get("group")
        if group and self.cleaned_data.get("measure") == Measure.ALL:
            self.add_error(
                None, gettext("「すべて」の額は性格が違い、足し合わせません。集計する額を一つ選んでください。")
            )
            del self.cleaned_data["group"]
        elif group in self.SINGLE_YEAR_GROUPINGS and self.cleaned_data.get("year") == ALL_YEARS:
            field: Any = self.fields["group"]
            sentence = gettext("%(group)sに集計するには、年度を一つ選んでください。")
            self.add_error(None, sentence % {"group": dict(field.choices)[group]})
            del self.cleaned_data["group"]


class BudgetFilters(YearFilters):
    table = BUDGETS

    measure = measure_filter()
    area = area_filter(method="filter_by_area")
    sakigake = sakigake_filter(method="filter_by_sakigake")
    stage = ChoiceFilter("stage__code", label=BUDGETS.by_name["stage"].label, method="filter_by_line")
    kind = kind_filter(method="filter_by_line")
    amount_min = AmountFilter(
        "amount_thousand_yen__gte", label=_("予算額の下限（千円）"), method="filter_by_line", widget=NUMERIC_INPUT
    )
    amount_max = AmountFilter(
        "amount_thousand_yen__lte", label=_("予算額の上限（千円）"), method="filter_by_line", widget=NUMERIC_INPUT
    )
    group = DisplayFilter(label=_("集計"), empty_label=_("しない"))
    sort = sort_filter(BUDGETS)
    unit = unit_filter()

    LINE_PARAMETERS = ("stage", "kind", "amount_min", "amount_max")

    class Meta:
        model = BudgetRow
        fields = ()
        form = BudgetForm

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        super().__init__(data, choices)
        years = choices.for_parameter("year")
        if len(years) > 1:
            self.set_choices("year", [*years, (ALL_YEARS, gettext("すべての年度"))])

    @property
    def groupings(self) -> list[tuple[str, Any]]:
        return [
            grouping
            for grouping in super().groupings
            if not (self.has_all_years and grouping[0] in BudgetForm.SINGLE_YEAR_GROUPINGS)
        ]

    @property
    def qs(self) -> BudgetRows:
        return self.rows_of_year(None if self.has_all_years else self.fiscal_year)

    def rows_of_year(self, fiscal_year: int | None) -> BudgetRows:
        """Return the rows of a year, or of all years (None), with the other filters applied."""
        rows: BudgetRows = self.filter_queryset(BudgetRows.of(fiscal_year, self.measure))
        return rows

    def total_of(self, rows: BudgetRows) -> BudgetTotal:
        return BudgetTotal(rows)

    @property
    def has_line_filters(self) -> bool:
        """Whether a filter on budget lines is set, which excludes projects without an amount."""
        return any(name in self.parameters for name in self.LINE_PARAMETERS)

    def filter_by_area(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        return rows.within(Appearance.objects.current().listings().filter(**{name: value}))

    def filter_by_sakigake(self, rows: BudgetRows, name: str, value: str) -> BudgetRows:
        return rows.within(Appearance.objects.current().components().filter(**{name: value}))

    def filter_by_line(self, rows: BudgetRows, name: str, value: Any) -> BudgetRows:
        return rows.filter_lines(Q(**{name: value}))


class ComparisonFilters(YearFilters):
    table = COMPARISON

    base = DisplayFilter(label=_("比較対象の年度"), empty_label=None)
    measure = measure_filter(*(measure for measure in Measure if measure.has_total))
    sort = sort_filter(COMPARISON)
    unit = unit_filter()

    class Meta:
        model = BudgetChange
        fields = ()
        form = TableForm

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        """Default `base` to the latest year before `year` in which a line states an amount, or to `year` itself."""
        super().__init__(data, choices)
        section = self.section_years
        year = next(reversed(find_requested_years(data, section)), section.default)
        self.filters["base"].extra.update(initial=year_before(year, choices.years.lines))

    @property
    def base_year(self) -> int:
        return int(self.parameters.get("base", 0))

    @property
    def opening_measure(self) -> Measure:
        """The measure that both years have."""
        return pair_years(self.base_year, self.fiscal_year, self.choices.years).measure

    @property
    def qs(self) -> ComparedRows:
        are_neighbours = self.base_year == year_before(self.fiscal_year, self.choices.years.all_years)
        is_materialised = are_neighbours and self.measure == self.opening_measure
        compared = ComparedRows.of_neighbours if is_materialised else ComparedRows.of
        rows: ComparedRows = self.filter_queryset(compared(self.base_year, self.fiscal_year, self.measure))
        return rows

    def total_of(self, rows: ComparedRows) -> ComparedTotal:
        return ComparedTotal.of(rows)


class SakigakeFilters(TableFilters):
    table = SAKIGAKE
    search_paths = ("pk", "project", "sakigake_project")

    measure = measure_filter(*(measure for measure in Measure if measure.has_total))
    sakigake = sakigake_filter()
    kind = kind_filter(field_name="printed_kind")
    sort = sort_filter(SAKIGAKE)
    unit = unit_filter()

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        super().__init__(data, choices, Appearance.objects.current().components())

    @property
    def section_years(self) -> SectionYears:
        return self.choices.years.sakigake

    def total_of(self, rows: AppearanceQuerySet) -> Money:
        return Money.of(rows, self.measure)


class ListingFilters(TableFilters):
    table = LISTINGS
    search_paths = ("pk", "project", "countermeasure", "countermeasure__goal")

    area = area_filter()
    sort = sort_filter(LISTINGS)

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        super().__init__(data, choices, Appearance.objects.current().listings())

    @property
    def section_years(self) -> SectionYears:
        return self.choices.years.listings


class ProjectFilters(TableFilters):
    table = PROJECTS

    year = None  # a project outlives the years
    area = area_filter(method="filter_by_listing")
    sakigake = sakigake_filter(method="filter_by_component")
    sort = sort_filter(PROJECTS)

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        super().__init__(data, choices, Project.objects.annotate(listing_count=count_listings()))

    def total_of(self, rows: ProjectQuerySet) -> RowCount:
        return RowCount(materialized_ranks.count_projects(rows))

    def filter_by_listing(self, rows: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        return self.filter_by_appearance(rows, Appearance.objects.current().listings().filter(**{name: value}))

    def filter_by_component(self, rows: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        return self.filter_by_appearance(rows, Appearance.objects.current().components().filter(**{name: value}))

    def filter_by_appearance(self, rows: ProjectQuerySet, appearances: AppearanceQuerySet) -> ProjectQuerySet:
        return rows.filter(pk__in=appearances.values("project"))


class PartFilters(TableFilters):
    table = PARTS
    search_paths = tuple(
        f"appearance{path}"
        for path in ("", "__project", "__countermeasure", "__countermeasure__goal", "__sakigake_project")
    )

    year = ChoiceFilter("appearance__fiscal_year", label=YEAR_LABEL, empty_label=None)
    department = department_filter("appearance__department__code")
    area = area_filter(field_name=f"appearance__{AREA_PATH}")
    sakigake = sakigake_filter(field_name=f"appearance__{SAKIGAKE_PATH}")

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        appearances = Appearance.objects.current()
        super().__init__(data, choices, NamedPart.objects.filter(appearance__in=appearances.order_by().values("pk")))

    @property
    def section_years(self) -> SectionYears:
        return self.choices.years.appearing


class MembershipFilters(TableFilters):
    table = MEMBERSHIPS
    search_paths = SakigakeFilters.search_paths

    area = area_filter(method="filter_by_listing")
    sakigake = sakigake_filter()

    def __init__(self, data: QueryDict, choices: FilterChoices) -> None:
        super().__init__(data, choices, Appearance.objects.current().components())

    @property
    def section_years(self) -> SectionYears:
        return self.choices.years.sakigake

    @property
    def qs(self) -> AppearanceQuerySet:
        """The components that meet the conditions, the first of each year, Sakigake project and project."""
        components: AppearanceQuerySet = super().qs
        return components.first_of_each("fiscal_year", "sakigake_project", "project")

    def filter_by_listing(self, rows: AppearanceQuerySet, name: str, value: str) -> AppearanceQuerySet:
        """Filter the projects that are listed in an area in the same year."""
        listed = Appearance.objects.current().listings().filter(**{name: value})
        return rows.filter(Exists(listed.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))))


FILTERS: dict[Table, type[TableFilters]] = {
    filters.table: filters
    for filters in (
        BudgetFilters,
        SakigakeFilters,
        ListingFilters,
        ProjectFilters,
        ComparisonFilters,
        PartFilters,
        MembershipFilters,
    )
}
