"""Totals of a measure, with the number of rows that were counted and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from budgets.models import BudgetSum, Measure
from budgets.models.measures import sum_amounts
from budgets.rows import BudgetRows
from budgets.years import read_years
from catalog.compiled_queries import compiled_query
from projects.models import AmountKind


@dataclass(frozen=True)
class Total:
    """Sums of budget lines in thousand yen; every line counts once, lending limits separately."""

    expenditure_thousand_yen: int
    lending_limit_thousand_yen: int
    expenditure_rows: int
    lending_limit_rows: int
    not_stated_rows: int

    @property
    def figures(self) -> tuple[int, int, int, int, int]:
        """The values of the fields, in their order."""
        return (
            self.expenditure_thousand_yen,
            self.lending_limit_thousand_yen,
            self.expenditure_rows,
            self.lending_limit_rows,
            self.not_stated_rows,
        )

    @property
    def counted_rows(self) -> int:
        return self.expenditure_rows + self.lending_limit_rows

    @property
    def rows(self) -> int:
        return self.counted_rows + self.not_stated_rows

    @classmethod
    def of(cls, rows: BudgetRows) -> Total:
        """Total the rows: lines, and projects of the same scope that state no amount; one query."""
        return cls.together(cls.by("department", rows).values())

    @classmethod
    def by(cls, column: str, rows: BudgetRows) -> dict[Any, Total]:
        """Return the total for each value of a partitioning column: department, fiscal_year or stage; one query."""
        if rows.whole_year and column == "department":
            return cls.of_departments(rows.whole_year, rows.measure)
        if rows.whole_year and column == "stage":
            return cls.split(sums_by_stage(rows.whole_year, rows.measure))
        if rows.sums is not None:
            sums = rows.sums.filter(measure=rows.measure)
            return cls.split(sums.values_list(column, "kind").annotate(Sum("rows"), sum_amounts()))
        counted = rows.table.order_by().values_list(column, "kind")
        return cls.split(counted.annotate(count=Count("*"), amount=sum_amounts()))

    @classmethod
    def of_departments(cls, fiscal_year: int, measure: Measure) -> dict[Any, Total]:
        """Return the total of each department with rows in the year, by primary key; one query."""
        return cls.split(sums_of_departments(fiscal_year, measure))

    @classmethod
    def of_measures(cls, fiscal_year: int) -> dict[Measure, dict[Any, Total]]:
        """Return for each measure with a total that of each department with rows in the year; one query."""
        sums = BudgetSum.objects.filter(fiscal_year=fiscal_year).values_list("measure", "department", "kind")
        of_measure: dict[str, list[tuple[Any, str | None, int, Any]]] = defaultdict(list)
        for measure, *key, rows, amount in sums.annotate(Sum("rows"), sum_amounts()):
            of_measure[measure].append((key[0], key[1], rows, amount))
        return {measure: cls.split(of_measure[measure]) for measure in Measure if measure.has_total}

    @classmethod
    def of_years(cls, measure: Measure) -> dict[Any, Total]:
        """Return the total of each fiscal year with rows; one query."""
        return cls.split(sums_of_years(measure))

    @classmethod
    def split(cls, counted: Iterable[tuple[Any, str | None, int, Any]]) -> dict[Any, Total]:
        """Build totals by value from tuples (value, kind, row count, amount); kind None: rows without an amount."""
        sums: dict[Any, dict[str | None, tuple[int, int]]] = defaultdict(dict)
        for value, kind, count, amount in counted:
            sums[value][kind] = count, amount
        return {value: cls.from_sums(of_kinds, of_kinds.get(None, (0, 0))[0]) for value, of_kinds in sums.items()}

    @classmethod
    def together(cls, totals: Iterable[Total]) -> Total:
        """Add up totals of disjoint sets of rows."""
        figures = [(0, 0, 0, 0, 0), *(total.figures for total in totals)]
        return cls(*map(sum, zip(*figures, strict=True)))

    @classmethod
    def from_sums(cls, sums: Mapping[Any, tuple[int, int]], not_stated_rows: int) -> Total:
        """Build a total from a mapping of kind to (number of lines, sum)."""
        expenditure_rows, expenditure = sums.get(AmountKind.EXPENDITURE, (0, 0))
        lending_limit_rows, lending_limit = sums.get(AmountKind.LENDING_LIMIT, (0, 0))
        return cls(expenditure, lending_limit, expenditure_rows, lending_limit_rows, not_stated_rows)

    @classmethod
    def of_lines(cls, lines: Iterable[Any], not_stated_rows: int) -> Total:
        """Total lines of one measure in memory, which must be distinct."""
        sums: dict[str, tuple[int, int]] = {}
        for line in lines:
            count, amount = sums.get(line.kind, (0, 0))
            sums[line.kind] = count + 1, amount + line.amount_thousand_yen
        return cls.from_sums(sums, not_stated_rows)


def sum_by_measure(rows: BudgetRows) -> dict[Measure, int]:
    """Return the expenditure (thousand yen) of each measure that the same rows state, in the order of a year."""
    of_kind = Q(kind=AmountKind.EXPENDITURE)
    if rows.sums is not None:
        sums = dict(rows.sums.filter(of_kind).values_list("measure").annotate(sum_amounts()))
    else:
        lines = rows.restrict(rows.given.of_lines()).filter(of_kind)
        sums = lines.aggregate(**{each.value: sum_amounts(Q(**{each.column: True})) for each in Measure})
    return {each: int(sums[each]) for each in Measure if each.has_total and sums.get(each) is not None}


@compiled_query
def sums_of_departments(
    fiscal_year: int, measure: Measure
) -> QuerySet[BudgetSum, tuple[UUID, str | None, int, int | None]]:
    sums = BudgetSum.objects.filter(fiscal_year=fiscal_year, measure=measure)
    return sums.values_list("department", "kind").annotate(Sum("rows"), sum_amounts())


@compiled_query
def sums_by_stage(
    fiscal_year: int, measure: Measure
) -> QuerySet[BudgetSum, tuple[UUID | None, str | None, int, int | None]]:
    sums = BudgetSum.objects.filter(fiscal_year=fiscal_year, measure=measure)
    return sums.values_list("stage", "kind").annotate(Sum("rows"), sum_amounts())


@compiled_query
def sums_of_years(measure: Measure) -> QuerySet[BudgetSum, tuple[int, str | None, int, int | None]]:
    sums = BudgetSum.objects.filter(measure=measure).values_list("fiscal_year", "kind")
    return sums.annotate(Sum("rows"), sum_amounts())


def fiscal_years() -> list[int]:
    """Return the fiscal years in which projects appear or state an amount, latest first; one query."""
    return read_years().all_years
