from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dxportal.changesets.models import ChangeSet
from dxportal.planfiles.loading import load_folder
from dxportal.tracked_tables import CATALOGUE
from tests.budgets.making import change_reason
from tests.dxportal.staff.staff_actions import edit, parse_form
from tests.folders.generated_plan import generate_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.fixture(autouse=True)
def with_a_reason(db: None) -> None:
    """The one table of which the shipped plan has no row."""
    change_reason("workation")


def address(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def fullest(model: Any) -> Any:
    """The row that most rows refer to, for these stand inside its page."""
    names = [relation.get_accessor_name() for relation in model._meta.related_objects if relation.one_to_many]
    return max(model._default_manager.all(), key=lambda row: sum(getattr(row, name).count() for name in names))


def test_every_table_of_the_catalogue_is_in_the_admin() -> None:
    assert set(CATALOGUE) <= set(admin.site._registry)


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.__name__)
def test_a_table_is_listed_searched_and_edited(staff: Client, model: type) -> None:
    assert staff.get(address(model, "changelist")).status_code == 200
    found = staff.get(address(model, "changelist"), {"q": "やまぐち"})
    assert found.status_code == 200
    assert staff.get(address(model, "add")).status_code == 200
    row = model._default_manager.first()
    response = staff.get(address(model, "change", row.pk))
    assert response.status_code == 200
    assert response.content.count(b"<option") < 60  # foreign keys are searched for, not listed


def test_search_finds_a_project_by_name_reading_and_code(staff: Client) -> None:
    from projects.models import Project

    for words in ("ワーケーション推進", "わーけーしょん", "workation"):
        assert "ワーケーション推進事業" in staff.get(address(Project, "changelist"), {"q": words}).content.decode()


@pytest.mark.slow
def test_lists_do_not_ask_more_for_more_rows(staff: Client) -> None:
    def counts(size: int) -> dict[str, int]:
        load_folder(generate_folder(size), replace=True)
        found = {}
        for model in CATALOGUE:
            with CaptureQueriesContext(connection) as queries:
                staff.get(address(model, "changelist"))
            found[model.__name__] = len(queries)
        return found

    assert counts(2) == counts(3)


@pytest.mark.slow
def test_pages_of_a_row_do_not_ask_more_for_more_rows_inside(staff: Client) -> None:
    def counts(size: int) -> dict[str, int]:
        load_folder(generate_folder(size, years=[2022, 2023]), replace=True)
        ContentType.objects.clear_cache()  # asked for once in a process
        found = {}
        for model in CATALOGUE:
            row = fullest(model)
            with CaptureQueriesContext(connection) as queries:
                assert staff.get(address(model, "change", row.pk)).status_code == 200
            found[model.__name__] = len(queries)
        return found

    assert counts(2) == counts(3)


def test_a_project_is_edited_with_its_parts_and_lines(staff: Client) -> None:
    from projects.models import Project

    html = staff.get(address(Project, "change", Project.objects.get(code="workation").pk)).content.decode()
    for prefix in ("parts", "budget_lines", "change_reasons", "appearances"):
        assert f'name="{prefix}-TOTAL_FORMS"' in html
    assert parse_form(html)["budget_lines-0-amount_thousand_yen"] == "85,000"


def test_a_filter_that_cannot_be_leads_back_to_the_list(staff: Client) -> None:
    response = staff.get("/admin/budgets/budgetline/export/", {"fiscal_year": "abc"}, follow=True)
    assert (response.status_code, response.request["PATH_INFO"]) == (200, "/admin/budgets/budgetline/")


def test_a_file_of_what_is_only_proposed_says_so_in_its_name(staff: Client) -> None:
    from budgets.models import BudgetLine

    def name() -> str:
        response = staff.post("/admin/budgets/budgetline/export/?q=workation", {"format": "1", "resource": ""})
        return str(response.headers["Content-Disposition"])

    assert "budgets-20" in name()
    line = BudgetLine.objects.get(project__code="workation")
    edit(staff, line, amount_thousand_yen=1)
    assert f"budgets-proposal-{ChangeSet.objects.get().pk}-20" in name()


@pytest.mark.slow
def test_a_project_with_the_lines_of_many_years_is_saved(staff: Client) -> None:
    from budgets.models import BudgetLine

    line = BudgetLine.objects.get(project__code="workation")
    BudgetLine.objects.bulk_create(
        BudgetLine(
            project=line.project, fiscal_year=year, stage=line.stage, amount_thousand_yen=1, department=line.department
        )
        for year in range(1900, 2000)
    )
    assert edit(staff, line.project, editorial_note="注").status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "注")}
