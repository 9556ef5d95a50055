"""Derived tables after each publication equal tables that are derived anew."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from budgets import materialized_rows
from budgets.models import BudgetChange, BudgetLine, BudgetRow
from dxportal.changesets.workflow import undo
from dxportal.revisions.names import folded_names
from tests import derived_tables
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.dxportal.changesets.edits import Edit, edits
from tests.examples import examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("minamihoshi")]


@examples(40)
@given(first=edits, second=edits)
def test_after_any_edits_published_and_undone_everything_is_as_if_made_anew(
    first: list[Edit], second: list[Edit]
) -> None:
    with transaction.atomic():
        sets = []
        for done in (first, second):
            if make_open_set(*done).changes.exists():
                sets.append(publish_edits(*done))
                assert_fresh()
        for one in reversed(sets):
            undo(one, create_author())
            assert_fresh()
        transaction.set_rollback(True)


def assert_fresh() -> None:
    assert materialized_rows.has_fresh_budgets()
    assert folded_names.are_folded_names_fresh()


def test_an_amount_touches_the_rows_of_its_project_and_year_and_no_others() -> None:
    line = BudgetLine.objects.get(project__code="online", fiscal_year=2023, stage__code="initial")
    before = stored()
    with CaptureQueriesContext(connection) as asked:
        materialized_rows.refresh_budgets([derived_tables.update_row(line, amount_thousand_yen=77)])
    written = stored() - before
    assert {(type(row), row.project_id) for row in written} == {
        (BudgetRow, line.project_id),
        (BudgetChange, line.project_id),
    }
    assert len(asked) <= 25


def stored() -> set[BudgetRow | BudgetChange]:
    """The rows of tables as they are written; one that is written again is another one."""
    return {*BudgetRow.objects.all(), *BudgetChange.objects.all()}
