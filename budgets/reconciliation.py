"""Reconciliation of printed with counted amounts, for every appearance, Sakigake project and department of a year.

A printed amount is held against the budget lines of its stage alone (`budgets.held_stages`): that of its document, or
if none is known the measure on which the year opens. What was decided after print stands in other stages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from budgets.balances import (
    BalancedGroup,
    Comparison,
    ComparisonStep,
    Sums,
    subtract_sums,
    sum_lines_by_kind,
    walk_comparisons,
)
from budgets.held_stages import HeldStages, StageSum, sums_of_stages
from budgets.models import BudgetLine, Measure
from budgets.models.lines import lines_of
from budgets.sakigake import sakigake_projects
from catalog.compiled_queries import compiled_query
from catalog.contents import departments, documents
from catalog.models import Department, SourceDocument
from projects.models import AmountKind, Appearance, NamedPart, SakigakeProject
from projects.models.appearances import AppearanceQuerySet


@dataclass(frozen=True)
class MismatchedDepartment:
    """A budget line whose department differs from the one printed on the first component that refers to it."""

    appearance: Appearance
    line: BudgetLine


@dataclass(frozen=True)
class Reconciliation:
    """A year's printed amounts against its budget lines, by group, with all findings.

    `later_stages`: the stages of the year that no printed amount is held against, with their amounts.
    `compared`: every component and listing that prints an amount. `differing`: those of them whose lines add up to
    another amount. `unreferenced_lines`: lines that cite a page of the plan although no component refers to them, nor a
    listing that prints an amount.
    """

    later_stages: list[StageSum]
    compared: list[Comparison]
    differing: list[Comparison]
    mismatched_departments: list[MismatchedDepartment]
    unreferenced_lines: list[BudgetLine]
    projects: list[BalancedGroup]
    all_projects: BalancedGroup
    departments: list[BalancedGroup]
    all_departments: BalancedGroup

    @classmethod
    def of(cls, fiscal_year: int, measure: Measure = Measure.INITIAL) -> Reconciliation:
        """Reconcile a fiscal year, which opens on a measure; eight queries, and three more if there are findings.

        Lines that the paper never refers to enter only through the materialised sums (`budgets.materialized_rows`).
        Departments share one walk through all components, so that their columns add up to the grand total. Rows are
        read with the compared columns alone; only findings are read again, with their names.
        """
        documents_by_pk = {document.pk: document for document in documents()}
        lines, named = read_compared_lines(fiscal_year), read_parts_of_compared(fiscal_year)
        appearances = attach_documents(documents_by_pk, read_compared(fiscal_year))
        held = HeldStages.of(appearances, lines, measure)
        references = {
            appearance: [line for line in referenced if held.is_held_against(appearance, line)]
            for appearance, referenced in lines_of(appearances, lines, named).items()
        }
        comparisons = compare_by_kind(references)
        of_projects = defaultdict(list)
        for comparison in comparisons:
            of_projects[comparison.appearance.sakigake_project_id].append(comparison)
        own = {project: of_projects[project.pk] for project in sakigake_projects()}
        steps = walk_comparisons(chain.from_iterable(own.values()))
        new = [line for step in steps for line in step.new]
        stated = [comparison for comparison in comparisons if comparison.printed is not None]
        referenced = {line.pk for line in chain(new, *(comparison.lines for comparison in stated))}
        unreferenced_lines = [
            line.pk
            for line in lines
            if line.document_id in documents_by_pk and held.is_held(line) and line.pk not in referenced
        ]
        names = NamedFindings.of(
            [comparison for comparison in stated if comparison.differs],
            find_mismatched_departments(steps),
            unreferenced_lines,
        )
        sums = sums_of_stages(fiscal_year, measure)
        counted = held.sum_by_department(sums)
        together = add_up_sums(counted.values())
        return cls(
            later_stages=held.find_later_stages(sums),
            compared=stated,
            differing=names.differing,
            mismatched_departments=names.mismatched_departments,
            unreferenced_lines=names.unreferenced_lines,
            projects=[balance_project(project, walk_comparisons(members)) for project, members in own.items()],
            all_projects=BalancedGroup.of(None, steps, sum_lines_by_kind(new)),
            departments=[balance_department(each, steps, counted.get(each.pk, {})) for each in departments()],
            all_departments=BalancedGroup.of(None, steps, together, subtract_sums(together, sum_lines_by_kind(new))),
        )

    @property
    def unbalanced(self) -> list[tuple[BalancedGroup, AmountKind, int]]:
        """Groups with an unexplained difference, as (group, kind, printed minus counted in thousand yen)."""
        groups = [*self.projects, *self.departments, self.all_projects]
        return [
            (group, kind, balance.unexplained)
            for group in groups
            for kind, balance in zip(AmountKind, (group.expenditure, group.lending_limit), strict=True)
            if balance.unexplained
        ]

    @property
    def findings(self) -> int:
        """Number of findings. Unbalanced groups are not counted: they follow from the others."""
        return len(self.differing) + len(self.mismatched_departments) + len(self.unreferenced_lines)


def filter_compared(fiscal_year: int) -> AppearanceQuerySet:
    """Return every component, and every other appearance that prints an amount."""
    compared = Q(sakigake_project__isnull=False) | Q(printed_amount_thousand_yen__isnull=False)
    return Appearance.objects.current().for_year(fiscal_year).filter(compared)


@compiled_query
def read_compared(fiscal_year: int) -> AppearanceQuerySet:
    amounts = ("printed_amount_thousand_yen", "printed_kind", "is_repeat", "fiscal_year")
    keys = ("project_id", "sakigake_project_id", "department_id", "document_id")
    return filter_compared(fiscal_year).only(*keys, *amounts, "page", "page_to").in_printed_order()


def attach_documents(documents_by_pk: Mapping[Any, SourceDocument], appearances: list[Appearance]) -> list[Appearance]:
    """Set the documents of appearances from a mapping by primary key, which saves a join."""
    for appearance in appearances:
        appearance.document = documents_by_pk[appearance.document_id]
    return appearances


@compiled_query
def read_parts_of_compared(fiscal_year: int) -> QuerySet[NamedPart, tuple[Any, Any]]:
    return filter_compared(fiscal_year).parts_named()


@compiled_query
def read_compared_lines(fiscal_year: int) -> QuerySet[BudgetLine, Any]:
    """Return, as tuples, the lines of all compared projects, and those that cite a document of the current plan."""
    lines, of_plan = BudgetLine.objects.for_year(fiscal_year), SourceDocument.objects.filter(plan__is_current=True)
    compared = lines.filter(project__in=filter_compared(fiscal_year).values("project"))
    names = ("department_id", "document_id", "stage_id")
    return compared.amounts(*names).union(lines.filter(document__in=of_plan).amounts(*names))


def compare_by_kind(found: Mapping[Appearance, list[BudgetLine]]) -> list[Comparison]:
    return [
        Comparison(appearance, kind, [line for line in own if line.kind == kind])
        for appearance, own in found.items()
        for kind in AmountKind
    ]


@dataclass(frozen=True)
class NamedFindings:
    """The findings, with appearances and lines read in full, for display."""

    differing: list[Comparison]
    mismatched_departments: list[MismatchedDepartment]
    unreferenced_lines: list[BudgetLine]

    @classmethod
    def of(
        cls, differing: list[Comparison], mismatched: list[MismatchedDepartment], unreferenced_lines: list[Any]
    ) -> NamedFindings:
        """Read the rows of findings in full, lines in table order; three queries, none without findings."""
        if not (differing or mismatched or unreferenced_lines):
            return cls([], [], [])
        named = Appearance.objects.select_related("project", "department", "document").prefetch_related("named_parts")
        appearances = named.with_parents().in_bulk(
            {one.appearance.pk for one in differing} | {one.appearance.pk for one in mismatched}
        )
        keys = {*unreferenced_lines, *(one.line.pk for one in mismatched)}
        lines = {line.pk: line for line in BudgetLine.objects.filter(pk__in=keys).with_names().in_order()}
        order = {pk: number for number, pk in enumerate(lines)}
        first = {pk: number for number, pk in enumerate(dict.fromkeys(one.appearance.pk for one in mismatched))}
        in_order = sorted(mismatched, key=lambda one: (first[one.appearance.pk], order[one.line.pk]))
        return cls(
            [replace(one, appearance=appearances[one.appearance.pk]) for one in differing],
            [MismatchedDepartment(appearances[one.appearance.pk], lines[one.line.pk]) for one in in_order],
            [lines[pk] for pk in sorted(unreferenced_lines, key=order.__getitem__)],
        )


def add_up_sums(departments: Iterable[Sums]) -> Sums:
    together: Counter[str] = Counter()
    for sums in departments:
        for kind, amount in sums.items():
            together[kind] += amount
    return together


def balance_project(project: SakigakeProject, steps: list[ComparisonStep]) -> BalancedGroup:
    """Balance a Sakigake project: its counted sum is that of the lines that its own components refer to."""
    return BalancedGroup.of(project, steps, sum_lines_by_kind(line for step in steps for line in step.new))


def balance_department(department: Department, steps: Iterable[ComparisonStep], counted: Sums) -> BalancedGroup:
    """Balance a department: print goes by the component's department, count by the line's, referred to or not."""
    steps, key = list(steps), department.pk
    referenced = sum_lines_by_kind(line for step in steps for line in step.new if line.department_id == key)
    own = [step for step in steps if step.comparison.appearance.department_id == key]
    return BalancedGroup.of(department, own, counted, subtract_sums(counted, referenced))


def find_mismatched_departments(steps: Iterable[ComparisonStep]) -> list[MismatchedDepartment]:
    return [
        MismatchedDepartment(step.comparison.appearance, line)
        for step in steps
        for line in step.new
        if line.amount_thousand_yen and line.department_id != step.comparison.appearance.department_id
    ]
