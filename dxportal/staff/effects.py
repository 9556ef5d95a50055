"""Effect of publishing a set: changed totals, questions, conflicts and refusals; computed for each page view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext

from budgets import materialized_rows
from budgets.groups import RowGroup, group_by_department
from budgets.models import BudgetLine
from budgets.rows import BudgetRows
from budgets.totals import Total
from dxportal.changesets.conflicts import ConflictDescription, describe_conflicts
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.questions import Question, find_questions
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, filter_unpublished
from dxportal.changesets.workflow import NOTHING_TO_PUBLISH, read_differences

GroupsByYear = dict[int, list[RowGroup]]


@dataclass(frozen=True)
class TotalEffect:
    """A total before and after; None if there are no rows."""

    label: str
    before: Total | None
    after: Total | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    @property
    def change(self) -> int:
        """Change of the expenditure, in thousand yen."""
        after = self.after.expenditure_thousand_yen if self.after else 0
        return after - (self.before.expenditure_thousand_yen if self.before else 0)


@dataclass(frozen=True)
class YearEffect:
    """Effect on the total of each department in a fiscal year, and on that of all together."""

    fiscal_year: int
    departments: list[TotalEffect]
    all_departments: TotalEffect


@dataclass(frozen=True)
class Effect:
    """Effect of a set: the fiscal years with a changed total and the questions, or why the set cannot be published."""

    years: list[YearEffect] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    conflicts: list[ConflictDescription] = field(default_factory=list)
    refusal: str = ""

    @property
    def is_blocked(self) -> bool:
        return bool(self.conflicts or self.refusal)

    @classmethod
    def of(cls, change_set: ChangeSet) -> Effect:
        """Compute the effect against the catalogue as it is now; empty for a set that was published already."""
        if change_set.state in (State.PUBLISHED, State.UNDONE):
            return cls()
        try:
            differences = read_differences(change_set)
            unpublished = filter_unpublished(differences)
            if differences and not unpublished:
                return cls(refusal=NOTHING_TO_PUBLISH)
            years = find_affected_years(unpublished)
            before = group_lines_by_year(years)
            with preview_catalogue(unpublished):
                materialized_rows.refresh_budgets(unpublished)
                years |= find_affected_years(unpublished)
                after = group_lines_by_year(years)
                questions = find_questions(unpublished)
            before |= group_lines_by_year(years - before.keys())
        except ConflictError as error:
            return cls(conflicts=describe_conflicts(error.conflicts))
        except RefusedByCatalogueError as error:
            return cls(refusal=str(error))
        return cls(list(compare_years(before, after)), questions)


def find_affected_years(differences: Iterable[RowDifference]) -> set[int]:
    """Return the fiscal years of the budget lines that the differences affect, read from the tables as they are."""
    rows = [difference.row for difference in differences]
    lines = BudgetLine.objects.filter(Q(pk__in=rows) | Q(project__in=rows)).order_by()
    return set(lines.values_list("fiscal_year", flat=True))


def group_lines_by_year(years: Iterable[int]) -> GroupsByYear:
    return {year: group_by_department(BudgetRows.of(year)) for year in years}


def compare_years(before: GroupsByYear, after: GroupsByYear) -> Iterable[YearEffect]:
    """Yield the years with a changed department total, the latest first, departments in official order."""
    for year in sorted(before.keys() | after.keys(), reverse=True):
        old = {group.code: group for group in before.get(year, [])}
        new = {group.code: group for group in after.get(year, [])}
        order = sorted({**old, **new}.values(), key=lambda group: group.order)
        departments = [
            TotalEffect(group.label, *(side[group.code].total if group.code in side else None for side in (old, new)))
            for group in order
        ]
        if any(effect.is_changed for effect in departments):
            totals = [Total.together(group.total for group in side.values()) for side in (old, new)]
            yield YearEffect(year, departments, TotalEffect(gettext("全部局"), *totals))
