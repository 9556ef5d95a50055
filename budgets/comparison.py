"""Year-on-year comparison of budgets: new and ended projects, increased and decreased amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from budgets.coverage import CoverageMark, read_coverage_marks
from budgets.models import AmountChange, BudgetChange, BudgetChangeSum, BudgetRow, BudgetSum, ChangeReason, Measure
from budgets.models.measures import sum_amounts
from budgets.models.table import BudgetRowQuerySet
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.compiled_queries import compiled_query
from catalog.contents import departments
from projects.models import AmountKind


def classify_change() -> Case:
    """Build the CASE expression that classifies a project by its compared amounts, which are NULL if not stated.

    Compared is the expenditure, or the lending limit of a project that states no expenditure in either year.
    """
    nothing_before, nothing_after = Q(base_compared__isnull=True), Q(compared__isnull=True)
    cases = [
        (~nothing_before & ~nothing_after & ~Q(base_coverage=F("coverage")), AmountChange.INCOMPARABLE),
        (Q(compared__gt=F("base_compared")), AmountChange.INCREASED),
        (Q(compared__lt=F("base_compared")), AmountChange.DECREASED),
        (Q(compared=F("base_compared")), AmountChange.SAME),
        (nothing_before & Q(was_there=0), AmountChange.NEW),
        (nothing_after & Q(is_there=0), AmountChange.ENDED),
        (nothing_before & nothing_after, AmountChange.SILENT),
        (nothing_after, AmountChange.UNSTATED),
    ]
    whens = [When(condition, then=Value(change.value)) for condition, change in cases]
    return Case(*whens, default=Value(AmountChange.STATED.value), output_field=CharField())


@dataclass(frozen=True)
class ComparedRows:
    """The rows of a comparison: each project of either year with its sums of one measure, in thousand yen.

    `rows` are the budget rows of both years, `of_years` the same for their totals. For consecutive years and their
    common measure, `arranged` are the materialised rows, which `budgets.materialized_comparison` derives from
    `compared`; `is_whole` is True while no other filter applies, so that materialised sums serve too.
    """

    base_year: int
    year: int
    measure: Measure
    rows: BudgetRowQuerySet
    of_years: BudgetRows
    arranged: QuerySet[BudgetChange] | None = None
    is_whole: bool = False

    @classmethod
    def of(cls, base_year: int, year: int, measure: Measure) -> ComparedRows:
        both = Q(fiscal_year__in=(base_year, year))
        of_years = BudgetRows.of(None, measure).filter(both)
        return cls(base_year, year, measure, BudgetRow.objects.filter(both), of_years)

    @classmethod
    def of_neighbours(cls, base_year: int, year: int, measure: Measure) -> ComparedRows:
        """Return the materialised comparison of a year with the one before, or of the first year with itself."""
        arranged = BudgetChange.objects.filter(fiscal_year=year)
        return replace(cls.of(base_year, year, measure), arranged=arranged, is_whole=True)

    def filter(self, *conditions: Q, **lookups: Any) -> ComparedRows:
        """Keep projects that meet the conditions in either year, on fields that lines and appearances share."""
        projects = Q(project__in=self.rows.filter(*conditions, **lookups).values("project"))
        arranged = None if self.arranged is None else self.arranged.filter(projects)
        rows, of_years = self.rows.filter(projects), self.of_years.filter(projects)
        return replace(self, rows=rows, of_years=of_years, arranged=arranged, is_whole=False)

    @property
    def querysets(self) -> tuple[QuerySet[Any, Any]]:
        """The queryset of the rows: the materialised one, or `compared` with the reasons for the changes."""
        if self.arranged is not None:
            return (self.arranged,)
        reasons = ChangeReason.objects.between(self.base_year, self.year).filter(project=OuterRef("project"))
        return (self.compared.annotate(reason=Subquery(reasons.values("text")[:1])),)

    def totals_of(self, year: int) -> dict[Any, Total]:
        """Return the total of each department with rows in a year, by its primary key; one query."""
        if self.is_whole:
            return Total.of_departments(year, self.measure)
        return Total.by("department", self.of_years.filter(fiscal_year=year))

    @property
    def changes(self) -> Mapping[str, int]:
        """Number of rows by kind of change; rows that are not materialised are streamed."""
        if self.is_whole:
            return dict(sums_of_changes(self.year))
        if self.arranged is not None:
            return dict(self.arranged.values_list("change_kind").annotate(count=Count("*")))
        return Counter(self.compared.values_list("change_kind", flat=True).iterator())

    @property
    def compared(self) -> Any:
        before, after = Q(fiscal_year=self.base_year), Q(fiscal_year=self.year)
        of_line, of_project = Q(kind__isnull=False), Q(kind__isnull=True)
        addend = of_line & Q(**{self.measure.column: True})
        expenditure = addend & Q(kind=AmountKind.EXPENDITURE)
        lending_limit = addend & Q(kind=AmountKind.LENDING_LIMIT)
        name, position = "department__name", "department__position"
        no_expenditure = Q(base_amount__isnull=True, amount__isnull=True)
        return (
            self.rows.values("project")
            .annotate(
                base_amount=sum_amounts(before & expenditure),
                amount=sum_amounts(after & expenditure),
                base_lending_limit=sum_amounts(before & lending_limit),
                lending_limit=sum_amounts(after & lending_limit),
                # The department of a year is that of its lines, else of its first appearance.
                base_department=Coalesce(Min(name, filter=before & of_line), Min(name, filter=before & of_project)),
                in_charge=Coalesce(Min(name, filter=after & of_line), Min(name, filter=after & of_project)),
                department_position=Coalesce(
                    Min(position, filter=after & of_line),
                    Min(position, filter=after & of_project),
                    Min(position, filter=before & of_line),
                    Min(position, filter=before & of_project),
                ),
                base_coverage=self.coverage(before & addend),
                coverage=self.coverage(after & addend),
                was_there=flag(before),
                is_there=flag(after),
            )
            .annotate(
                base_compared=Case(When(no_expenditure, then=F("base_lending_limit")), default=F("base_amount")),
                compared=Case(When(no_expenditure, then=F("lending_limit")), default=F("amount")),
            )
            .annotate(
                change=Case(When(base_coverage=F("coverage"), then=F("amount") - F("base_amount"))),
                change_kind=classify_change(),
            )
        )

    def coverage(self, condition: Q) -> Combinable:
        """Return a number with a bit for each stage and year that the lines cover: equal ones can be compared."""
        coverage: Combinable = Value(0, BigIntegerField())
        for place, mark in enumerate(self.coverage_marks):
            coverage += flag(condition & Q(stage__in=mark.stages)) * 2**place
        return coverage

    def cover_the_same(self) -> bool:
        """Tell whether the lines of both years, taken together, cover the same stages; two queries."""
        stages: Any = self.of_years.addends.order_by()
        if self.is_whole:
            years = (self.base_year, self.year)
            stages = BudgetSum.objects.filter(fiscal_year__in=years, measure=self.measure, stage__isnull=False)
        by_year: dict[int, set[Any]] = {self.base_year: set(), self.year: set()}
        for year, stage in stages.values_list("fiscal_year", "stage").distinct():
            by_year[year].add(stage)
        before, after = (
            [bool(by_year[year] & set(mark.stages)) for mark in self.coverage_marks]
            for year in (self.base_year, self.year)
        )
        return before == after or not any(before) or not any(after)

    @cached_property
    def coverage_marks(self) -> list[CoverageMark]:
        return read_coverage_marks(self.measure)


def flag(condition: Q) -> Max:
    """Return the aggregate that is 1 if any row meets the condition, else 0."""
    return Max(Case(When(condition, then=1), default=0, output_field=IntegerField()))


@compiled_query
def sums_of_changes(fiscal_year: int) -> QuerySet[BudgetChangeSum, tuple[str, int]]:
    return BudgetChangeSum.objects.filter(fiscal_year=fiscal_year).values_list("change_kind", "rows")


@dataclass(frozen=True)
class ComparedDepartment:
    """A department's totals in both years; None for a year in which it was in charge of nothing."""

    label: str
    base: Total | None
    year: Total | None


@dataclass(frozen=True)
class ComparedTotal:
    """The totals of both years by the department in charge in each, and the number of rows by kind of change."""

    measure: Measure
    departments: list[ComparedDepartment]
    changes: Mapping[str, int]
    covers_the_same: bool  # whether the amounts of both years cover the same stages, so that the sums can be subtracted

    @property
    def rows(self) -> int:
        return sum(self.changes.values())

    @cached_property
    def base(self) -> Total:
        return Total.together([department.base for department in self.departments if department.base])

    @cached_property
    def year(self) -> Total:
        return Total.together([department.year for department in self.departments if department.year])

    @classmethod
    def of(cls, rows: ComparedRows) -> ComparedTotal:
        """Count rows; departments in 建制順. At most seven queries."""
        before, after = (rows.totals_of(year) for year in (rows.base_year, rows.year))
        compared = [ComparedDepartment(each.name, before.get(each.pk), after.get(each.pk)) for each in departments()]
        with_rows, changes = [each for each in compared if each.base or each.year], rows.changes
        is_any_apart = AmountChange.INCOMPARABLE in changes
        return cls(rows.measure, with_rows, changes, not is_any_apart and rows.cover_the_same())
