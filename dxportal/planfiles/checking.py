"""Checks of a catalogue: row counts, totals, printed amounts that differ from counted ones, and inconsistencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import models
from django.db.models import F, Q

from budgets import materialized_rows
from budgets.models import BudgetLine, Measure
from budgets.reconciliation import Reconciliation
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Area, Department, PillarItem, Plan, Printed, PromotionLink
from dxportal.planfiles.dumping import dump_catalogue
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.mapping import build_rows
from dxportal.planfiles.raw_files import FolderError
from dxportal.revisions.names.folded_names import are_folded_names_fresh
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, NamedPart


def count_rows() -> Iterator[tuple[str, int]]:
    """Yield the name and row count of each table."""
    for model in CATALOGUE:
        yield str(model._meta.verbose_name), model._default_manager.count()


def sum_by_area(fiscal_year: int, measure: Measure) -> Iterator[tuple[str, Total]]:
    for area in Area.objects.current():
        listings = Appearance.objects.filter(countermeasure__goal__domain__area=area)
        yield str(area), Total.of(BudgetRows.of(fiscal_year, measure).within(listings))


def sum_by_department(fiscal_year: int, measure: Measure) -> Iterator[tuple[str, Total]]:
    for department in Department.objects.all():
        yield department.name, Total.of(BudgetRows.of(fiscal_year, measure).filter(department=department))


def find_differing_amounts(fiscal_year: int, measure: Measure) -> Iterator[str]:
    """Describe the appearances whose printed amount differs from the sum of the budget lines that they refer to."""
    for comparison in Reconciliation.of(fiscal_year, measure).differing:
        counted = "なし" if comparison.counted is None else f"{comparison.counted:,}千円"
        yield f"{comparison.appearance}  印刷 {comparison.printed:,}千円  計上 {counted}"


def find_inconsistencies() -> Iterator[str]:
    """Describe faults that no constraint on a single row can prevent: the dump could not be loaded, or would differ."""
    yield from find_unloadable()
    yield from find_inexpressible()
    if not (materialized_rows.has_fresh_budgets() and are_folded_names_fresh()):
        yield "予算額・事業・名の表のどれかが、公開されている内容と合いません。rebuild_tables で作り直してください。"
    for line in BudgetLine.objects.with_names().filter(part__isnull=False).exclude(part__project=F("project")):
        yield f"予算額「{line}」の内訳は、別の事業のものです。"
    named = NamedPart.objects.select_related("appearance", "part")
    for part in named.exclude(part__project=F("appearance__project")):
        yield f"掲載「{part.appearance}」の内訳「{part}」は、別の事業のものです。"


def find_unloadable() -> Iterator[str]:
    """Dump the catalogue, check the dump by the rules of plan folders, and report rows missing from it."""
    with TemporaryDirectory() as folder:
        dump_catalogue(Path(folder))
        try:
            dumped = Counter(type(row) for row in build_rows(read_folder(Path(folder))))
        except FolderError as error:
            yield from map(str, error.problems)
            return
    for model in CATALOGUE:
        rows = model._default_manager.count()
        if rows != dumped[model]:
            name, kept = model._meta.verbose_name, dumped[model]
            yield f"{name}{rows}行のうち{kept}行しか書き出せません。上の行のつながりが輪になっています。"


def find_inexpressible() -> Iterator[str]:
    """Report rows that the format of a plan folder cannot express.

    These are plans that are not current, rows of another plan than their document or parent, items under another
    pillar than their parent, and printed department names that do not denote the appearance's department.
    """
    for plan in Plan.objects.filter(is_current=False):
        yield f"計画「{plan}」は公開中ではなく、書き出されません。"
    for model in CATALOGUE:
        if not issubclass(model, Printed):
            continue
        rows = model._default_manager.select_related("document")
        parents = [
            field.name
            for field in model._meta.fields
            if isinstance(field, models.ForeignKey)
            and issubclass(field.related_model, Printed)
            and model is not PromotionLink  # its foreign keys are the ends of an arrow, not parents
        ]
        for name in parents:
            for row in rows.exclude(plan=F(f"{name}__plan")).filter(**{f"{name}__isnull": False}):
                yield f"{model._meta.verbose_name}「{row}」の計画が、その上の行の計画と違います。"
        for row in rows.exclude(document__plan=F("plan")):
            yield f"{model._meta.verbose_name}「{row}」の資料は、別の計画のものです。"
    for item in PillarItem.objects.filter(parent__isnull=False).exclude(pillar=F("parent__pillar")):
        yield f"具体的な取組事項「{item}」の柱が、その上の項目の柱と違います。"
    named_so = Q(printed_department=F("department__name")) | Q(printed_department=F("department__aliases__label"))
    for appearance in Appearance.objects.exclude(pk__in=Appearance.objects.filter(named_so).values("pk")):
        label = appearance.printed_department
        yield f"掲載「{appearance}」の部局名「{label}」は、その所管部局の名でも別名でもありません。"
