"""Many rows, from the upload to the page that shows what they would change."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.staff.models import Role
from projects.models import Project
from tests.dxportal.sheets.sheet_uploads import AMOUNT, load_sheet, save_workbook
from tests.dxportal.staff.staff_actions import create_user, sign_in_as
from tests.timing import time_ratio, user_cpu_seconds

# Times as long as openpyxl takes to read the workbook alone. On the two cores where it was written that is 0.42 s while
# they are idle, so this is well within five seconds there; a machine that is busy is slower at both.
MOST = 10
READINGS = 8


def state(rows: int) -> None:
    """Let a department have this many lines more."""
    department, stage = Department.objects.get(code="kyoiku"), Stage.objects.get(code="initial")
    projects = [
        Project(code=f"many-{number}", name=f"事業その{number}", kana=f"じぎょう{number:04}", department=department)
        for number in range(rows)
    ]
    Project.objects.bulk_create(projects)
    BudgetLine.objects.bulk_create(
        BudgetLine(
            project=one, fiscal_year=2021, stage=stage, amount_thousand_yen=1, department=department, kind="expenditure"
        )
        for one in projects
    )


class Sending:
    """An editor sends a sheet in which every amount is one more."""

    def __init__(self) -> None:
        book = load_sheet()
        sheet = book.worksheets[0]
        column = [cell.value for cell in sheet[1]].index(AMOUNT) + 1
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, column).value is not None:
                sheet.cell(row, column).value += 1
        self.client = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
        self.data = save_workbook(book)

    def send(self) -> str:
        file = SimpleUploadedFile("多くの行.xlsx", self.data)
        return self.client.post("/admin/sheets/", {"sheet": file}, follow=True).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_queries_are_of_batches_and_not_of_rows(rows: int) -> None:
    state(rows)
    sending = Sending()
    sending.send()  # the first one also reads what a process remembers
    with CaptureQueriesContext(connection) as queries:
        html = sending.send()
    assert f"変更{rows + 3}件をまとめました" in html
    assert "1〜200件目" in html
    assert len(queries) < 150


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.alone
def test_two_thousand_rows_are_previewed_within_five_seconds(serving: None) -> None:
    state(2000)
    sending = Sending()
    sending.send()
    # Read as often as takes about as long as it is sent, so that both meet the same moments of the machine.
    as_long = time_ratio(
        sending.send, lambda: [read_alone(sending.data) for _ in range(READINGS)], measure=user_cpu_seconds
    )
    assert as_long < MOST / READINGS


def read_alone(data: bytes) -> int:
    """The workbook read by openpyxl and nothing done with it: what any program in Python takes at least."""
    book = load_workbook(BytesIO(data), read_only=True)
    return sum(1 for sheet in book for _ in sheet.iter_rows(values_only=True))
