"""What must hold between rows and what no constraint of a single table can say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext

from budgets.models import BudgetLine
from catalog.models import Term
from dxportal.revisions.names.folded import new_doubles
from dxportal.revisions.publish import Reference
from projects.models import NamedPart


class RefusedByCatalogueError(Exception):
    """The catalogue's own rules forbid what an edit would make of it, as a sentence."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            reason or gettext("同じ値が二つある、参照先がないなど、カタログの決まりに反します。値を確かめてください。")
        )


class DoubledNameError(RefusedByCatalogueError):
    """Two rows would have names that are one to whoever writes them; both are named."""


def lines_of_foreign_parts() -> Iterable[Any]:
    return BudgetLine.objects.filter(part__isnull=False).exclude(part__project=F("project"))


def foreign_parts_named() -> Iterable[Any]:
    return NamedPart.objects.exclude(part__project=F("appearance__project"))


def combined_beside_separate() -> Iterable[Any]:
    """Projects of which a year and kind has combined and separate stages."""
    of_one = BudgetLine.objects.order_by().values("project__name", "fiscal_year", "kind")
    stages = of_one.annotate(
        stages=Count("stage", distinct=True), combined=Count("stage", distinct=True, filter=Q(stage__is_combined=True))
    )
    return stages.filter(stages__gt=1, combined__gt=0)


def terms_of_one_word() -> Iterable[Any]:
    """A plan folder could not hold them: a word that means the same as no other says nothing."""
    words = Count("words", filter=Q(words__is_reading=False))
    return Term.objects.annotate(words_in_all=Count("words"), own=words).filter(Q(words_in_all__lt=2) | Q(own=0))


RULES: tuple[tuple[Callable[[], Iterable[Any]], Callable[[Any], str]], ...] = (
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


def check_rules(rows: Collection[Reference]) -> None:
    """Raise RefusedByCatalogueError for the first rule that these changed rows break; one query for each rule."""
    for broken_rows, sentence in RULES:
        broken: Any = next(iter(broken_rows()[:1]), None)  # type: ignore[index]  # querysets
        if broken is not None:
            raise RefusedByCatalogueError(sentence(broken))
    double = next(new_doubles(rows), None)
    if double is not None:
        raise DoubledNameError(str(double))
