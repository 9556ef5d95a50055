"""A project's budget through a fiscal year as steps: initial, each supplement, current, available, settlement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Q

from budgets.models import Measure, StageRole
from budgets.models.measures import select_addends, sum_amounts, sum_in_memory
from budgets.rows import BudgetRows
from projects.models import AmountKind


class LadderLine(NamedTuple):
    """The columns of a budget line that its step in a ladder needs; amounts in thousand yen."""

    fiscal_year: int
    kind: str
    stage: Any  # primary key
    stage_name: str
    role: str
    order: tuple[int, str]  # of the stage within the year: position and code
    thousand_yen: int


class LadderStep(NamedTuple):
    """A step: the amount of a stage, or a sum of the steps before it (thousand yen)."""

    label: str
    thousand_yen: int
    is_sum: bool = False


@dataclass(frozen=True)
class YearLadder:
    """The lines of one project, fiscal year and kind, from the request to the settlement.

    `included_next_year`: names of supplements that the next year's print states together with its initial budget.
    """

    fiscal_year: int
    kind: AmountKind
    lines: Sequence[LadderLine]
    included_next_year: Sequence[str] = ()

    @cached_property
    def steps(self) -> list[LadderStep]:
        """The steps in the order of the year; sums only where they add up more than one step."""
        current, available = self.addends(Measure.CURRENT), self.addends(Measure.AVAILABLE)
        steps = [*self.stages_of([line for line in self.lines if line.role == StageRole.REQUEST])]
        of_current = self.stages_of(current)
        steps += of_current
        if len(of_current) > 1:
            steps.append(self.sum_step(Measure.CURRENT))
        if len(available) > len(current):
            steps += self.stages_of([line for line in available if line.role == StageRole.CARRIED_IN])
            steps.append(self.sum_step(Measure.AVAILABLE))
        after = (StageRole.SETTLEMENT, StageRole.CARRIED_OUT)
        return [*steps, *self.stages_of([line for line in self.lines if line.role in after])]

    @property
    def execution_rate(self) -> float | None:
        """Settlement in per cent of what was available; None unless both are stated and something was available."""
        settlement, available = self.amount(Measure.SETTLEMENT), self.amount(Measure.AVAILABLE)
        return 100 * settlement / available if settlement is not None and available else None

    @property
    def unused_thousand_yen(self) -> int | None:
        """Remainder that was neither spent nor carried over (不用額); None unless all three amounts are stated."""
        available, *others = map(self.amount, (Measure.AVAILABLE, Measure.SETTLEMENT, Measure.CARRIED_OUT))
        settlement, carried_out = others
        if available is None or settlement is None or carried_out is None:
            return None
        return available - settlement - carried_out

    def amount(self, measure: Measure) -> int | None:
        """Return the sum of a measure in thousand yen; None if none of its lines is stated."""
        return sum_in_memory(line.thousand_yen for line in self.addends(measure))

    def addends(self, measure: Measure) -> list[LadderLine]:
        return select_addends(measure, [(line, line.role, line.order) for line in self.lines])

    def sum_step(self, measure: Measure) -> LadderStep:
        return LadderStep(str(measure.label), self.amount(measure) or 0, is_sum=True)

    @staticmethod
    def stages_of(lines: Iterable[LadderLine]) -> list[LadderStep]:
        """Return a step for each stage; the parts of a project are added up."""
        amounts: dict[tuple[tuple[int, str], str], list[int]] = defaultdict(list)
        for line in lines:
            amounts[line.order, line.stage_name].append(line.thousand_yen)
        return [LadderStep(name, sum_in_memory(amounts[order, name]) or 0) for order, name in sorted(amounts)]


def build_ladders(lines: Iterable[LadderLine], covered_before: Mapping[Any, Mapping[Any, str]]) -> list[YearLadder]:
    """Build the ladders of a project with more than one step, the latest year first.

    `covered_before` maps a combined stage to the supplements of the year before that it covers, by primary key with
    their names.
    """
    groups: dict[tuple[int, str], list[LadderLine]] = defaultdict(list)
    for line in lines:
        groups[line.fiscal_year, line.kind].append(line)
    ladders = []
    for year, kind in sorted(groups, key=lambda key: (-key[0], key[1])):
        own = {line.stage for line in groups[year, kind]}
        next_year = {line.stage for line in groups.get((year + 1, kind), [])}
        included = {stage: name for combined in next_year for stage, name in covered_before.get(combined, {}).items()}
        names = [name for stage, name in included.items() if stage not in own]
        ladder = YearLadder(year, AmountKind(kind), groups[year, kind], names)
        if len(ladder.steps) > 1 or names:
            ladders.append(ladder)
    return ladders


@dataclass(frozen=True)
class Execution:
    """Spending of what was available (thousand yen), over the projects that state both.

    `left_out`: the number of projects that state only one of them.
    """

    settlement_thousand_yen: int
    available_thousand_yen: int
    projects: int
    left_out: int

    @property
    def rate(self) -> float | None:
        """Per cent; None if nothing was available."""
        available = self.available_thousand_yen
        return 100 * self.settlement_thousand_yen / available if available else None

    @classmethod
    def of(cls, rows: BudgetRows) -> Execution:
        """Sum the expenditure of the projects and years among the rows, whatever their measure; two queries."""
        lines = rows.restrict(rows.given.of_lines()).filter(kind=AmountKind.EXPENDITURE)
        by_project: Any = lines.values("project", "fiscal_year").annotate(
            spent=sum_amounts(Q(in_settlement=True)), available=sum_amounts(Q(in_available=True))
        )
        of_both = Q(spent__isnull=False, available__isnull=False)
        of_one = Q(spent__isnull=False) ^ Q(available__isnull=False)
        sums = by_project.filter(of_both).aggregate(
            spent_sum=sum_amounts(column="spent"), available_sum=sum_amounts(column="available"), projects=Count("*")
        )
        left_out = by_project.filter(of_one).count()
        return cls(int(sums["spent_sum"] or 0), int(sums["available_sum"] or 0), sums["projects"], left_out)
