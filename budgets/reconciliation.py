"""What is printed beside what is counted: for every printed amount, Sakigake project and department of a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.models import Q

from budgets.balances import Comparison, Group, Step, walk
from budgets.models import BudgetLine
from budgets.models.lines import lines_of
from catalog.models import Department
from projects.models import Appearance, Kind, SakigakeProject


@dataclass(frozen=True)
class Elsewhere:
    """A line that is counted for another department than the component is printed under that first speaks of it."""

    appearance: Appearance
    line: BudgetLine


@dataclass(frozen=True)
class Reconciliation:
    """A year's print beside its budget lines, group by group, and everything that does not agree.

    `compared`: whatever prints an amount, components and listings. `unspoken_of`: lines that cite a page of the plan
    although no component speaks of them, nor a listing that prints an amount.
    """

    compared: list[Comparison]
    elsewhere: list[Elsewhere]
    unspoken_of: list[BudgetLine]
    projects: list[Group]
    all_projects: Group
    departments: list[Group]
    all_departments: Group

    @classmethod
    def of(cls, fiscal_year: int) -> Reconciliation:
        """Everything about a year; six queries.

        Departments share one walk through all components, so that their columns add up to those of all together.
        """
        lines = list(BudgetLine.objects.for_year(fiscal_year).with_names().select_related("document__plan").in_order())
        found = comparisons(fiscal_year, lines)
        own = {
            project: [one for one in found if one.appearance.sakigake_project_id == project.pk]
            for project in SakigakeProject.objects.current().cited().in_order()
        }
        steps = walk(chain.from_iterable(own.values()))
        new = [line for step in steps for line in step.new]
        spoken_of = {line.pk for line in new}
        outside = [line for line in lines if line.pk not in spoken_of]
        stated = [one for one in found if one.printed is not None]
        return cls(
            compared=stated,
            elsewhere=elsewhere(steps),
            unspoken_of=cited_in_vain(outside, stated),
            projects=[of_project(project, walk(members)) for project, members in own.items()],
            all_projects=Group.of(None, steps, new),
            departments=[of_department(one, steps, lines, outside) for one in Department.objects.in_order()],
            all_departments=Group.of(None, steps, lines, outside),
        )

    @property
    def differing(self) -> list[Comparison]:
        return [one for one in self.compared if one.differs]

    @property
    def unbalanced(self) -> list[tuple[Group, Kind, int]]:
        """Groups with a difference that nothing explains: of which kind, and how much more is printed than counted."""
        groups = [*self.projects, *self.departments, self.all_projects]
        return [
            (group, kind, balance.unexplained)
            for group in groups
            for kind, balance in zip(Kind, (group.expenditure, group.lending_limit), strict=True)
            if balance.unexplained
        ]

    @property
    def findings(self) -> int:
        """In how many places print and count do not agree; that a group is unbalanced follows from these."""
        return len(self.differing) + len(self.elsewhere) + len(self.unspoken_of)


def comparisons(fiscal_year: int, lines: Iterable[BudgetLine]) -> list[Comparison]:
    """Every component, and whatever else prints an amount, once for each kind, in printed order; three queries."""
    compared = Q(sakigake_project__isnull=False) | Q(printed_amount_thousand_yen__isnull=False)
    appearances = Appearance.objects.current().for_year(fiscal_year).filter(compared)
    found = lines_of(appearances.with_names().with_parents().in_printed_order(), lines)
    return [
        Comparison(appearance, kind, [line for line in own if line.kind == kind])
        for appearance, own in found.items()
        for kind in Kind
    ]


def of_project(project: SakigakeProject, steps: list[Step]) -> Group:
    """Of a walk through its own components: what it speaks of is what is counted."""
    return Group.of(project, steps, [line for step in steps for line in step.new])


def of_department(
    department: Department, steps: Iterable[Step], lines: Iterable[BudgetLine], outside: Iterable[BudgetLine]
) -> Group:
    """Print by the department of the component, counted by the department of the line, spoken of or not."""
    return Group.of(
        department,
        [step for step in steps if step.comparison.appearance.department_id == department.pk],
        [line for line in lines if line.department_id == department.pk],
        [line for line in outside if line.department_id == department.pk],
    )


def elsewhere(steps: Iterable[Step]) -> list[Elsewhere]:
    return [
        Elsewhere(step.comparison.appearance, line)
        for step in steps
        for line in step.new
        if line.amount_thousand_yen and line.department_id != step.comparison.appearance.department_id
    ]


def cited_in_vain(outside: Iterable[BudgetLine], stated: Iterable[Comparison]) -> list[BudgetLine]:
    """Lines that no component speaks of and no listing states, although they cite a page of the current plan."""
    printed = {line.pk for one in stated for line in one.lines}
    return [
        line
        for line in outside
        if line.pk not in printed and line.document is not None and line.document.plan.is_current
    ]
