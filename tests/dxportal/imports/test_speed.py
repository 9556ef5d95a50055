"""Two thousand rows, from the upload to the page that shows what they would change."""

from __future__ import annotations

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.desk.models import Role
from projects.models import Project
from tests.dxportal.desk.working import person, signed_in
from tests.dxportal.imports.sending import AMOUNT, saved, workbook
from tests.machine import slowness

ROWS = 2000
SECONDS = 5.0


@pytest.fixture
def many(db: None) -> None:
    department, stage = Department.objects.get(code="kyoiku"), Stage.objects.get()
    projects = [
        Project(code=f"many-{number}", name=f"事業その{number}", kana=f"じぎょう{number:04}", department=department)
        for number in range(ROWS)
    ]
    Project.objects.bulk_create(projects)
    BudgetLine.objects.bulk_create(
        BudgetLine(
            project=one, fiscal_year=2021, stage=stage, amount_thousand_yen=1, department=department, kind="expenditure"
        )
        for one in projects
    )


def test_two_thousand_rows_are_previewed_within_five_seconds(many: None) -> None:
    book = workbook()
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index(AMOUNT) + 1
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, column).value is not None:
            sheet.cell(row, column).value += 1
    client = signed_in(person("editor", Role.EDITOR, "kyoiku"))
    data = saved(book)
    began = time.process_time()
    response = client.post("/admin/sheets/", {"sheet": SimpleUploadedFile("二千行.xlsx", data)}, follow=True)
    seconds = time.process_time() - began
    html = response.content.decode()
    assert f"変更{ROWS + 3}件をまとめました" in html
    assert "1〜200件目" in html
    assert seconds < SECONDS * slowness()
    # Once more, and not timed: counting queries takes as long again.
    with CaptureQueriesContext(connection) as queries:
        client.post("/admin/sheets/", {"sheet": SimpleUploadedFile("二千行.xlsx", data)}, follow=True)
    assert len(queries) < ROWS / 10  # batches, not rows
