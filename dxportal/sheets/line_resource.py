"""Import resource of django-import-export: parses the rows of a filled-in sheet into budget lines.

The errors of a row are one ValidationError, keyed by column. Nothing is saved here, but once all rows are valid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource
from import_export.results import RowResult
from import_export.widgets import Widget

from budgets.models import REDUCTION_ELSEWHERE, BudgetLine
from budgets.models.lines import is_misplaced_reduction
from catalog.models import Department
from dxportal.cp932 import decode_round_trip
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.sheets import parse_cells
from dxportal.sheets.baseline import Baseline
from dxportal.sheets.budget_sheet import EDITABLE_COLUMNS, NEW_PROJECT_COLUMNS, REASON_COLUMN, SHEET_TABLE
from dxportal.sheets.cell_widgets import (
    CODE_WIDGET,
    DEPARTMENT_WIDGET,
    KANA_WIDGET,
    NAME_WIDGET,
    NATURE_WIDGET,
    PARENT_WIDGETS,
    ChoiceWidget,
    ParsingWidget,
    PartWidget,
)
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.edits import LineEdit, NewAppearance, SheetEdits
from dxportal.sheets.parse_cells import CLEARED, Cleared, ExpectedError, list_words
from dxportal.sheets.parsed_file import CellRow, CellValue, cell_to_text, fold_cell
from dxportal.tables.amount_columns import AMOUNT_COLUMNS
from projects.models import AmountKind, Nature, Project

MAX_PROPOSED_CODES = 999
NO_CODE_SENTENCE = "事業コードがありません。合計などの行なら消してください。"
AMOUNT_COLUMN = AMOUNT_COLUMNS[AmountKind.EXPENDITURE]
COLUMN_KINDS = {column: kind for kind, column in AMOUNT_COLUMNS.items()}
LINE_COLUMNS = tuple(name for name in EDITABLE_COLUMNS if name not in AMOUNT_COLUMNS.values())
SEPARATELY_CHECKED_COLUMNS = {"key", "fiscal_year", *EDITABLE_COLUMNS, *(column.name for column in NEW_PROJECT_COLUMNS)}

RowCells = dict[str, Any]  # raw cells by column name; parsed values are added by field name


@dataclass(frozen=True)
class StatedReason:
    """Reason that a row states for its project's change; CLEARED if the cell holds 記載なし."""

    row: int
    project: Project
    text: str | Cleared


class LineLoader(BaseInstanceLoader):
    """Loader that finds lines in `DiffBase`, without a query."""

    def get_instance(self, row: RowCells) -> BudgetLine | None:
        base: DiffBase = self.resource.base
        return base.lines.get(row["key"])


