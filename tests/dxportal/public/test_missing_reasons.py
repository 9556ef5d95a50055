"""The comparison tells where a department has given no reason for a change beyond the plan's threshold."""

from __future__ import annotations

import pytest
from django.test import Client

from budgets.models import BudgetLine, ChangeReason
from catalog.models import Plan
from tests.derived_tables import refresh_rows
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

MISSING = "理由は示されていません"


@use_plans(minamihoshi)
@pytest.mark.parametrize(
    ("amount", "threshold", "is_told"),
    [(1440, 20, True), (1439, 20, False), (960, 20, True), (961, 20, False), (1439, 19, True), (9_999, None, False)],
)
def test_a_missing_reason_is_told_from_the_threshold_on(
    client: Client, amount: int, threshold: int | None, is_told: bool
) -> None:
    Plan.objects.update(reason_threshold_percent=threshold)
    BudgetLine.objects.filter(fiscal_year=2024, part__code="payment").delete()
    BudgetLine.objects.filter(fiscal_year=2024, part__code="forms").update(amount_thousand_yen=amount)
    refresh_rows()
    page = client.get("/budgets/compare/?year=2024").content.decode()
    assert (MISSING in page) is is_told
    assert MISSING not in client.get("/budgets/compare.json?year=2024").getvalue().decode()
    project = BudgetLine.objects.filter(part__code="forms")[0].project
    ChangeReason.objects.create(project=project, base_year=2023, fiscal_year=2024, text="対象を広げたため。")
    page = client.get("/budgets/compare/?year=2024").content.decode()
    assert MISSING not in page
    assert "対象を広げたため。" in page
