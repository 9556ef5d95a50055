"""The admin exports the same cells as the public page, through django-import-export."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from catalog.models import Department
from dxportal.exports.table_resources import make_resource
from dxportal.staff.models import Duty, Role
from dxportal.tables.registry import TABLES
from tests.dxportal.exports.reading_files import csv_cells, excel_cells, fetched

pytestmark = pytest.mark.django_db

LIST = "/admin/budgets/budgetline/"


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_user("staff")
    client.force_login(user)
    return user


def exported(client: Client, number: int, query: str = "") -> bytes:
    response = client.post(f"{LIST}export/{query}", {"format": str(number), "resource": "0"})
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"], response.content.decode()[:2000]
    return response.getvalue()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_resource_has_the_columns_of_its_table(table: object) -> None:
    fields = make_resource(table)().get_export_headers()
    assert fields == [str(column.label) for column in table.in_files]


def test_the_admin_gives_the_cells_of_the_public_table(client: Client, staff: User) -> None:
    Duty.objects.create(user=staff, role=Role.BUREAU)
    public = csv_cells(fetched(client, "/budgets.csv?year=2021"))
    lines = [public[0], *(row for row in public[1:] if row[public[0].index("額の状態")] != "記載なし")]
    assert len(lines) == 33
    assert csv_cells(exported(client, 1)) == lines
    excel = excel_cells(exported(client, 0))
    assert [["" if value is None else str(value) for value in row] for row in excel] == lines


def test_the_admin_exports_what_its_list_shows(client: Client, staff: User) -> None:
    Duty.objects.create(user=staff, role=Role.BUREAU)
    rows = csv_cells(exported(client, 1, "?kind__exact=lending_limit"))
    assert [row[rows[0].index("融資枠（千円）")] for row in rows[1:]] == ["500000"]


def test_a_department_editor_exports_the_lines_of_the_department(client: Client, staff: User) -> None:
    kyoiku = Department.objects.get(code="kyoiku")
    Duty.objects.create(user=staff, role=Role.EDITOR, department=kyoiku)
    rows = csv_cells(exported(client, 1))
    assert len(rows) == 4
    assert {row[5] for row in rows[1:]} == {"教育庁"}


def test_who_has_no_duty_exports_none(client: Client, staff: User) -> None:
    staff.user_permissions.add(Permission.objects.get(codename="view_budgetline"))  # duties count, nothing else
    for response in (client.get(f"{LIST}export/"), client.post(f"{LIST}export/", {"format": "0", "resource": "0"})):
        assert (response.status_code, response.headers.get("Location", "/admin/login/")[:13]) in (
            (302, "/admin/login/"),
            (403, "/admin/login/"),
        )
