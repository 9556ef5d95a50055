"""Sheets as department leads send them: taken from the catalogue, filled in, and sent back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from django.contrib.auth.models import User
from openpyxl import load_workbook

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.sheets.budget_sheet import BudgetSheet
from dxportal.sheets.models import Upload
from dxportal.sheets.uploading import Sender, receive_upload
from dxportal.staff.permissions import StaffPermissions, check_may_propose

KYOIKU = "kyoiku"
# Rows of the sheet of kyoiku: two lines, and a project that states no amount.
EQUIPMENT = "industrial-education-equipment/2021/initial-with-february/expenditure"
MUSEUM = "museum-exhibition/2021/initial-with-february/expenditure"
SILENT = "education-computers"
AMOUNT, LIMIT = "予算額（千円）", "融資枠（千円）"
NOTE, STAGE, KIND, PART, KEY = "編集注", "予算区分", "種別", "内訳", "行キー"
YEAR, CODE, NAME = "年度", "事業コード", "事業名"

Fill = Callable[[Any], object]


def department(code: str = KYOIKU) -> Department:
    return Department.objects.get(code=code)


def sheet_bytes(code: str | None = KYOIKU, year: int = 2021) -> bytes:
    """Return the sheet as the portal sends it."""
    file = BytesIO()
    BudgetSheet(year, department(code) if code else None).write_excel(file)
    return file.getvalue()


def load_sheet(code: str | None = KYOIKU, year: int = 2021) -> Any:
    """Return the sheet as an open workbook."""
    return load_workbook(BytesIO(sheet_bytes(code, year)))


def save_workbook(book: Any) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def find_cell(sheet: Any, row: str, header: str) -> Any:
    """Return the cell under a header in the row with this key, or of this project."""
    headers = headers_of(sheet)
    key, code, column = (headers.index(name) for name in (KEY, CODE, header))
    for cells in sheet.iter_rows(min_row=2):
        if row == (cells[key].value or cells[code].value):
            return cells[column]
    raise AssertionError(row)


def headers_of(sheet: Any) -> list[Any]:
    return [cell.value for cell in sheet[1]]


def append_row(sheet: Any, values: Mapping[str, Any]) -> None:
    """Append a row below all others, with values by header."""
    sheet.append([values.get(header) for header in headers_of(sheet)])


def prepared_rows(sheet: Any) -> list[int]:
    """Return the numbers of the rows below the table in which a line can be added."""
    code = headers_of(sheet).index(CODE)
    return [cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[code].value is None]


def type_into_row(sheet: Any, row: int, values: Mapping[str, Any]) -> None:
    headers = headers_of(sheet)
    for header, value in values.items():
        sheet.cell(row, headers.index(header) + 1).value = value


def fill_sheet(values: Mapping[tuple[str, str], Any], code: str | None = KYOIKU, year: int = 2021) -> bytes:
    """Return the sheet with values typed into cells, by row and header."""
    book = load_sheet(code, year)
    for (row, header), value in values.items():
        find_cell(book.worksheets[0], row, header).value = value
    return save_workbook(book)


def find_line(key: str) -> BudgetLine:
    """Return the published budget line that a key names."""
    project, year, stage, kind = key.split("/")
    return BudgetLine.objects.get(project__code=project, fiscal_year=year, stage__code=stage, kind=kind)


def set_note(key: str, note: str) -> int:
    return BudgetLine.objects.filter(pk=find_line(key).pk).update(editorial_note=note)


def sheet_csv(code: str | None = KYOIKU, encoding: str = "utf-8", year: int = 2021) -> bytes:
    file = BytesIO()
    BudgetSheet(year, department(code) if code else None).write_csv(file, encoding)
    return file.getvalue()


def sender_of(user: User) -> Sender:
    staff = StaffPermissions.of(user)
    departments = None if staff.is_bureau else list(Department.objects.filter(pk__in=staff.editable_departments))
    return Sender(user, departments, lambda changes: check_may_propose(user, changes))


def send_sheet(user: User, data: bytes, name: str = "シート.xlsx") -> Upload:
    return receive_upload(sender_of(user), name, data)


def problems_of(upload: Upload) -> list[tuple[str, str, str]]:
    """Return the problems of an upload: cell, value, and what is expected instead."""
    return [(problem["place"], problem["value"], problem["expected"]) for problem in upload.problems]


def changed_fields(upload: Upload) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return the fields, before and after, of each row that the upload's change set changes, by natural key."""
    assert upload.change_set is not None, (upload.result, upload.reason, problems_of(upload))
    return {change.key: change.fields for change in upload.change_set.changes.all()}
