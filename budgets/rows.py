"""The rows of a budget table: lines, and for a project that states no amount the place where it says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q

from budgets.models import BudgetLine
from budgets.models.lines import BudgetLineQuerySet
from projects.models import Appearance
from projects.models.appearances import AppearanceQuerySet


@dataclass(frozen=True)
class BudgetRows:
    """Budget lines, and of each project without any its first appearance of the year; nothing is read yet.

    Both models call project, fiscal year, department, document and page by the same names: a condition on these
    narrows both. Every row belongs to one department and one year, so splitting by these never changes a sum.

    `spoken_of`: the lines of the years and scopes, before any condition; `lines`: those that are rows;
    `mentioned`: the first appearance of each project and year in the scopes, with or without an amount.
    """

    spoken_of: BudgetLineQuerySet
    lines: BudgetLineQuerySet
    mentioned: AppearanceQuerySet

    @classmethod
    def of(cls, fiscal_year: int | None) -> BudgetRows:
        """The rows of a year, or of all years."""
        lines, appearances = BudgetLine.objects.all(), Appearance.objects.current()
        if fiscal_year is not None:
            lines, appearances = lines.for_year(fiscal_year), appearances.for_year(fiscal_year)
        return cls(lines, lines, appearances.first_of_each_project())

    def within(self, scope: AppearanceQuerySet) -> BudgetRows:
        """Rows of which a set of appearances speaks: those of an area, those of a Sakigake project."""
        of_project = scope.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))
        return BudgetRows(
            self.spoken_of.pointed_at_by(scope),
            self.lines.pointed_at_by(scope),
            self.mentioned.filter(Exists(of_project)),
        )

    def where(self, condition: Q) -> BudgetRows:
        """Rows for which a condition on what lines and appearances have in common holds."""
        return replace(self, lines=self.lines.filter(condition), mentioned=self.mentioned.filter(condition))

    def where_line(self, condition: Q) -> BudgetRows:
        """Lines for which a condition holds; what states no amount has no stage, kind or amount and is left out."""
        return replace(self, lines=self.lines.filter(condition), mentioned=self.mentioned.none())

    @property
    def querysets(self) -> tuple[BudgetLineQuerySet, AppearanceQuerySet]:
        """What the rows are made of: the amounts, and what states none."""
        return self.lines, self.silent

    @property
    def silent(self) -> AppearanceQuerySet:
        """The first appearances of the projects that state no amount in the year."""
        return self.mentioned.filter(~self.states_amount)

    @property
    def states_amount(self) -> Exists:
        """Of an appearance: whether its project states an amount in the year."""
        return Exists(self.spoken_of.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year")))
