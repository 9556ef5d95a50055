"""Effect of publishing a set: changed department totals, conflicts and refusals; computed for each page view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext

from budgets import materialized_rows
from budgets.groups import Group, by_department
from budgets.models import BudgetLine
from budgets.rows import BudgetRows
from budgets.totals import Total
from dxportal.changesets.conflicts import ToldConflict, told_conflicts
from dxportal.changesets.differences import Difference
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, outstanding
from dxportal.changesets.workflow import PUBLIC_ALREADY, differences_of

Groups = dict[int, list[Group]]


@dataclass(frozen=True)
class TotalEffect:
    """A total before and after; None if there are no rows."""

    label: str
    before: Total | None
    after: Total | None

    @property
    def differs(self) -> bool:
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
    all: TotalEffect


@dataclass(frozen=True)
class Effect:
    """Effect of a set: the fiscal years with a changed total, or why the set cannot be published."""

    years: list[YearEffect] = field(default_factory=list)
    conflicts: list[ToldConflict] = field(default_factory=list)
    refusal: str = ""

    @property
    def stands_in_the_way(self) -> bool:
        return bool(self.conflicts or self.refusal)

    @classmethod
    def of(cls, change_set: ChangeSet) -> Effect:
        """Compute the effect against the catalogue as it is now; empty for a set that was published already."""
        if change_set.state in (State.PUBLISHED, State.UNDONE):
            return cls()
        try:
            stored = differences_of(change_set)
            wanted = outstanding(stored)
            if stored and not wanted:
                return cls(refusal=PUBLIC_ALREADY)
            years = years_of(wanted)
            before = groups_of(years)
            with as_it_would_be(wanted):
                materialized_rows.refresh(wanted)
                years |= years_of(wanted)
                after = groups_of(years)
            before |= groups_of(years - before.keys())
        except ConflictError as error:
            return cls(conflicts=told_conflicts(error.conflicts))
        except RefusedByCatalogueError as error:
            return cls(refusal=str(error))
        return cls(list(years_that_move(before, after)))


def years_of(wanted: Iterable[Difference]) -> set[int]:
    """Return the fiscal years of the budget lines that the differences affect, read from the tables as they are."""
    rows = [one.row for one in wanted]
    lines = BudgetLine.objects.filter(Q(pk__in=rows) | Q(project__in=rows)).order_by()
    return set(lines.values_list("fiscal_year", flat=True))


def groups_of(years: Iterable[int]) -> Groups:
    return {year: by_department(BudgetRows.of(year)) for year in years}


def years_that_move(before: Groups, after: Groups) -> Iterable[YearEffect]:
    """Yield the years with a changed department total, the latest first, departments in official order."""
    for year in sorted(before.keys() | after.keys(), reverse=True):
        old = {group.code: group for group in before.get(year, [])}
        new = {group.code: group for group in after.get(year, [])}
        order = sorted({**old, **new}.values(), key=lambda group: group.order)
        departments = [
            TotalEffect(group.label, *(side[group.code].total if group.code in side else None for side in (old, new)))
            for group in order
        ]
        if any(one.differs for one in departments):
            together = [Total.together(group.total for group in side.values()) for side in (old, new)]
            yield YearEffect(year, departments, TotalEffect(gettext("全部局"), *together))
