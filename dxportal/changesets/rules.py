"""What must hold between rows and what no constraint of a single table can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext

from budgets.models import BudgetLine, Stage
from catalog.models import Term, TermWord
from dxportal.changesets.differences import Difference, grouped
from dxportal.changesets.refusals import DoubledNameError, RefusedByCatalogueError
from dxportal.revisions.names.folded import new_doubles
from projects.models import Appearance, NamedPart, ProjectPart


@dataclass(frozen=True)
class Changed:
    """The rows that have changed, by table; each rule is asked of these, of which a catalogue may have a million."""

    by_model: Mapping[type[models.Model], list[Difference]]

    def rows(self, model: type[models.Model], *fields: str) -> list[UUID]:
        """The rows that are there now, of updated ones those of which one of the fields has another value."""
        return [
            one.row
            for one in self.by_model.get(model, ())
            if one.after is not None and (one.before is None or not fields or one.after.keys() & set(fields))
        ]

    def values(self, model: type[models.Model], field: str) -> list[str]:
        """The values that a field had in rows that have gone or have another one now."""
        return [one.before[field] for one in self.by_model.get(model, ()) if one.before and field in one.before]


def lines_of_foreign_parts(changed: Changed) -> QuerySet[Any]:
    lines, parts = changed.rows(BudgetLine, "project_id", "part_id"), changed.rows(ProjectPart, "project_id")
    found = BudgetLine.objects.filter(Q(pk__in=lines) | Q(part__in=parts), part__isnull=False)
    return found.exclude(part__project=F("project"))


def foreign_parts_named(changed: Changed) -> QuerySet[Any]:
    named, parts = changed.rows(NamedPart, "part_id", "appearance_id"), changed.rows(ProjectPart, "project_id")
    appearances = changed.rows(Appearance, "project_id")
    found = NamedPart.objects.filter(Q(pk__in=named) | Q(part__in=parts) | Q(appearance__in=appearances))
    return found.exclude(part__project=F("appearance__project"))


def combined_beside_separate(changed: Changed) -> QuerySet[Any]:
    """Projects of which a year and kind has combined and separate stages."""
    lines = changed.rows(BudgetLine, "project_id", "fiscal_year", "kind", "stage_id")
    stages = changed.rows(Stage, "is_combined")
    touched = BudgetLine.objects.filter(Q(pk__in=lines) | Q(stage__in=stages)).order_by().values("project")
    of_one = BudgetLine.objects.filter(project__in=touched).order_by().values("project__name", "fiscal_year", "kind")
    found = of_one.annotate(
        stages=Count("stage", distinct=True), combined=Count("stage", distinct=True, filter=Q(stage__is_combined=True))
    )
    return found.filter(stages__gt=1, combined__gt=0)


def terms_of_one_word(changed: Changed) -> QuerySet[Any]:
    """A plan folder could not hold them: a word that means the same as no other says nothing."""
    terms = [*changed.rows(Term), *changed.values(TermWord, "term_id")]
    found = Term.objects.filter(Q(pk__in=terms) | Q(words__in=changed.rows(TermWord))).values("pk")
    own = Count("words", filter=Q(words__is_reading=False))
    words = Term.objects.filter(pk__in=found).annotate(words_in_all=Count("words"), own=own)
    return words.filter(Q(words_in_all__lt=2) | Q(own=0))


RULES: tuple[tuple[Callable[[Changed], QuerySet[Any]], Callable[[Any], str]], ...] = (
    (
        lines_of_foreign_parts,
        lambda line: gettext("予算額「%(line)s」の内訳が、ほかの事業のものです。") % {"line": line},
    ),
    (
        foreign_parts_named,
        lambda named: gettext("掲載「%(named)s」の内訳が、ほかの事業のものです。") % {"named": named.appearance},
    ),
    (
        combined_beside_separate,
        lambda row: (
            gettext("「%(project)s」の%(year)s年度に、合わせた区分と個別の区分が並んでいます。どちらかにしてください。")
            % {"project": row["project__name"], "year": row["fiscal_year"]}
        ),
    ),
    (
        terms_of_one_word,
        lambda term: (
            gettext(
                "同じ意味のことば「%(term)s」には、よみでないことばが一つと、合わせて二つのことばが要ります。"
                "足すか、全体を消してください。"
            )
            % {"term": term}
        ),
    ),
)


def check_rules(wanted: Iterable[Difference]) -> None:
    """Raise RefusedByCatalogueError for the first rule that these changed rows break; at most a query for each rule."""
    changed = Changed(grouped(wanted))
    for broken_rows, sentence in RULES:
        broken: Any = next(iter(broken_rows(changed)[:1]), None)
        if broken is not None:
            raise RefusedByCatalogueError(sentence(broken))
    rows = [(one.model, one.row) for own in changed.by_model.values() for one in own]
    double = next(new_doubles(rows), None)
    if double is not None:
        raise DoubledNameError(str(double))
