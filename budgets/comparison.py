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
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from budgets.models import AmountChange, BudgetChange, BudgetChangeSum, BudgetRow
from budgets.models.table import BudgetRowQuerySet
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.compiled_queries import compiled_query
from catalog.contents import departments


def change_between(was_there: Combinable, is_there: Combinable) -> Case:
    """Build the CASE expression that classifies a row by `base_amount` and `amount`, which are NULL if not stated.

    `was_there` and `is_there` tell whether the project appears in either year. SQL evaluates WHEN clauses in order, so
    these subqueries run only for rows that lack an amount.
    """
    nothing_before, nothing_after = Q(base_amount__isnull=True), Q(amount__isnull=True)
    cases = [
        (Q(amount__gt=F("base_amount")), AmountChange.INCREASED),
        (Q(amount__lt=F("base_amount")), AmountChange.DECREASED),
        (Q(amount=F("base_amount")), AmountChange.SAME),
        (nothing_before & ~Q(was_there), AmountChange.NEW),
        (nothing_after & ~Q(is_there), AmountChange.ENDED),
        (nothing_before & nothing_after, AmountChange.SILENT),
        (nothing_after, AmountChange.UNSTATED),
    ]
    whens = [When(condition, then=Value(change.value)) for condition, change in cases]
    return Case(*whens, default=Value(AmountChange.STATED.value), output_field=CharField())


@dataclass(frozen=True)
class ComparedRows:
    """The rows of a comparison: for each project, part and kind the sum of its stages in both years, in thousand yen.

    A project without any amount is one row. `rows` are the budget rows of both years, `of_years` the same for their
    totals. For consecutive years, `arranged` are the materialised rows, which `budgets.materialized_comparison` derives
    from `compared` and `silent`; `is_whole` is True while no other filter applies, so that materialised sums serve too.
    """

    base_year: int
    year: int
    rows: BudgetRowQuerySet
    of_years: BudgetRows
    arranged: QuerySet[BudgetChange] | None = None
    is_whole: bool = False

    @classmethod
    def of(cls, base_year: int, year: int) -> ComparedRows:
        both = Q(fiscal_year__in=(base_year, year))
        return cls(base_year, year, BudgetRow.objects.filter(both), BudgetRows.of(None).filter(both))

    @classmethod
    def of_neighbours(cls, base_year: int, year: int) -> ComparedRows:
        """Return the materialised comparison of a year with the one before, or of the first year with itself."""
        return replace(cls.of(base_year, year), arranged=BudgetChange.objects.filter(fiscal_year=year), is_whole=True)

    def filter(self, *conditions: Q, **lookups: Any) -> ComparedRows:
        """Keep projects that meet the conditions in either year, on fields that lines and appearances share."""
        projects = Q(project__in=self.rows.filter(*conditions, **lookups).values("project"))
        return self.narrowed(projects, self.of_years.filter(projects))

    def of_kind(self, kind: str) -> ComparedRows:
        """Keep amounts of a kind; rows without an amount have no kind and drop out."""
        return self.narrowed(Q(kind=kind), self.of_years.filter_lines(Q(kind=kind)))

    def narrowed(self, condition: Q, of_years: BudgetRows) -> ComparedRows:
        arranged = None if self.arranged is None else self.arranged.filter(condition)
        return replace(self, rows=self.rows.filter(condition), of_years=of_years, arranged=arranged, is_whole=False)

    @property
    def querysets(self) -> tuple[QuerySet[Any, Any], ...]:
        """The querysets that make up the rows: the materialised one, or `compared` and `silent`."""
        return (self.compared, self.silent) if self.arranged is None else (self.arranged,)

    def totals_of(self, year: int) -> dict[Any, Total]:
        """Return the total of each department with rows in a year, by its primary key; one query."""
        if self.is_whole:
            return Total.of_departments(year)
        return Total.by("department", self.of_years.filter(fiscal_year=year))

    @property
    def changes(self) -> Mapping[str, int]:
        """Number of rows by kind of change; rows that are not materialised are streamed."""
        if self.is_whole:
            return dict(sums_of_changes(self.year))
        if self.arranged is not None:
            return dict(self.arranged.values_list("change_kind").annotate(count=Count("*")))
        changes: Counter[str] = Counter()
        for queryset in self.querysets:
            changes.update(queryset.values_list("change_kind", flat=True).iterator())
        return changes

    @property
    def compared(self) -> Any:
        before, after = Q(fiscal_year=self.base_year), Q(fiscal_year=self.year)
        return (
            self.rows.of_lines()
            .values("project", "part", "kind")
            .annotate(
                base_amount=Sum("amount_thousand_yen", filter=before),
                amount=Sum("amount_thousand_yen", filter=after),
                base_department=Coalesce(Min("department__name", filter=before), self.printed(self.base_year, "name")),
                in_charge=Coalesce(Min("department__name", filter=after), self.printed(self.year, "name")),
                department_position=Coalesce(
                    Min("department__position", filter=after),
                    self.printed(self.year, "position"),
                    Min("department__position", filter=before),
                ),
            )
            .annotate(change=F("amount") - F("base_amount"), change_kind=self.change_kind)
        )

    @property
    def silent(self) -> Any:
        in_one_year = Q(fiscal_year=self.year) | ~Exists(self.rows_of(self.year).first_appearances())
        without_lines = ~Exists(self.rows_of(self.base_year, self.year).of_lines())
        nothing = Value(None, BigIntegerField())
        return (
            self.rows.first_appearances()
            .filter(in_one_year, without_lines)
            .annotate(
                base_amount=nothing,
                amount=nothing,
                base_department=self.printed(self.base_year, "name"),
                in_charge=self.printed(self.year, "name"),
                department_position=F("department__position"),
                change=nothing,
                change_kind=self.change_kind,
            )
        )

    def rows_of(self, *years: int) -> BudgetRowQuerySet:
        """Return the budget rows of the outer row's project in some years, for a subquery."""
        return BudgetRow.objects.filter(project=OuterRef("project"), fiscal_year__in=years)

    def printed(self, year: int, name: str) -> Subquery:
        """Return a subquery for a column of the department of the project's first appearance in a year, or NULL."""
        return Subquery(self.rows_of(year).first_appearances().values(f"department__{name}")[:1])

    @property
    def change_kind(self) -> Case:
        return change_between(Exists(self.rows_of(self.base_year)), Exists(self.rows_of(self.year)))


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

    departments: list[ComparedDepartment]
    changes: Mapping[str, int]

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
        """Count rows; departments in 建制順. Four queries, five if changes are counted from two querysets."""
        before, after = (rows.totals_of(year) for year in (rows.base_year, rows.year))
        found = [ComparedDepartment(one.name, before.get(one.pk), after.get(one.pk)) for one in departments()]
        return cls([one for one in found if one.base or one.year], rows.changes)
