"""Totals of budget lines, with the number of rows that were counted and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, CharField, Count, QuerySet, Sum, Value

from budgets.models import BudgetLine, BudgetSum
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
        """Return the total for each value of a partitioning column, department or fiscal_year; one query."""
        counted: Any
        if rows.whole_year and column == "department":
            return cls.of_departments(rows.whole_year)
        if rows.sums is not None:
            counted = rows.sums.values_list(column, "kind").annotate(Sum("rows"), Sum("amount_thousand_yen"))
        else:
            lines = rows.lines.order_by().values_list(column, "kind")
            silent = rows.silent.order_by().annotate(kind=Value(None, CharField())).values_list(column, "kind")
            counted = lines.annotate(count=Count("*"), amount=Sum("amount_thousand_yen")).union(
                silent.annotate(count=Count("*"), amount=Value(None, BigIntegerField())), all=True
            )
        return cls.split(counted)

    @classmethod
    def of_departments(cls, fiscal_year: int) -> dict[Any, Total]:
        """Return the total of each department with rows in the year, by primary key; one query."""
        return cls.split(sums_of_departments(fiscal_year))

    @classmethod
    def of_years(cls) -> dict[Any, Total]:
        """Return the total of each fiscal year with rows; one query."""
        return cls.split(sums_of_years())

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
    def of_lines(cls, lines: Iterable[BudgetLine], not_stated_rows: int) -> Total:
        """Total lines in memory, which must be distinct."""
        sums: dict[str, tuple[int, int]] = {}
        for line in lines:
            count, amount = sums.get(line.kind, (0, 0))
            sums[line.kind] = count + 1, amount + line.amount_thousand_yen
        return cls.from_sums(sums, not_stated_rows)


@compiled_query
def sums_of_departments(fiscal_year: int) -> QuerySet[BudgetSum, tuple[UUID, str | None, int, int | None]]:
    sums = BudgetSum.objects.filter(fiscal_year=fiscal_year)
    return sums.values_list("department", "kind", "rows", "amount_thousand_yen")


@compiled_query
def sums_of_years() -> QuerySet[BudgetSum, tuple[int, str | None, int, int | None]]:
    sums = BudgetSum.objects.values_list("fiscal_year", "kind")
    return sums.annotate(count=Sum("rows"), amount=Sum("amount_thousand_yen"))


def fiscal_years() -> list[int]:
    """Return the fiscal years in which projects appear or state an amount, latest first; one query."""
    return read_years().all_years