class LineResource(ModelResource):
    """Resource of budget lines: a row with a key changes its line, one without adds a line, 記載なし deletes it."""

    key = Field(column_name="key", readonly=True)
    project = Field("project", "project")
    department = Field("department", "department")
    fiscal_year = Field("fiscal_year", "fiscal_year", ParsingWidget(parse_cells.parse_year_cell))
    part = Field("part", "part", PartWidget())
    stage = Field("stage", "stage", ChoiceWidget("stages", "予算区分"))
    kind = Field("kind", "kind", ChoiceWidget("kinds", "種別"))
    # None, from a blank cell, leaves the amount unchanged.
    amount = Field(AMOUNT_COLUMN, AMOUNT_COLUMN, ParsingWidget(parse_cells.parse_amount_cell), saves_null_values=False)
    note = Field("editorial_note", "note", ParsingWidget(parse_cells.parse_text_cell))

    class Meta:
        model = BudgetLine
        fields = ("key", "project", "department", "fiscal_year", "part", "stage", "kind", "amount", "note")
        import_id_fields = ("key",)
        instance_loader_class = LineLoader
        skip_diff = True  # the library's diff would copy every line

    def __init__(self, rows: Sequence[CellRow], base: DiffBase) -> None:
        super().__init__()
        self.rows, self.base = rows, base
        self.baseline = Baseline(base.sheet)
        self.edits = SheetEdits(rows=len(rows))
        self.row_of_key: dict[str, int] = {}
        self.refused_projects: set[str] = set()
        self.stated_reasons: list[StatedReason] = []
        # State of the current row: the cell of its reason, its errors by column, the column of its amount, and the
        # original values of its line.
        self.reason_cell: Any = None
        self.errors: dict[str, str] = {}
        self.amount_column = AMOUNT_COLUMN
        self.original_values: tuple[Any, ...] | None = None

    # Hooks of the library, in the order in which it calls them for each row

    def before_import_row(self, row: RowCells, row_number: int = 0, **options: Any) -> None:
        """Find the row's line or project, and remove unedited cells from the row."""
        self.errors = {}
        self.reason_cell = row.pop(REASON_COLUMN.name, None)  # of the project, not of the line
        self.check_year(row)
        row["key"] = fold_cell(row["key"])
        code = fold_cell(row["project_code"]) or self.find_code_by_name(row)
        if row["key"]:
            self.prepare_line(row, self.rows[row_number - 1].number)
        elif code in self.base.projects or code in self.edits.projects:
            self.prepare_project(row, code)
        else:
            self.prepare_new_project(row, code)

    def after_init_instance(self, instance: BudgetLine, new: bool, row: RowCells, **options: Any) -> None:
        self.original_values = None if new else editable_values(instance)

    def import_instance(self, instance: BudgetLine, row: RowCells, **options: Any) -> None:
        """Parse the edited cells; raise all errors of the row together."""
        errors: dict[str, Any] = dict(self.errors)
        try:
            super().import_instance(instance, row, **options)
        except ValidationError as error:
            columns = {AMOUNT_COLUMN: self.amount_column}
            for name, messages in error.error_dict.items():
                errors.setdefault(columns.get(name, name), messages)
        if not errors and is_misplaced_reduction(instance):
            errors[self.amount_column] = REDUCTION_ELSEWHERE
        parents = [
            self.parse_cell(name, widget, row, errors)
            for name, widget in PARENT_WIDGETS.items()
            if cell_to_text(row.get(name))
        ]
        row["parents"] = [parent for parent in parents if parent is not None]
        row["edits_reason"] = self.collect_reason(row["project"], self.rows[options["row_number"] - 1].number, errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(
        self, instance: BudgetLine, original: None, row: RowCells, import_validation_errors: Any = None
    ) -> bool:
        """Tell whether there is no line to save: a new one has no amount, or an existing one keeps its values."""
        if import_validation_errors:
            return False
        if self.original_values is None:
            return not has_amount(instance.amount_thousand_yen)
        return editable_values(instance) == self.original_values and not row["parents"]

    def save_instance(
        self, instance: BudgetLine, is_create: bool, row: RowCells, row_number: int = 0, **options: Any
    ) -> None:
        """Collect the line; lines are saved in bulk once all rows are valid."""
        self.edits.lines.append(LineEdit(self.rows[row_number - 1].number, row["key"], instance))

    def after_import_row(self, row: RowCells, row_result: RowResult, row_number: int = 0, **options: Any) -> None:
        listings = [NewAppearance(row["project"], row["department"], parent) for parent in row["parents"]]
        self.edits.appearances += listings
        is_new_project = row["project"].code in self.edits.projects
        is_edit = not row_result.is_skip() or listings or is_new_project or row["edits_reason"]
        if is_edit and self.rows[row_number - 1].is_hidden:
            raise ValidationError("隠れている行が変わっています。行を表示して確かめてから、選び直してください。")

    # Line or project of a row

    def check_year(self, row: RowCells) -> None:
        year = self.parse_cell("fiscal_year", self.fields["fiscal_year"].widget, row, self.errors)
        row["fiscal_year"] = self.base.sheet.year
        if year not in (None, self.base.sheet.year):
            # Refuse at once: the key and code of another year are unknown here and would only add errors.
            self.refuse(
                "fiscal_year",
                f"このシートは{self.base.sheet.year}年度のものです。ほかの年度は別のシートに入れてください。",
            )

    def prepare_line(self, row: RowCells, number: int) -> None:
        """Prepare a row with a key, which edits a line: remove its unedited cells."""
        key = row["key"]
        if key in self.row_of_key:
            self.refuse("key", f"{self.row_of_key[key]}行目と同じ行キーです。どちらかの行を消してください。")
        self.row_of_key[key] = number
        original = self.base.rows.get(key)
        if original is None or not original["key"]:
            self.refuse(
                "key",
                "この年度・部局の行キーではありません。行を足すときは空にし、ほかの行は受け取り直したシートから写してください。",
            )
        self.check_locked(row, original)
        edited = {
            name for name in EDITABLE_COLUMNS if name in row and self.baseline.is_edited(name, row[name], original)
        }
        kind = row["kind"] if "kind" in edited else original["kind"]
        if edited & {"kind", *AMOUNT_COLUMNS.values()}:
            self.check_amount_columns(row, kind)
        for name in EDITABLE_COLUMNS:
            if name not in edited:
                row.pop(name, None)
        self.choose_amount(row, kind)
        line = self.base.lines[key]
        row |= {"project": line.project, "department": line.department}

    def prepare_project(self, row: RowCells, code: str) -> None:
        """Prepare a row without a key, of a known project: the row of a project without an amount, or an added row."""
        original = self.base.rows.get(code)
        project = self.base.projects.get(code) or self.edits.projects[code]
        department = self.find_department_in_charge(project)
        if original is None:
            self.check_names(row, project, department)
        else:
            self.check_locked(row, original, may_be_blank=True)
            department = parse_cells.look_up_choice(original["department_code"], self.base.departments, "部局コード")
        self.prepare_added(row, project, department)

    def find_code_by_name(self, row: RowCells) -> str:
        """Return the code of the project that a row states by name alone; empty if there is none of that name."""
        name = fold_cell(parse_cells.parse_name(row.get("project_name")))
        if row["key"] or name not in self.base.projects_by_name:
            return ""
        try:
            return parse_cells.look_up_choice(name, self.base.projects_by_name, "事業名").code
        except ExpectedError as error:
            self.refuse("project_code", str(error))

    def find_department_in_charge(self, project: Project) -> Department:
        """Return the department of a line that is added to a project.

        It is the sheet's, if it has a line of the project in this year or the project itself; else the only one that
        has a line.
        """
        of_sheet = self.base.sheet.department
        departments = self.departments_by_project.get(project.pk, set())
        if of_sheet is not None and of_sheet in {*departments, project.department}:
            return of_sheet
        return next(iter(departments)) if len(departments) == 1 else project.department

    @cached_property
    def departments_by_project(self) -> Mapping[UUID, set[Department]]:
        """Departments of the year's lines, by project."""
        departments: dict[UUID, set[Department]] = defaultdict(set)
        for line in self.base.lines.values():
            departments[line.project_id].add(line.department)
        return departments

    def prepare_added(self, row: RowCells, project: Project, department: Department) -> None:
        """Prepare a row that adds a line if it states an amount; the stage is required then.

        Without a kind, it is that of the column with the amount.
        """
        row |= {"project": project, "department": department}
        row |= {name: row.get(name) for name in ("stage", "kind")}
        is_typed_in = any(cell_to_text(row.get(name)) for name in LINE_COLUMNS)
        if not cell_to_text(row["kind"]):
            of_amounts = [kind for kind, column in AMOUNT_COLUMNS.items() if cell_to_text(row.get(column))]
            row["kind"] = next(iter(of_amounts), AmountKind.EXPENDITURE).value
        self.check_amount_columns(row, row["kind"])
        self.choose_amount(row, row["kind"])
        errors: dict[str, str] = {}
        amount = self.parse_cell(AMOUNT_COLUMN, self.fields["amount"].widget, row, errors)
        if not has_amount(amount) and not errors:
            if is_typed_in:
                self.errors.setdefault(
                    self.amount_column, "額がありません。金額を入れるか、この行の書き込みを消してください。"
                )
            for name in LINE_COLUMNS:
                row.pop(name, None)

    def prepare_new_project(self, row: RowCells, code: str) -> None:
        """Prepare a row of an unknown project, which only the bureau's sheet may add."""
        if self.base.sheet.department is not None:
            problem = "この事業コードはありません。" if code else NO_CODE_SENTENCE
            self.refuse(
                "project_code",
                f"{problem}この部局のものは {self.codes_of_sheet} です。"
                "新しい事業は、デジタル推進部門に頼んでください。",
            )
        if not code:
            has_name = cell_to_text(row.get("project_name"))
            proposed = f"新しい事業なら、案として「{self.proposed_code()}」があります。" if has_name else ""
            self.refuse("project_code", NO_CODE_SENTENCE + proposed)
        if code in self.refused_projects:
            self.refuse()  # already reported at the row that adds the project
        project = self.new_project(row, code)
        self.edits.projects[code] = project
        self.prepare_added(row, project, project.department)

    def new_project(self, row: RowCells, code: str) -> Project:
        """Return the unsaved project that a row adds under the code written in it."""
        errors: dict[str, str] = {}
        self.parse_cell("project_code", CODE_WIDGET, row, errors)
        name = self.parse_cell("project_name", NAME_WIDGET, row, errors)
        if not name:
            errors.setdefault("project_name", "新しい事業の名を入れてください。")
        kana = self.parse_cell("kana", KANA_WIDGET, row, errors) if cell_to_text(row.get("kana")) else ""
        nature = (
            self.parse_cell("nature", NATURE_WIDGET, row, errors) if cell_to_text(row.get("nature")) else Nature.PROJECT
        )
        department = self.parse_cell("department_code", DEPARTMENT_WIDGET, row, errors)
        if errors:
            self.refused_projects.add(code)
            raise ValidationError(self.errors | errors)
        project = Project(code=code, name=name, kana=kana, nature=nature, department=department)
        derived = derive_primary_key(Project, *project.natural_key())
        if derived not in self.base.taken_identities:
            project.pk = derived
        return project

    @cached_property
    def codes_of_sheet(self) -> str:
        """The project codes of the sheet as text, for a message; the query runs only if it is needed."""
        return list_words(row["project_code"] for row in self.base.sheet)

    @cached_property
    def proposed_codes(self) -> list[str]:
        """Unused project codes of the form `project-<year>-<number>`."""
        codes = [f"project-{self.base.sheet.year}-{number}" for number in range(1, MAX_PROPOSED_CODES)]
        taken = set(Project.objects.filter(code__in=codes).values_list("code", flat=True))
        return [code for code in codes if code not in taken]

    def proposed_code(self) -> str:
        """Return an unused code for a new project, as a suggestion to the sender."""
        return next(code for code in self.proposed_codes if code not in self.edits.projects)

    # Cells

    def parse_cell(self, name: str, widget: Widget, row: RowCells, errors: dict[str, Any]) -> Any:
        """Parse a cell; on failure add to `errors` and return None."""
        try:
            return widget.clean(row.get(name), row=row, base=self.base)
        except ExpectedError as error:
            errors.setdefault(name, str(error))
            return None

    def collect_reason(self, project: Project, number: int, errors: dict[str, Any]) -> bool:
        """Collect the reason that the current row states for its project; tell whether it differs from the stored one.

        A blank cell states none, because a project has its reason in one row alone.
        """
        if not cell_to_text(self.reason_cell):
            return False
        if self.base.sheet.base_year == self.base.sheet.year:
            errors[REASON_COLUMN.name] = "前に額のある年度がないので、増減の理由は書けません。空にしてください。"
            return False
        stored = self.base.reasons.get(project.pk)
        text: str | Cleared
        if stored and not self.baseline.is_edited(REASON_COLUMN.name, self.reason_cell, {"reason": stored.text}):
            text = stored.text
        else:
            try:
                text = parse_cells.parse_reason_cell(self.reason_cell)
            except ExpectedError as error:
                errors[REASON_COLUMN.name] = str(error)
                return False
        self.stated_reasons.append(StatedReason(number, project, text))
        return text != stored.text if stored else text is not CLEARED

    def amount_column_of(self, kind: CellValue) -> str:
        """Return the column for the amounts of a kind; of expenditure, if the kind is unknown, which is reported."""
        kinds = self.base.kinds.get(fold_cell(kind), ())
        return next((AMOUNT_COLUMNS[AmountKind(each)] for each in kinds), AMOUNT_COLUMN)

    def check_amount_columns(self, row: RowCells, kind: CellValue) -> None:
        """Report an amount in the column of another kind than the row's."""
        if fold_cell(kind) not in self.base.kinds:
            return  # reported as such
        column = self.amount_column_of(kind)
        label, word = SHEET_TABLE.by_name[column].label, COLUMN_KINDS[column].label
        for other in {*AMOUNT_COLUMNS.values()} - {column}:
            if cell_to_text(row.get(other)):
                self.errors[other] = (
                    f"この行の種別は「{word}」です。額は{label}の列に入れて、ここは空にするか、種別を直してください。"
                )

    def choose_amount(self, row: RowCells, kind: CellValue) -> None:
        """Leave the amount of the row's kind in the row, under the name of the field that parses it."""
        self.amount_column = self.amount_column_of(kind)
        cells = {name: row.pop(name) for name in AMOUNT_COLUMNS.values() if name in row}
        if self.amount_column in cells:
            row[AMOUNT_COLUMN] = cells[self.amount_column]

    def check_locked(self, row: RowCells, original: Mapping[str, Any], *, may_be_blank: bool = False) -> None:
        """Check that read-only columns are unchanged, except for the width, case or notation of a value."""
        for name, value in row.items():
            if name in SEPARATELY_CHECKED_COLUMNS or not self.baseline.is_edited(name, value, original):
                continue
            if not self.baseline.has_same_meaning(name, value, original) and (cell_to_text(value) or not may_be_blank):
                was = self.baseline.original_text(name, original) or "空"
                self.errors[name] = f"この列は、シートでは変えられません。元の値（{was}）に戻してください。"

    def check_names(self, row: RowCells, project: Project, department: Department) -> None:
        """Check that an added row's project name and department are blank or correct."""
        true = {
            "project_name": project.name,
            "department_code": department.code,
            "department_name": department.name,
        }
        for name, word in true.items():
            stated = fold_cell(parse_cells.parse_name(row.get(name)))
            if stated not in ("", fold_cell(word), fold_cell(decode_round_trip(word))):
                self.errors[name] = f"「{word}」か空にしてください。"

    def refuse(self, name: str = "", expected: str = "") -> NoReturn:
        """Raise the errors of the row so far, and this one."""
        raise ValidationError(({name: expected} if name else {}) | self.errors)


def has_amount(amount: int | Cleared | None) -> bool:
    return amount is not None and amount is not CLEARED


def editable_values(line: BudgetLine) -> tuple[Any, ...]:
    """Return the values of a line that a sheet can change."""
    return line.part, line.stage, line.kind, line.amount_thousand_yen, line.editorial_note
