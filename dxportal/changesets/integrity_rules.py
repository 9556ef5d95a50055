"""Rules between rows, which no constraint of a single table can express.

Each rule yields a sentence for a row that breaks it. Rules are asked of the changed rows alone, since a catalogue may
have a million others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext

from budgets.coverage import Claim, Overlap, find_overlaps, read_components
from budgets.models import REDUCTION_ELSEWHERE, SIGNED, BudgetLine, Stage, StageComponent, StageRole
from catalog.models import Term, TermWord
from catalog.row_changes import RowChange, changed_rows, column_values
from dxportal.changesets.print_rules import PRINT_RULES, RowChanges
from dxportal.changesets.refusals import BrokenRuleError, DuplicateNameError
from dxportal.revisions.names.folded_names import find_new_duplicates
from projects.models import Appearance, NamedPart, ProjectPart

CLAIM_COLUMNS = ("pk", "project", "kind", "part", "stage", "fiscal_year")  # of `Claim`, in its order


def find_lines_of_foreign_parts(changes: RowChanges) -> Iterator[str]:
    lines = changed_rows(changes, BudgetLine, "project_id", "part_id")
    parts = changed_rows(changes, ProjectPart, "project_id")
    affected = BudgetLine.objects.filter(Q(pk__in=lines) | Q(part__in=parts), part__isnull=False)
    for line in affected.exclude(part__project=F("project"))[:1]:
        yield gettext("予算額「%(line)s」の内訳が、ほかの事業のものです。") % {"line": line}


def find_foreign_named_parts(changes: RowChanges) -> Iterator[str]:
    named_parts = changed_rows(changes, NamedPart, "part_id", "appearance_id")
    parts = changed_rows(changes, ProjectPart, "project_id")
    appearances = changed_rows(changes, Appearance, "project_id")
    affected = NamedPart.objects.filter(Q(pk__in=named_parts) | Q(part__in=parts) | Q(appearance__in=appearances))
    for named_part in affected.exclude(part__project=F("appearance__project"))[:1]:
        yield gettext("掲載「%(named)s」の内訳が、ほかの事業のものです。") % {"named": named_part.appearance}


def find_overlapping_lines(changes: RowChanges) -> Iterator[str]:
    """Check that no budget line of a changed project states what another one does (`budgets.coverage`).

    A change of what a stage covers concerns all projects with lines of that stage.
    """
    lines = changed_rows(changes, BudgetLine, "project_id", "part_id", "fiscal_year", "kind", "stage_id")
    components = StageComponent.objects.filter(pk__in=changed_rows(changes, StageComponent)).values_list("stage")
    stages = column_values(changes, StageComponent, "stage_id").union(pk for (pk,) in components)
    if not (lines or stages):
        return
    projects = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages)).order_by().values("project")
    rows = BudgetLine.objects.filter(project__in=projects).order_by("project").values_list(*CLAIM_COLUMNS)
    stored_components = read_components()
    for _, lines_of_project in groupby(rows.iterator(), key=itemgetter(1)):
        for overlap in find_overlaps((Claim(*row) for row in lines_of_project), stored_components):
            yield describe_overlap(overlap)


def find_overlaps_of_edits(
    lines: Iterable[BudgetLine], deleted: Iterable[BudgetLine] = ()
) -> Iterator[tuple[BudgetLine, str]]:
    """Yield each edited or new line that would state what another line does, with a sentence; two queries.

    For what is typed, before it is written: the other line is stored and neither edited nor deleted, or another of the
    edited ones.
    """
    edited = {line.pk: line for line in lines}
    replaced = {*edited, *(line.pk for line in deleted)}
    projects = {line.project_id for line in edited.values()}
    stored = BudgetLine.objects.filter(project__in=projects).order_by().values_list(*CLAIM_COLUMNS)
    claims = [Claim(*row) for row in stored if row[0] not in replaced]
    claims += [
        Claim(line.pk, line.project_id, line.kind, line.part_id, line.stage_id, line.fiscal_year)
        for line in edited.values()
    ]
    for overlap in find_overlaps(claims, read_components()):
        if overlap.later.line in edited:
            yield edited[overlap.later.line], describe_overlap(overlap, edited)


def describe_overlap(overlap: Overlap, edited: Mapping[Any, BudgetLine] = MappingProxyType({})) -> str:
    """Name both lines, which are stored unless edited, and the stage and year that they state twice."""
    pks = [overlap.earlier.line, overlap.later.line]
    lines = {**BudgetLine.objects.with_names().in_bulk([pk for pk in pks if pk not in edited]), **edited}
    return gettext(
        "予算額「%(later)s」と「%(earlier)s」は、どちらも%(year)s年度「%(stage)s」の額を含んでいて、二重に数えることになります。"
        "どちらかを消すか、年度・予算区分・内訳を直してください。"
    ) % {
        "later": lines[overlap.later.line],
        "earlier": lines[overlap.earlier.line],
        "year": overlap.fiscal_year,
        "stage": Stage.objects.get(pk=overlap.stage),
    }


def find_misplaced_reductions(changes: RowChanges) -> Iterator[str]:
    """Check that amounts are negative in stages alone that may reduce a budget."""
    lines = changed_rows(changes, BudgetLine, "amount_thousand_yen", "stage_id")
    stages = changed_rows(changes, Stage, "role")
    affected = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages), amount_thousand_yen__lt=0)
    for line in affected.exclude(stage__role__in=SIGNED).with_names()[:1]:
        yield f"{gettext('予算額「%(line)s」は減額です。') % {'line': line}}{REDUCTION_ELSEWHERE}"


def find_wrong_components(changes: RowChanges) -> Iterator[str]:
    """Check that components are plain stages, and that a balance, which stands alone, has none."""
    components = changed_rows(changes, StageComponent)
    stages = [*changed_rows(changes, Stage, "role"), *column_values(changes, StageComponent, "stage_id")]
    affected = StageComponent.objects.filter(Q(pk__in=components) | Q(stage__in=stages) | Q(component__in=stages))
    is_combined = Exists(StageComponent.objects.filter(stage=OuterRef("component")))
    wrong = affected.filter(Q(stage__role=StageRole.REVISED) | is_combined)
    for row in wrong.select_related("stage", "component")[:1]:
        yield gettext(
            "合算した予算区分「%(stage)s」に「%(component)s」を含めることはできません。種類が「補正後」の予算区分には"
            "何も含められず、合算した予算区分をほかの予算区分に含めることもできません。"
        ) % {"stage": row.stage, "component": row.component}


def find_incomplete_terms(changes: RowChanges) -> Iterator[str]:
    """Check that terms have two words, one of which is no reading; a plan folder cannot hold others."""
    terms, words = changed_rows(changes, Term), changed_rows(changes, TermWord)
    changed_terms = column_values(changes, TermWord, "term_id")
    stored_terms = TermWord.objects.filter(pk__in=words).values("term")
    affected = Term.objects.filter(Q(pk__in=terms) | Q(pk__in=changed_terms) | Q(pk__in=stored_terms))
    spellings = Count("words", filter=Q(words__is_reading=False))
    with_counts = affected.annotate(word_count=Count("words"), spelling_count=spellings)
    for term in with_counts.filter(Q(word_count__lt=2) | Q(spelling_count=0))[:1]:
        yield gettext(
            "同義語「%(term)s」には、よみでない言葉が一つと、合わせて二つの言葉が要ります。足すか、全体を消してください。"
        ) % {"term": term}


INTEGRITY_RULES = (
    *PRINT_RULES,
    find_lines_of_foreign_parts,
    find_foreign_named_parts,
    find_overlapping_lines,
    find_misplaced_reductions,
    find_wrong_components,
    find_incomplete_terms,
)


def check_rules(changes: Iterable[RowChange]) -> None:
    """Raise BrokenRuleError for the first broken rule, DuplicateNameError for a duplicate name.

    Each rule costs a query or two for the tables that changed, and nothing for others.
    """
    changes = list(changes)
    for find_broken in INTEGRITY_RULES:
        if sentence := next(find_broken(changes), ""):
            raise BrokenRuleError(sentence)
    duplicate = next(find_new_duplicates([(change.model, change.row) for change in changes]), None)
    if duplicate is not None:
        raise DuplicateNameError(str(duplicate))
