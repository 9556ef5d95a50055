"""Amounts of Sakigake projects in three figures: as printed, distinct here, counted earlier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet

from budgets.models import BudgetRow, Measure
from budgets.models.lines import lines_of
from catalog.compiled_queries import compiled_query
from projects.models import AmountKind, Appearance, NamedPart, SakigakeProject
from projects.models.appearances import AppearanceQuerySet
from projects.models.sakigake import SakigakeProjectQuerySet


@dataclass
class Component:
    """A component project as printed, and the addends that it refers to; both as named tuples (`amounts`)."""

    appearance: Any
    lines: list[Any]

    @property
    def is_of_whole(self) -> bool:
        """Whether parts are named and the amount is that of the whole project; only after `with_appearances`."""
        return bool(self.appearance.parts) and any(line.part_id is None for line in self.lines)


@dataclass
class Money:
    """Printed and counted sums of a set of components, in thousand yen.

    `printed` adds up amounts as printed, repeats included. `distinct` counts each addend of the measure once.
    `counted_earlier` is the part of `distinct` that earlier Sakigake projects have counted, by project. Lending limits
    are in none.
    """

    components: list[Component] = field(default_factory=list)
    distinct_lines: dict[object, Any] = field(default_factory=dict)
    counted_earlier: dict[SakigakeProject, int] = field(default_factory=dict)

    @property
    def stages(self) -> set[Any]:
        """Primary keys of the budget stages of the amounts."""
        return {line.stage_id for line in self.distinct_lines.values()}

    @property
    def rows(self) -> int:
        return len(self.components)

    @property
    def repeat_rows(self) -> int:
        return sum(component.appearance.is_repeat for component in self.components)

    @property
    def not_stated_rows(self) -> int:
        return sum(component.appearance.printed_amount_thousand_yen is None for component in self.components)

    @property
    def printed_expenditure_thousand_yen(self) -> int:
        return sum(
            component.appearance.printed_amount_thousand_yen or 0
            for component in self.components
            if component.appearance.printed_kind == AmountKind.EXPENDITURE
        )

    @property
    def distinct_expenditure_thousand_yen(self) -> int:
        return sum_kind(self.distinct_lines.values(), AmountKind.EXPENDITURE)

    @property
    def lending_limit_thousand_yen(self) -> int:
        return sum_kind(self.distinct_lines.values(), AmountKind.LENDING_LIMIT)

    @property
    def largest_thousand_yen(self) -> int:
        """The largest printed amount of a component, the scale of the bars."""
        return max(
            (
                component.appearance.printed_amount_thousand_yen or 0
                for component in self.components
                if component.appearance.printed_kind == AmountKind.EXPENDITURE
            ),
            default=0,
        )

    @property
    def states_expenditure(self) -> bool:
        """Whether any component prints expenditure; if none does, the sum is not stated, which is not 0."""
        return any(component.appearance.printed_kind == AmountKind.EXPENDITURE for component in self.components)

    @property
    def counts_expenditure(self) -> bool:
        """Whether any budget line of expenditure is counted, printed here or not."""
        return any(line.kind == AmountKind.EXPENDITURE for line in self.distinct_lines.values())

    @property
    def states_lending_limit(self) -> bool:
        return any(line.kind == AmountKind.LENDING_LIMIT for line in self.distinct_lines.values())

    @property
    def counted_earlier_thousand_yen(self) -> int:
        return sum(self.counted_earlier.values())

    @classmethod
    def of(cls, components: AppearanceQuerySet, measure: Measure) -> Money:
        """Sum any set of components; three queries."""
        lines = BudgetRow.objects.of_lines().of_measure(measure).pointed_at_by(components).amounts("stage_id")
        money = cls()
        for appearance, own in lines_of(components.amounts(), lines, components.parts_named()).items():
            money.add(Component(appearance, own))
        return money

    def only(self, appearances: Collection[object]) -> Money:
        """Sum the components whose appearances have these primary keys; no query."""
        money = Money()
        for component in self.components:
            if component.appearance.pk in appearances:
                money.add(component)
        return money

    def with_appearances(self, appearances: Iterable[Appearance]) -> Money:
        """Replace the tuples of components by full `Appearance` instances of the same primary keys, for display."""
        by_pk = {appearance.pk: appearance for appearance in appearances}
        return replace(self, components=[replace(one, appearance=by_pk[one.appearance.pk]) for one in self.components])

    def add(self, component: Component) -> None:
        self.components.append(component)
        self.distinct_lines.update({line.pk: line for line in component.lines})


def sum_kind(lines: Iterable[Any], kind: AmountKind) -> int:
    return sum(line.amount_thousand_yen for line in lines if line.kind == kind)


@compiled_query
def sakigake_projects() -> SakigakeProjectQuerySet:
    return SakigakeProject.objects.current().select_related("plan", "document").in_order()


@compiled_query
def read_components(fiscal_year: int) -> QuerySet[Appearance, Any]:
    return filter_components(fiscal_year).amounts()


@compiled_query
def read_parts_of_components(fiscal_year: int) -> QuerySet[NamedPart, tuple[Any, Any]]:
    return filter_components(fiscal_year).parts_named()


@compiled_query
def read_addends_of_year(fiscal_year: int, measure: Measure) -> QuerySet[BudgetRow, Any]:
    addends = BudgetRow.objects.for_year(fiscal_year).of_lines().of_measure(measure)
    return addends.pointed_at_by(filter_components(fiscal_year)).amounts("stage_id")


def filter_components(fiscal_year: int) -> AppearanceQuerySet:
    return Appearance.objects.filter(sakigake_project__plan__is_current=True).for_year(fiscal_year)


def sakigake_money(fiscal_year: int, measure: Measure) -> tuple[dict[SakigakeProject, Money], Money]:
    """Return the sums of every Sakigake project in a year, in order of numbers, and the grand total; four queries.

    What is counted follows the measure, what is printed does not.

    Components are tuples without names; `Money.with_appearances` adds these.
    """
    lines, named = read_addends_of_year(fiscal_year, measure), read_parts_of_components(fiscal_year)
    money = {project: Money() for project in sakigake_projects()}
    by_pk: dict[object, Money] = {project.pk: own for project, own in money.items()}
    for appearance, found in lines_of(read_components(fiscal_year), lines, named).items():
        by_pk[appearance.sakigake_project_id].add(Component(appearance, found))
    everything = Money()
    first: dict[object, SakigakeProject] = {}
    for project, own in money.items():
        for component in own.components:
            everything.add(component)
        earlier: Counter[SakigakeProject] = Counter()
        for pk, line in own.distinct_lines.items():
            before = first.setdefault(pk, project)
            if before is not project and line.kind == AmountKind.EXPENDITURE:
                earlier[before] += line.amount_thousand_yen
        own.counted_earlier = dict(sorted(earlier.items(), key=lambda item: item[0].number))
    return money, everything
