"""One year against another: what is new, what has ended, what costs more or less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from budgets.groups import Group, by_department
from budgets.models import BudgetLine, BudgetRow, BudgetSum
from budgets.models.lines import BudgetLineQuerySet
from budgets.models.table import BudgetRowQuerySet
from budgets.rows import BudgetRows
from budgets.totals import Total
from projects.models.appearances import AppearanceQuerySet


class Change(TextChoices):
    """What became of an amount from one year to the other."""

    NEW = "new", _("新規")
    ENDED = "ended", _("終了")
    INCREASED = "increased", _("増額")
    DECREASED = "decreased", _("減額")
    SAME = "same", _("同額")
    STATED = "stated", _("額の記載が加わった")
    UNSTATED = "unstated", _("額の記載がなくなった")
    SILENT = "silent", _("どちらも記載なし")

    @classmethod
    def between(cls, before: int | None, after: int | None, was_there: bool, is_there: bool) -> Change:
        """From both amounts, None where nothing is stated, and whether the project is there in either year."""
        if before is not None and after is not None:
            return cls.SAME if before == after else cls.INCREASED if after > before else cls.DECREASED
        if not was_there:
            return cls.NEW
        if not is_there:
            return cls.ENDED
        return cls.SILENT if before is after else cls.UNSTATED if after is None else cls.STATED


@dataclass(frozen=True)
class ComparedRows:
    """For each project, part and kind the sum of its stages in both years; a project without any amount is one row.

    `lines` are those of both years, `mentioned` the first appearance of each project in each of them; `sums` what both
    years come to, as long as nothing is asked for beside them.
    """

    base_year: int
    year: int
    lines: BudgetLineQuerySet
    mentioned: AppearanceQuerySet
    sums: QuerySet[BudgetSum] | None

    @classmethod
    def of(cls, base_year: int, year: int) -> ComparedRows:
        both = Q(fiscal_year__in=(base_year, year))
        rows = BudgetRows.of(None).where(both)
        return cls(base_year, year, rows.lines, rows.mentioned, rows.sums)

    def where(self, condition: Q) -> ComparedRows:
        """Rows of projects for which a condition on lines and appearances holds in either year."""
        projects = Q(project__in=self.lines.filter(condition).values("project"))
        projects |= Q(project__in=self.mentioned.filter(condition).values("project"))
        return replace(self, lines=self.lines.filter(projects), mentioned=self.mentioned.filter(projects), sums=None)

    def where_line(self, condition: Q) -> ComparedRows:
        return replace(self, lines=self.lines.filter(condition), mentioned=self.mentioned.none(), sums=None)

    @property
    def querysets(self) -> tuple[QuerySet[Any, Any], ...]:
        """What the rows are made of: the amounts, and the projects that state none in either year."""
        return self.compared, self.silent

    def of_year(self, year: int) -> BudgetRows:
        return BudgetRows(
            BudgetLine.objects.for_year(year),
            self.lines.for_year(year),
            lambda: self.mentioned.for_year(year),
            None,
            None,
            None if self.sums is None else self.sums.filter(fiscal_year=year),
        )

    @property
    def compared(self) -> Any:
        before, after = Q(fiscal_year=self.base_year), Q(fiscal_year=self.year)
        return (
            self.lines.order_by()
            .values("project", "part", "kind")
            .annotate(
                base_amount=Sum("amount_thousand_yen", filter=before),
                amount=Sum("amount_thousand_yen", filter=after),
                base_department=Coalesce(Min("department__name", filter=before), self.printed(self.base_year, "name")),
                in_charge=Coalesce(Min("department__name", filter=after), self.printed(self.year, "name")),
                place=Coalesce(
                    Min("department__position", filter=after),
                    self.printed(self.year, "position"),
                    Min("department__position", filter=before),
                ),
            )
            .annotate(change=F("amount") - F("base_amount"), **self.presence)
        )

    @property
    def silent(self) -> Any:
        in_one_year = Q(fiscal_year=self.year) | ~Exists(self.rows_of(self.year).filter(appearance__isnull=False))
        without_lines = ~Exists(
            BudgetLine.objects.filter(project=OuterRef("project"), fiscal_year__in=(self.base_year, self.year))
        )
        return self.mentioned.filter(in_one_year, without_lines).annotate(
            base_department=self.printed(self.base_year, "name"),
            in_charge=self.printed(self.year, "name"),
            place=F("department__position"),
            **self.presence,
        )

    def rows_of(self, year: int) -> BudgetRowQuerySet:
        """The rows of a compared row's project in a year, for a subquery."""
        return BudgetRow.objects.filter(project=OuterRef("project"), fiscal_year=year)

    def printed(self, year: int, name: str) -> Subquery:
        """What the first appearance of a row's project in a year says of its department; nothing without one."""
        return Subquery(self.rows_of(year).filter(appearance__isnull=False).values(f"department__{name}")[:1])

    @property
    def presence(self) -> dict[str, Exists]:
        """Whether the project is spoken of in each year, with an amount or without."""
        return {"was_there": Exists(self.rows_of(self.base_year)), "is_there": Exists(self.rows_of(self.year))}


@dataclass(frozen=True)
class ComparedDepartment:
    """A department with what it was in charge of in both years; None where it was in charge of nothing."""

    label: str
    base: Total | None
    year: Total | None


@dataclass(frozen=True)
class ComparedTotal:
    """The totals of both years, by department in charge that year, and how many rows changed in which way."""

    departments: list[ComparedDepartment]
    changes: Mapping[str, int]

    @property
    def rows(self) -> int:
        return sum(self.changes.values())

    @property
    def base(self) -> Total:
        return Total.together([department.base for department in self.departments if department.base])

    @property
    def year(self) -> Total:
        return Total.together([department.year for department in self.departments if department.year])

    @classmethod
    def of(cls, rows: ComparedRows) -> ComparedTotal:
        """Six queries; rows are read one after the other, not kept."""
        changes: Counter[str] = Counter()
        for amounts in rows.compared.values_list("base_amount", "amount", "was_there", "is_there").iterator():
            changes[Change.between(*amounts)] += 1
        for presence in rows.silent.annotate(**rows.presence).values_list("was_there", "is_there").iterator():
            changes[Change.between(None, None, *presence)] += 1
        before, after = (by_department(rows.of_year(year)) for year in (rows.base_year, rows.year))
        return cls(side_by_side(before, after), changes)


def side_by_side(before: list[Group], after: list[Group]) -> list[ComparedDepartment]:
    """Departments of both years in 建制順."""
    base, year = ({group.code: group for group in groups} for groups in (before, after))
    order = sorted({*base.values(), *year.values()}, key=lambda group: group.order)
    codes = dict.fromkeys(group.code for group in order)
    return [
        ComparedDepartment(
            (year.get(code) or base[code]).label,
            base[code].total if code in base else None,
            year[code].total if code in year else None,
        )
        for code in codes
    ]
