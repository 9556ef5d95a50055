"""Rules between rows, which no constraint of a single table can express.

Each rule finds rows that break it; the first one is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from budgets.coverage import Claim, Overlap, find_overlaps, read_components
from budgets.models import REDUCTION_ELSEWHERE, SIGNED, BudgetLine, Stage, StageComponent, StageRole
from catalog.models import Term, TermWord
from catalog.row_changes import RowChange, changed_rows, column_values
from dxportal.changesets.print_rules import PRINT_RULES
from dxportal.changesets.refusals import BrokenRuleError, DuplicateNameError
from dxportal.revisions.names.folded_names import find_new_duplicates
from projects.models import Appearance, NamedPart, ProjectPart

# Rules are checked for the changed rows alone, since a catalogue may have a million others.
RowChanges = list[RowChange]


def find_lines_of_foreign_parts(changes: RowChanges) -> QuerySet[Any]:
    lines = changed_rows(changes, BudgetLine, "project_id", "part_id")
    parts = changed_rows(changes, ProjectPart, "project_id")
    affected = BudgetLine.objects.filter(Q(pk__in=lines) | Q(part__in=parts), part__isnull=False)
    return affected.exclude(part__project=F("project"))[:1]


def find_foreign_named_parts(changes: RowChanges) -> QuerySet[Any]:
    named_parts = changed_rows(changes, NamedPart, "part_id", "appearance_id")
    parts = changed_rows(changes, ProjectPart, "project_id")
    appearances = changed_rows(changes, Appearance, "project_id")
    affected = NamedPart.objects.filter(Q(pk__in=named_parts) | Q(part__in=parts) | Q(appearance__in=appearances))
    return affected.exclude(part__project=F("appearance__project"))[:1]


def find_overlapping_lines(changes: RowChanges) -> Iterator[Overlap]:
    """Find budget lines that state the same stage and year twice (`budgets.coverage`), among those of changed projects.

    A change of what a stage covers concerns all projects with lines of that stage.
    """
    lines = changed_rows(changes, BudgetLine, "project_id", "part_id", "fiscal_year", "kind", "stage_id")
    components = StageComponent.objects.filter(pk__in=changed_rows(changes, StageComponent)).values_list("stage")
    stages = column_values(changes, StageComponent, "stage_id").union(pk for (pk,) in components)
    if not (lines or stages):
        return
    projects = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages)).order_by().values("project")
    columns = ("pk", "project", "kind", "part", "stage", "fiscal_year")
    rows = BudgetLine.objects.filter(project__in=projects).order_by("project").values_list(*columns)
    stored_components = read_components()
    for _, lines_of_project in groupby(rows.iterator(), key=itemgetter(1)):
        yield from find_overlaps((Claim(*row) for row in lines_of_project), stored_components)


def find_misplaced_reductions(changes: RowChanges) -> QuerySet[Any]:
    """Find negative amounts of stages in which nothing is reduced."""
    lines = changed_rows(changes, BudgetLine, "amount_thousand_yen", "stage_id")
    stages = changed_rows(changes, Stage, "role")
    affected = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages), amount_thousand_yen__lt=0)
    return affected.exclude(stage__role__in=SIGNED).with_names()[:1]


def find_wrong_components(changes: RowChanges) -> QuerySet[Any]:
    """Find components that are combined stages themselves, or that belong to a balance, which stands alone."""
    components = changed_rows(changes, StageComponent)
    stages = [*changed_rows(changes, Stage, "role"), *column_values(changes, StageComponent, "stage_id")]
    affected = StageComponent.objects.filter(Q(pk__in=components) | Q(stage__in=stages) | Q(component__in=stages))
    is_combined = Exists(StageComponent.objects.filter(stage=OuterRef("component")))
    return affected.filter(Q(stage__role=StageRole.REVISED) | is_combined).select_related("stage", "component")[:1]


def find_incomplete_terms(changes: RowChanges) -> QuerySet[Any]:
    """Find terms with fewer than two words, or without a word that is no reading; a plan folder cannot hold them."""
    terms, words = changed_rows(changes, Term), changed_rows(changes, TermWord)
    changed_terms = column_values(changes, TermWord, "term_id")
    stored_terms = TermWord.objects.filter(pk__in=words).values("term")
    affected = Term.objects.filter(Q(pk__in=terms) | Q(pk__in=changed_terms) | Q(pk__in=stored_terms))
    spellings = Count("words", filter=Q(words__is_reading=False))
    with_counts = affected.annotate(word_count=Count("words"), spelling_count=spellings)
    return with_counts.filter(Q(word_count__lt=2) | Q(spelling_count=0))[:1]


def describe_overlap(overlap: Overlap) -> str:
    """Name both lines, and the stage and year that they state twice."""
    lines = BudgetLine.objects.with_names().in_bulk([overlap.earlier.line, overlap.later.line])
    return gettext(
        "予算額「%(later)s」と「%(earlier)s」は、どちらも%(year)s年度「%(stage)s」の額を含んでいて、二重に数えることになります。"
        "どちらかを消すか、年度・予算区分・内訳を直してください。"
    ) % {
        "later": lines[overlap.later.line],
        "earlier": lines[overlap.earlier.line],
        "year": overlap.fiscal_year,
        "stage": Stage.objects.get(pk=overlap.stage),
    }


INTEGRITY_RULES: tuple[tuple[Callable[[RowChanges], Iterable[Any]], Callable[[Any], str]], ...] = (
    (
        find_lines_of_foreign_parts,
        lambda line: gettext("予算額「%(line)s」の内訳が、ほかの事業のものです。") % {"line": line},
    ),
    (
        find_foreign_named_parts,
        lambda named_part: (
            gettext("掲載「%(named)s」の内訳が、ほかの事業のものです。") % {"named": named_part.appearance}
        ),
    ),
    (find_overlapping_lines, describe_overlap),
    (
        find_misplaced_reductions,
        lambda line: f"{gettext('予算額「%(line)s」は減額です。') % {'line': line}}{REDUCTION_ELSEWHERE}",
    ),
    (
        find_wrong_components,
        lambda row: (
            gettext(
                "合算した予算区分「%(stage)s」に「%(component)s」を含めることはできません。種類が「補正後」の予算区分には"
                "何も含められず、合算した予算区分をほかの予算区分に含めることもできません。"
            )
            % {"stage": row.stage, "component": row.component}
        ),
    ),
    (
        find_incomplete_terms,
        lambda term: (
            gettext(
                "同義語「%(term)s」には、よみでない言葉が一つと、合わせて二つの言葉が要ります。"
                "足すか、全体を消してください。"
            )
            % {"term": term}
        ),
    ),
)


def check_rules(changes: Iterable[RowChange]) -> None:
    """Raise BrokenRuleError for the first broken rule, DuplicateNameError for a duplicate name.

    Each rule costs a query or two for the tables that changed, and nothing for others.
    """
    changes = list(changes)
    for find_broken in PRINT_RULES:
        if sentence_of_rule := next(find_broken(changes), ""):
            raise BrokenRuleError(sentence_of_rule)
    for broken_rows, sentence in INTEGRITY_RULES:
        broken: Any = next(iter(broken_rows(changes)), None)
        if broken is not None:
            raise BrokenRuleError(sentence(broken))
    duplicate = next(find_new_duplicates([(change.model, change.row) for change in changes]), None)
    if duplicate is not None:
        raise DuplicateNameError(str(duplicate))
