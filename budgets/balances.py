"""How what a group prints leads to what is counted of it. Reads nothing: it works on rows that have been read.

Print repeats an amount wherever a project appears again; budget lines are counted once. All amounts are in thousand
yen. A lending limit is compared in the same way as expenditure, and apart from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budgets.models import BudgetLine
from catalog.models import Department
from projects.models import Appearance, Kind, SakigakeProject

# Of some lines by kind; a kind of which there is no line is missing.
Sums = Mapping[str, int]
NOTHING: Sums = {}


@dataclass(frozen=True)
class Comparison:
    """One appearance: what it prints of a kind, beside the budget lines of that kind which it speaks of.

    Lines may be tuples of what is counted of them, as `BudgetLineQuerySet.amounts` gives them.
    """

    appearance: Appearance
    kind: Kind
    lines: list[Any]

    @property
    def printed(self) -> int | None:
        of_this_kind = self.appearance.printed_kind == self.kind
        return self.appearance.printed_amount_thousand_yen if of_this_kind else None

    @property
    def counted(self) -> int | None:
        return sum_of(self.lines)

    @property
    def differs(self) -> bool:
        """Whether an amount is printed that no line states, or that is not the sum of the lines."""
        return self.printed is not None and self.printed != self.counted

    @property
    def difference(self) -> int:
        """How much more is printed than counted."""
        return (self.printed or 0) - (self.counted or 0)


@dataclass(frozen=True)
class Step:
    """A comparison on the walk through print: which of its lines no step before has spoken of."""

    comparison: Comparison
    new: list[Any]

    @property
    def again(self) -> int:
        return (self.comparison.counted or 0) - (sum_of(self.new) or 0)


def walk(comparisons: Iterable[Comparison]) -> list[Step]:
    """The comparisons in their order, each with those of its lines that come up for the first time."""
    seen: set[object] = set()
    steps = []
    for comparison in comparisons:
        new = [line for line in comparison.lines if line.pk not in seen]
        seen.update(line.pk for line in new)
        steps.append(Step(comparison, new))
    return steps


@dataclass(frozen=True)
class Balance:
    """How the printed sum of a group leads to the counted one, for one kind; None where nothing states a sum.

    `repeated`: what print repeats, because an earlier step has spoken of the line. `unprinted`: lines that are
    first spoken of where no amount is printed. `outside`: lines of which no component of the year speaks.
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
        """What is left; in a group that is walked as a whole the sum of the differences of its components."""
        return (self.printed or 0) - self.repeated + self.unprinted + self.outside - (self.counted or 0)

    @classmethod
    def of(cls, kind: Kind, steps: Iterable[Step], counted: Sums, outside: Sums = NOTHING) -> Balance:
        """Of some steps of a walk and of what is counted for the same group."""
        own = [step for step in steps if step.comparison.kind == kind]
        amounts = [step.comparison.printed for step in own if step.comparison.printed is not None]
        silent = [line for step in own if step.comparison.printed is None for line in step.new]
        return cls(
            printed=sum(amounts) if amounts else None,
            repeated=sum(step.again for step in own if step.comparison.printed is not None),
            unprinted=sum_of(silent) or 0,
            outside=outside.get(kind, 0),
            counted=counted.get(kind),
        )


@dataclass(frozen=True)
class Group:
    """A Sakigake project, a department, or all together (no subject), with its components in the order of print."""

    subject: SakigakeProject | Department | None
    components: list[Appearance]
    expenditure: Balance
    lending_limit: Balance

    @classmethod
    def of(
        cls,
        subject: SakigakeProject | Department | None,
        steps: Sequence[Step],
        counted: Sums,
        outside: Sums = NOTHING,
    ) -> Group:
        balances = [Balance.of(kind, steps, counted, outside) for kind in Kind]
        return cls(subject, list(dict.fromkeys(step.comparison.appearance for step in steps)), *balances)

    @property
    def repeats(self) -> int:
        """How many components carry the mark 再掲."""
        return sum(component.is_repeat for component in self.components)

    @property
    def not_stated(self) -> int:
        """How many components print no amount of either kind."""
        return sum(component.printed_amount_thousand_yen is None for component in self.components)

    @property
    def places(self) -> list[Appearance]:
        """One component for each page on which some stand, to be cited."""
        return one_for_each_page(self.components)

    @property
    def places_of_lending_limit(self) -> list[Appearance]:
        return one_for_each_page(one for one in self.components if one.printed_kind == Kind.LENDING_LIMIT)


def one_for_each_page(components: Iterable[Appearance]) -> list[Appearance]:
    found: dict[object, Appearance] = {}
    for component in components:
        found.setdefault((component.document_id, component.page, component.page_to), component)
    return list(found.values())


def sum_of(lines: Iterable[BudgetLine]) -> int | None:
    """In thousand yen; None where there is no line, for the sum of nothing is not 0."""
    amounts = [line.amount_thousand_yen for line in lines]
    return sum(amounts) if amounts else None


def sums_of(lines: Iterable[BudgetLine]) -> Sums:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.kind] = sums.get(line.kind, 0) + line.amount_thousand_yen
    return sums


def less(sums: Sums, others: Sums) -> Sums:
    """What is left of sums without those of some of their lines."""
    return {kind: amount - others.get(kind, 0) for kind, amount in sums.items()}
