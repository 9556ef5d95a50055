"""Effect of publishing a set: changed totals, questions, conflicts and refusals; computed for each page view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext

from budgets import materialized_rows
from budgets.balances import Comparison
from budgets.groups import RowGroup, make_department_groups
from budgets.models import BudgetLine, Measure
from budgets.reconciliation import Reconciliation
from budgets.totals import Total
from budgets.years import read_years
from catalog.contents import departments
from dxportal.changesets.conflicts import ConflictDescription, describe_conflicts
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.questions import Question, find_questions
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, filter_unpublished
from dxportal.changesets.workflow import NOTHING_TO_PUBLISH, read_differences
from projects.models import Appearance

GroupsByYear = dict[tuple[int, Measure], list[RowGroup]]  # by fiscal year and measure


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
    """Effect on a measure's total of each department in a fiscal year, and on that of all together."""

    fiscal_year: int
    measure: Measure
    departments: list[TotalEffect]
    all_departments: TotalEffect


@dataclass(frozen=True)
class CheckEffect:
    """Findings of the check page for a year before and after publishing."""

    fiscal_year: int
    before: Reconciliation
    after: Reconciliation

    @property
    def new_differing(self) -> list[Comparison]:
        """The printed amounts that differ from the counted ones only after publishing."""
        old = {(each.appearance.pk, each.kind, each.printed, each.counted) for each in self.before.differing}
        return [
            each
            for each in self.after.differing
            if (each.appearance.pk, each.kind, each.printed, each.counted) not in old
        ]

    @property
    def is_changed(self) -> bool:
        return self.before.findings != self.after.findings or bool(self.new_differing)


@dataclass(frozen=True)
class Effect:
    """Effect of a set: the years and measures with a changed total and the questions, or why it cannot be published."""

    years: list[YearEffect] = field(default_factory=list)
    checks: list[CheckEffect] = field(default_factory=list)
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
            before, checks_before = group_lines_by_year(years), reconcile(years)
            with preview_catalogue(unpublished):
                materialized_rows.refresh_budgets(unpublished)
                years |= find_affected_years(unpublished)
                after, checks_after = group_lines_by_year(years), reconcile(years)
                questions = find_questions(unpublished)
            new_years = years - checks_before.keys()
            before |= group_lines_by_year(new_years)
            checks_before |= reconcile(new_years)
        except ConflictError as error:
            return cls(conflicts=describe_conflicts(error.conflicts))
        except RefusedByCatalogueError as error:
            return cls(refusal=str(error))
        checks = [CheckEffect(year, checks_before[year], checks_after[year]) for year in sorted(years, reverse=True)]
        changed_checks = [check for check in checks if check.is_changed]
        return cls(list(compare_years(before, after)), changed_checks, questions)


def find_affected_years(differences: Iterable[RowDifference]) -> set[int]:
    """Return the fiscal years of what the differences affect, as the tables are: budget lines and appearances."""
    rows = [difference.row for difference in differences]
    affected = Q(pk__in=rows) | Q(project__in=rows)
    lines, appearances = BudgetLine.objects.filter(affected), Appearance.objects.filter(affected)
    years = lines.order_by().values_list("fiscal_year", flat=True)
    return set(years.union(appearances.order_by().values_list("fiscal_year", flat=True)))


def reconcile(years: Iterable[int]) -> dict[int, Reconciliation]:
    opening = read_years().opening_measure
    return {year: Reconciliation.of(year, opening(year)) for year in years}


def group_lines_by_year(years: Iterable[int]) -> GroupsByYear:
    order = departments()
    return {
        (year, measure): make_department_groups(totals, order)
        for year in years
        for measure, totals in Total.of_measures(year).items()
    }


def compare_years(before: GroupsByYear, after: GroupsByYear) -> Iterable[YearEffect]:
    """Yield the years and measures with a changed department total, the latest first, departments in official order.

    A measure that no department states is left out, although projects without amount may join it.
    """
    order_of_measures = list(Measure)
    for key in sorted(before.keys() | after.keys(), key=lambda key: (-key[0], order_of_measures.index(key[1]))):
        old = {group.code: group for group in before.get(key, [])}
        new = {group.code: group for group in after.get(key, [])}
        if not any(group.total.counted_rows for group in (*old.values(), *new.values())):
            continue
        order = sorted({**old, **new}.values(), key=lambda group: group.order)
        departments = [
            TotalEffect(group.label, *(side[group.code].total if group.code in side else None for side in (old, new)))
            for group in order
        ]
        if any(effect.is_changed for effect in departments):
            totals = [Total.together(group.total for group in side.values()) for side in (old, new)]
            yield YearEffect(*key, departments, TotalEffect(gettext("全部局"), *totals))
