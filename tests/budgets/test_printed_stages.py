"""Stages of printed amounts: one of a document, and what the migration reads from the budget lines that cite it."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from budgets.models import BudgetLine, PrintedStage, Stage
from catalog.models import Plan, SourceDocument
from dxportal.planfiles.primary_keys import derive_primary_key
from projects.models import Appearance

pytestmark = pytest.mark.django_db


def document(number: int) -> SourceDocument:
    return SourceDocument.objects.get(number=number)


def stage(code: str) -> Stage:
    return Stage.objects.get(code=code)


def migrate() -> dict[int, str]:
    """Run the data step of the migration on a catalogue without such rows; return the stages by document number."""
    PrintedStage.objects.all().delete()
    step: Any = import_module("budgets.migrations.0011_printed_stages").say_what_is_printed
    step(apps, SimpleNamespace(connection=connection))
    return dict(PrintedStage.objects.values_list("document__number", "stage__code"))


def test_a_document_prints_the_amounts_of_one_stage() -> None:
    again = PrintedStage(document=document(4), stage=stage("june"))
    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    sentence = "この資料に記載の額の予算区分は、もう入っています。別の区分なら、その行を直してください。"
    assert refused.value.message_dict == {"document": [sentence]}
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_a_stage_may_be_that_of_several_documents() -> None:
    row = PrintedStage(document=document(2), stage=stage("initial-with-february"))
    row.full_clean()
    row.save(force_insert=True)
    assert list(stage("initial-with-february").printed_in.all()) == [
        document(2).printed_stage,
        document(4).printed_stage,
    ]


def test_neither_the_document_nor_the_stage_can_be_deleted() -> None:
    PrintedStage.objects.create(document=document(2), stage=stage("june"))
    with pytest.raises(ProtectedError):
        stage("june").delete()
    empty = SourceDocument.objects.create(
        plan=Plan.objects.get(), number=9, label="資料９", title="別冊", page_from=1, page_to=1
    )
    PrintedStage.objects.create(document=empty, stage=stage("june"))
    with pytest.raises(ProtectedError):
        empty.delete()


def test_a_row_is_found_by_its_natural_key() -> None:
    row = PrintedStage.objects.get()
    assert row.natural_key() == ("initial-with-february", "4")
    assert PrintedStage.objects.get_by_natural_key(*row.natural_key()) == row
    assert str(row) == "資料４：当初（前年度２月補正を含む）"


def test_the_migration_makes_the_row_that_the_plan_folder_makes() -> None:
    before = list(PrintedStage.objects.values())
    assert migrate() == {4: "initial-with-february"}
    assert list(PrintedStage.objects.values()) == before
    assert PrintedStage.objects.get().pk == derive_primary_key(PrintedStage, "initial-with-february", "4")


def test_the_migration_leaves_out_a_document_whose_lines_are_of_two_stages() -> None:
    line = BudgetLine.objects.get(project__code="workation")
    BudgetLine.objects.filter(pk=line.pk).update(stage=stage("june"))
    assert migrate() == {}


def test_the_migration_looks_at_lines_of_printed_projects_and_years_that_cite_the_document() -> None:
    line = BudgetLine.objects.get(project__code="workation")
    lines = BudgetLine.objects.filter(pk=line.pk)
    lines.update(stage=stage("june"), fiscal_year=2022)
    assert migrate() == {4: "initial-with-february"}
    lines.update(fiscal_year=2021, document=document(2), page=5)
    assert migrate() == {4: "initial-with-february"}
    lines.update(document=document(4), page=18)
    Appearance.objects.filter(project__code="workation").update(printed_amount_thousand_yen=None, printed_kind="")
    assert migrate() == {4: "initial-with-february"}


def test_the_migration_leaves_out_a_document_that_prints_no_amount_or_that_no_line_cites() -> None:
    Appearance.objects.filter(project__code="workation").update(document=document(2), page=5)
    assert migrate() == {4: "initial-with-february"}  # 資料２ prints an amount now
    BudgetLine.objects.filter(project__code="workation").update(document=document(2), page=5, stage=stage("june"))
    assert migrate() == {2: "june", 4: "initial-with-february"}
    Appearance.objects.update(printed_amount_thousand_yen=None, printed_kind="")
    assert migrate() == {}


def test_the_migration_passes_over_a_plan_that_is_not_current() -> None:
    Plan.objects.update(is_current=False)
    assert migrate() == {}
