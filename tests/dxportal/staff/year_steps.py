"""Steps of the scenario of two fiscal years at the desk: typed into forms or a sheet, proposed, published."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department
from dxportal.changesets.models import ChangeSet, State
from projects.models import Appearance, Project, ProjectPart
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    KIND,
    LIMIT,
    PART,
    STAGE,
    prepared_rows,
    save_workbook,
    type_into_row,
)
from tests.dxportal.staff.staff_actions import edit, parse_form, take_step
from tests.two_years import BORN, DEPARTMENT, LENDING_LIMIT, PART_NAMES, STAGES, Line, Reason, Step

KIND_NAMES = {"expenditure": "予算額", LENDING_LIMIT: "融資枠"}
LINE_FORM = "/admin/budgets/budgetline/add/"


def latest_set() -> ChangeSet:
    return ChangeSet.objects.order_by("-pk")[0]


def assert_saved(response: Any) -> None:
    assert response.status_code == 302, response.content.decode()


def line_fields(line: Line) -> dict[str, str]:
    """Return what somebody types and chooses in the form of a budget line."""
    part = ProjectPart.objects.get(project__code=line.project, code=line.part).pk if line.part else ""
    return {
        "project": str(Project.objects.get(code=line.project).pk),
        "part": str(part),
        "fiscal_year": str(line.year),
        "stage": str(Stage.objects.get(code=line.stage).pk),
        "kind": line.kind,
        "amount_thousand_yen": f"{line.amount:,}".replace("-", "△"),
        "department": str(Department.objects.get(code=line.department).pk),
    }


def add_row(client: Client, address: str, values: dict[str, str]) -> Any:
    form = parse_form(client.get(address).content.decode())
    return client.post(address, form | values | {"_save": "保存"})


def add_reason(client: Client, reason: Reason) -> Any:
    row = {"fiscal_year": str(reason.year), "base_year": str(reason.base_year), "text": reason.text}
    sent = {f"change_reasons-0-{name}": value for name, value in row.items()}
    project = Project.objects.get(code=reason.project)
    return edit(client, project, **sent, **{"change_reasons-TOTAL_FORMS": "1"})


def fill_forms(client: Client, step: Step) -> None:
    for line in step.adds:
        assert_saved(add_row(client, LINE_FORM, line_fields(line)))
    for reason in step.reasons:
        assert_saved(add_reason(client, reason))


def write_into_sheet(book: Any, step: Step) -> None:
    """Type the lines and reasons of a step into the rows below the table of a department's sheet."""
    sheet = book.worksheets[0]
    reasons = {reason.project: reason.text for reason in step.reasons}
    for number, line in zip(prepared_rows(sheet), step.adds, strict=False):
        values = {
            CODE: line.project,
            STAGE: STAGES[line.stage][0],
            KIND: KIND_NAMES[line.kind],
            LIMIT if line.kind == LENDING_LIMIT else AMOUNT: line.amount,
            "増減の理由": reasons.pop(line.project, None),
        }
        type_into_row(sheet, number, values | ({PART: PART_NAMES[line.part]} if line.part else {}))
    assert not reasons


def fill_sheet(client: Client, step: Step) -> None:
    """Take the department's sheet of the year, fill it in, and send it."""
    address = f"/admin/sheets/sheet.xlsx?year={step.year}&department={DEPARTMENT}"
    book = load_workbook(BytesIO(client.get(address).getvalue()))
    write_into_sheet(book, step)
    file = SimpleUploadedFile("シート.xlsx", save_workbook(book))
    response = client.post("/admin/sheets/", {"sheet": file}, follow=True)
    assert response.redirect_chain[-1][0] == latest_set().get_absolute_url(), response.content.decode()


def propose_and_publish(editor: Client, bureau: Client) -> ChangeSet:
    change_set = latest_set()
    take_step(editor, change_set, "propose")
    take_step(bureau, change_set, "publish")
    change_set.refresh_from_db()
    assert change_set.state == State.PUBLISHED
    return change_set


def start_year(bureau: Client, year: int) -> None:
    bureau.post("/admin/sheets/new-year/", {"base": year - 1, "year": year}, follow=True)
    propose_and_publish(bureau, bureau)


def add_born_project(bureau: Client, year: int) -> None:
    """Add the project that a supplement creates, and its place under a countermeasure."""
    department = Department.objects.get(code=DEPARTMENT)
    values = {"code": BORN.code, "name": BORN.name, "kana": BORN.kana, "department": str(department.pk)}
    assert_saved(add_row(bureau, "/admin/projects/project/add/", {"nature": "project"} | values))
    propose_and_publish(bureau, bureau)
    countermeasure = Countermeasure.objects.get(code=BORN.countermeasure)
    neighbour = Appearance.objects.filter(countermeasure=countermeasure)[0]
    listing = {
        "plan": str(neighbour.plan_id),
        "document": str(neighbour.document_id),
        "page": str(neighbour.page),
        "position": "99",
        "code": f"{BORN.countermeasure}-99",
        "project": str(Project.objects.get(code=BORN.code).pk),
        "countermeasure": str(countermeasure.pk),
        "fiscal_year": str(year),
        "printed_name": BORN.name,
        "department": str(department.pk),
        "printed_department": department.name,
        "editorial_note": "資料にはまだない。",
    }
    assert_saved(add_row(bureau, "/admin/projects/appearance/add/", listing))
    propose_and_publish(bureau, bureau)


def prepare(bureau: Client, step: Step) -> None:
    """Do what the bureau does before a step."""
    if step.opens:
        start_year(bureau, step.opens)
    if step.born:
        add_born_project(bureau, step.year)


def fill_in(editor: Client, step: Step) -> ChangeSet:
    (fill_sheet if step.by_sheet else fill_forms)(editor, step)
    return latest_set()


def stored_lines() -> set[tuple[tuple[str, ...], int]]:
    return {(line.natural_key(), line.amount_thousand_yen) for line in BudgetLine.objects.all()}
