"""Balance of a group's printed sum against its counted sum, computed from rows in memory (no queries).

The paper repeats an amount wherever its project appears again; budget lines are counted once. All amounts are in
thousand yen. Lending limits are balanced in the same way as expenditure, separately.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budgets.models import BudgetLine
from catalog.models import Department
from projects.models import AmountKind, Appearance, SakigakeProject

# Sum of budget lines by kind, in thousand yen; a kind without lines has no key.
Sums = Mapping[str, int]
NO_SUMS: Sums = {}


@dataclass(frozen=True)
class Comparison:
    """An appearance's printed amount of one kind, and the budget lines of that kind that it refers to.

    `lines` holds `BudgetLine` instances or the named tuples of `BudgetLineQuerySet.amounts`.
    """

    appearance: Appearance
    kind: AmountKind
    lines: list[Any]

    @property
    def printed(self) -> int | None:
        of_this_kind = self.appearance.printed_kind == self.kind
        return self.appearance.printed_amount_thousand_yen if of_this_kind else None

    @property
    def counted(self) -> int | None:
        return sum_lines(self.lines)

    @property
    def differs(self) -> bool:
        """Whether an amount is printed that is not the sum of the lines, or has no line."""
        return self.printed is not None and self.printed != self.counted

    @property
    def difference(self) -> int:
        """Printed minus counted amount, in thousand yen."""
        return (self.printed or 0) - (self.counted or 0)


@dataclass(frozen=True)
class ComparisonStep:
    """A comparison in printed order; `new` holds the budget lines that no earlier comparison refers to."""

    comparison: Comparison
    new: list[Any]

    @property
    def counted_before(self) -> int:
        """Sum of the lines that an earlier comparison refers to as well, in thousand yen."""
        return (self.comparison.counted or 0) - (sum_lines(self.new) or 0)


def walk_comparisons(comparisons: Iterable[Comparison]) -> list[ComparisonStep]:
    """Return a step for each comparison, in the given order, with the lines that occur there for the first time."""
    seen: set[object] = set()
    steps = []
    for comparison in comparisons:
        new = [line for line in comparison.lines if line.pk not in seen]
        seen.update(line.pk for line in new)
        steps.append(ComparisonStep(comparison, new))
    return steps


@dataclass(frozen=True)
class Balance:
    """The terms that lead from a group's printed sum to its counted sum, for one kind; None if no sum is stated.

    `repeated`: printed amounts of lines that an earlier step refers to. `unprinted`: lines whose first appearance
    prints no amount. `outside`: lines that no component of the year refers to. All in thousand yen.
    """

    printed: int | None
    repeated: int
    unprinted: int
    outside: int
    counted: int | None

    @property
    def is_stated(self) -> bool:
        return self.printed is not None or self.counted is not None

    @property
    def unexplained(self) -> int:
        """The residual; if the steps are the group's own walk, the sum of the differences of its components."""
        return (self.printed or 0) - self.repeated + self.unprinted + self.outside - (self.counted or 0)

    @classmethod
    def of(cls, kind: AmountKind, steps: Iterable[ComparisonStep], counted: Sums, outside: Sums = NO_SUMS) -> Balance:
        """Balance the steps of a group against the sums that are counted for it."""
        own = [step for step in steps if step.comparison.kind == kind]
        amounts = [step.comparison.printed for step in own if step.comparison.printed is not None]
        silent = [line for step in own if step.comparison.printed is None for line in step.new]
        return cls(
            printed=sum(amounts) if amounts else None,
            repeated=sum(step.counted_before for step in own if step.comparison.printed is not None),
            unprinted=sum_lines(silent) or 0,
            outside=outside.get(kind, 0),
            counted=counted.get(kind),
        )


@dataclass(frozen=True)
class BalancedGroup:
    """A Sakigake project, a department, or the grand total (subject None), with its components in printed order."""

    subject: SakigakeProject | Department | None
    components: list[Appearance]
    expenditure: Balance
    lending_limit: Balance

    @classmethod
    def of(
        cls,
        subject: SakigakeProject | Department | None,
        steps: Sequence[ComparisonStep],
        counted: Sums,
        outside: Sums = NO_SUMS,
    ) -> BalancedGroup:
        balances = [Balance.of(kind, steps, counted, outside) for kind in AmountKind]
        return cls(subject, list(dict.fromkeys(step.comparison.appearance for step in steps)), *balances)

    @property
    def repeats(self) -> int:
        """Number of components that carry the mark 再掲."""
        return sum(component.is_repeat for component in self.components)

    @property
    def not_stated(self) -> int:
        """Number of components that print no amount of either kind."""
        return sum(component.printed_amount_thousand_yen is None for component in self.components)

    @property
    def cited_components(self) -> list[Appearance]:
        """One component for each page that prints any, for citations."""
        return choose_one_per_page(self.components)

    @property
    def cited_lending_limits(self) -> list[Appearance]:
        return choose_one_per_page(one for one in self.components if one.printed_kind == AmountKind.LENDING_LIMIT)


def choose_one_per_page(components: Iterable[Appearance]) -> list[Appearance]:
    found: dict[object, Appearance] = {}
    for component in components:
        found.setdefault((component.document_id, component.page, component.page_to), component)
    return list(found.values())


def sum_lines(lines: Iterable[BudgetLine]) -> int | None:
    """Return the sum in thousand yen, or None without lines: "not stated" is not 0."""
    amounts = [line.amount_thousand_yen for line in lines]
    return sum(amounts) if amounts else None


def sum_lines_by_kind(lines: Iterable[BudgetLine]) -> Sums:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.kind] = sums.get(line.kind, 0) + line.amount_thousand_yen
    return sums


def subtract_sums(sums: Sums, others: Sums) -> Sums:
    """Subtract `others` from `sums`, for each kind in `sums`."""
    return {kind: amount - others.get(kind, 0) for kind, amount in sums.items()}
