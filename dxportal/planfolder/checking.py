"""Checking a catalogue: counts, totals, and what is inconsistent in it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q, QuerySet

from budgets.models import BudgetLine
from budgets.sakigake import sakigake_money
from budgets.totals import Total, not_stated
from catalog.models import Area, Department, Printed
from dxportal.planfolder.rows import CATALOGUE
from projects.models import Appearance, NamedPart


def counts() -> Iterator[tuple[str, int]]:
    """How many rows each table has."""
    for model in CATALOGUE:
        yield str(model._meta.verbose_name), model._default_manager.count()


def totals_by_area(fiscal_year: int) -> Iterator[tuple[str, Total]]:
    for area in Area.objects.current():
        listings = Appearance.objects.filter(countermeasure__goal__domain__area=area).for_year(fiscal_year)
        yield str(area), total_of(listings, fiscal_year)


def totals_by_department(fiscal_year: int) -> Iterator[tuple[str, Total]]:
    for department in Department.objects.all():
        lines = BudgetLine.objects.for_year(fiscal_year).of_department(department)
        appearances = Appearance.objects.filter(department=department)
        yield department.name, Total.of(lines, not_stated(appearances, fiscal_year))


def total_of(appearances: QuerySet[Appearance], fiscal_year: int) -> Total:
    lines = BudgetLine.objects.for_year(fiscal_year).pointed_at_by(appearances)
    return Total.of(lines, not_stated(appearances, fiscal_year))


def sakigake_lines(fiscal_year: int) -> Iterator[str]:
    money, everything = sakigake_money(fiscal_year)
    for name, own in [*((str(project), own) for project, own in money.items()), ("合計", everything)]:
        yield (
            f"{name}  印刷 {own.printed_expenditure_thousand_yen:,}千円  "
            f"重複を除く {own.distinct_expenditure_thousand_yen:,}千円  "
            f"うち前の番号で計上 {own.counted_earlier_thousand_yen:,}千円  "
            f"融資枠 {own.lending_limit_thousand_yen:,}千円  "
            f"{own.rows}行（再掲{own.repeat_rows}・額の記載なし{own.not_stated_rows}）"
        )


def inconsistencies() -> Iterator[str]:
    """What no single row's constraint can hold, in sentences."""
    for line in BudgetLine.objects.with_names().filter(part__isnull=False).exclude(part__project=F("project")):
        yield f"予算額「{line}」の内訳は、別の事業のものです。"
    for named in NamedPart.objects.select_related("appearance", "part").exclude(part__project=F("appearance__project")):
        yield f"掲載「{named.appearance}」の内訳「{named}」は、別の事業のものです。"
    yield from double_counts()
    for model in CATALOGUE:
        if issubclass(model, Printed):
            for row in model._default_manager.filter(
                ~Q(document__plan=F("plan")) | Q(page__lt=F("document__page_from")) | Q(page__gt=F("document__page_to"))
            ):
                yield f"{model._meta.verbose_name}「{row}」のページが、資料の範囲にありません。"


def double_counts() -> Iterator[str]:
    """Amounts that would be counted twice: a combined stage beside separate ones, a whole beside its parts."""
    combined = Q(stage__is_combined=True)
    mixed = (
        BudgetLine.objects.order_by()
        .values_list("project__name", "fiscal_year", "kind")
        .annotate(combined=Count("pk", filter=combined), separate=Count("pk", filter=~combined))
        .filter(combined__gt=0, separate__gt=0)
    )
    for name, year, *_ in mixed:
        yield f"「{name}」{year}年度に、まとめた区分と個別の区分があります。"
    whole = Q(part__isnull=True)
    doubled = (
        BudgetLine.objects.order_by()
        .values_list("project__name", "fiscal_year", "kind", "stage__name")
        .annotate(wholes=Count("pk", filter=whole), parts=Count("pk", filter=~whole))
        .filter(wholes__gt=0, parts__gt=0)
    )
    for name, year, *_ in doubled:
        yield f"「{name}」{year}年度に、全体と内訳の両方の予算額があります。"
