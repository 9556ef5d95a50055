"""Rules between rows, which no constraint of a single table can express.

Each rule is a query for the rows that break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext

from budgets.models import BudgetLine, Stage
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
    return affected.exclude(part__project=F("project"))


def find_foreign_named_parts(changes: RowChanges) -> QuerySet[Any]:
    named_parts = changed_rows(changes, NamedPart, "part_id", "appearance_id")
    parts = changed_rows(changes, ProjectPart, "project_id")
    appearances = changed_rows(changes, Appearance, "project_id")
    affected = NamedPart.objects.filter(Q(pk__in=named_parts) | Q(part__in=parts) | Q(appearance__in=appearances))
    return affected.exclude(part__project=F("appearance__project"))


def find_mixed_stages(changes: RowChanges) -> QuerySet[Any]:
    """Find projects with both combined and separate stages in one fiscal year and kind."""
    lines = changed_rows(changes, BudgetLine, "project_id", "fiscal_year", "kind", "stage_id")
    stages = changed_rows(changes, Stage, "is_combined")
    projects = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages)).order_by().values("project")
    groups = BudgetLine.objects.filter(project__in=projects).order_by().values("project__name", "fiscal_year", "kind")
    with_counts = groups.annotate(
        stages=Count("stage", distinct=True), combined=Count("stage", distinct=True, filter=Q(stage__is_combined=True))
    )
    return with_counts.filter(stages__gt=1, combined__gt=0)


def find_incomplete_terms(changes: RowChanges) -> QuerySet[Any]:
    """Find terms with fewer than two words, or without a word that is no reading; a plan folder cannot hold them."""
    terms, words = changed_rows(changes, Term), changed_rows(changes, TermWord)
    changed_terms = column_values(changes, TermWord, "term_id")
    stored_terms = TermWord.objects.filter(pk__in=words).values("term")
    affected = Term.objects.filter(Q(pk__in=terms) | Q(pk__in=changed_terms) | Q(pk__in=stored_terms))
    spellings = Count("words", filter=Q(words__is_reading=False))
    with_counts = affected.annotate(word_count=Count("words"), spelling_count=spellings)
    return with_counts.filter(Q(word_count__lt=2) | Q(spelling_count=0))


INTEGRITY_RULES: tuple[tuple[Callable[[RowChanges], QuerySet[Any]], Callable[[Any], str]], ...] = (
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
    (
        find_mixed_stages,
        lambda row: (
            gettext(
                "「%(project)s」の%(year)s年度に、合算した予算区分と個別の予算区分が並んでいます。どちらかにしてください。"
            )
            % {"project": row["project__name"], "year": row["fiscal_year"]}
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
        broken: Any = next(iter(broken_rows(changes)[:1]), None)
        if broken is not None:
            raise BrokenRuleError(sentence(broken))
    duplicate = next(find_new_duplicates([(change.model, change.row) for change in changes]), None)
    if duplicate is not None:
        raise DuplicateNameError(str(duplicate))
