"""From cells to edits: what a filled-in sheet changes of the sheet as the catalogue would make it, and all problems.

A cell that still says what the sheet said is not touched and not looked at any further. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from budgets.models import Stage
from catalog.hidden_characters import replace_hidden
from catalog.models import Department
from dxportal.cp932 import as_read_back
from dxportal.sheets import parse_cells
from dxportal.sheets.base import Base, Place, place_of
from dxportal.sheets.cells import CellRow, Problem, ReadFile, Value, describe, folded, plain
from dxportal.sheets.edits import Edit, NewProject, Understood
from dxportal.sheets.parse_cells import CLEARED, ExpectedError
from dxportal.sheets.sheets import EDITABLE, IDENTIFYING, OF_NEW_PROJECTS
from dxportal.tables.cell_values import file_value, json_value
from dxportal.tables.columns import Column, Row
from projects.models import Nature, Project, ProjectPart

LONGEST_NAME = 200
MOST_CODES_PROPOSED = 999
MOST_SHOWN = 100  # characters of a cell that a problem repeats
LOOKED_AT_ELSEWHERE = {"key", "fiscal_year", *EDITABLE, *(column.name for column in OF_NEW_PROJECTS)}


def understand(file: ReadFile, base: Base) -> Understood:
    """Compare a file with the sheet it was made from; raises nothing, however wrong the cells are."""
    return Reader(file, base).read()


class Reader:
    def __init__(self, file: ReadFile, base: Base) -> None:
        self.file, self.base = file, base
        self.found = Understood()
        self.faulty_cells: set[tuple[int, int]] = set()
        self.columns = self.columns_of_headers()
        self.seen: dict[str, int] = {}
        self.new: dict[str, NewProject] = {}
        self.refused_projects: set[str] = set()

    # Headers

    def columns_of_headers(self) -> dict[str, int]:
        """The place of each column by its name; what is no column, or stands twice, is a problem."""
        places: dict[str, int] = {}
        for place, header in enumerate(self.file.headers):
            column = self.base.sheet.by_header.get(folded(header))
            name = column.name if column else None
            if not header:
                if any(plain(row.cells[place]) for row in self.file.rows):
                    self.problem(1, place, "列の名がありません。名を書くか、列ごと消してください。")
            elif name is None:
                offered = parse_cells.listed(str(column.label) for column in self.base.sheet.columns)
                self.problem(1, place, f"知らない列です。列ごと消してください（ある列は {offered}）。")
            elif name in places:
                self.problem(1, place, "同じ名の列が二つあります。どちらかを消してください。")
            else:
                places[name] = place
        missing = [str(self.base.sheet.table.by_name[name].label) for name in IDENTIFYING if name not in places]
        if missing:
            self.problem(1, -1, f"{parse_cells.listed(missing)}の列がありません。受け取ったときの列を残してください。")
        return places

    # Rows

    def read(self) -> Understood:
        if self.found.problems:
            return self.found
        for row in self.file.rows:
            self.found.rows += 1
            before = len(self.found.problems)
            edit = self.row(row)
            if edit is not None and len(self.found.problems) == before:
                if row.is_hidden:
                    self.problem(
                        row.number, -1, "隠れている行が変わっています。行を表示して確かめてから、選び直してください。"
                    )
                self.found.edits.append(edit)
        self.check_places()
        return self.found

    def row(self, row: CellRow) -> Edit | None:
        for place in sorted(row.uncalculated):
            self.problem(row.number, place, "計算されていない数式です。Excelで開いて保存し直すか、値を入れてください。")
        if row.uncalculated:
            return None
        key = folded(self.cell(row, "key"))
        code = folded(self.cell(row, "project_code"))
        year = self.value(row, "fiscal_year", parse_cells.fiscal_year)
        if year is not None and year != self.base.sheet.year:
            self.refuse(
                row,
                "fiscal_year",
                f"このシートは{self.base.sheet.year}年度のものです。ほかの年度は別のシートに入れてください。",
            )
            return None  # key and code of another year are unknown here, which is no second fault
        if key:
            return self.of_line(row, key)
        if code in self.base.projects or code in self.new:
            return self.of_project(row, code)
        return self.of_new_project(row, code)

    def of_line(self, row: CellRow, key: str) -> Edit | None:
        if key in self.seen:
            self.refuse(row, "key", f"{self.seen[key]}行目と同じ行キーです。どちらかの行を消してください。")
            return None
        self.seen[key] = row.number
        known = self.base.rows.get(key)
        if known is None or not known["key"]:
            self.refuse(
                row,
                "key",
                "この年度・部局の行キーではありません。行を足すときは空にし、ほかの行は受け取り直したシートから写してください。",
            )
            return None
        line = self.base.lines[key]
        self.check_untouched(row, known)
        part = line.part
        if self.is_touched(row, "part", known):
            part = self.part(row, line.project)
        stage = self.stage(row) if self.is_touched(row, "stage", known) else line.stage
        kind = self.kind(row) if self.is_touched(row, "kind", known) else line.kind
        touched = self.is_touched(row, "amount_thousand_yen", known)
        amount = self.value(row, "amount_thousand_yen", parse_cells.amount) if touched else None
        note = line.editorial_note
        if self.is_touched(row, "note", known):
            note = self.value(row, "note", parse_cells.text) or ""
        listed = self.listed_under(row)
        same = (part, stage, kind, note) == (line.part, line.stage, line.kind, line.editorial_note)
        if same and amount in (None, line.amount_thousand_yen) and not listed:
            return None
        return Edit(row.number, key, line.project, part, stage, kind or "", amount, note, line.department, listed)

    def of_project(self, row: CellRow, code: str) -> Edit | None:
        """A row without a key: a project that states no amount yet, or a line that is added."""
        known = self.base.rows.get(code)
        project = self.base.projects.get(code) or self.new[code]
        if known is not None:
            self.check_untouched(row, known, may_be_blank=True)
        else:
            self.check_names(row, project)
        department = project.department
        if known is not None:
            department = parse_cells.choice(known["department_code"], self.base.departments, "部局コード")
        return self.added(row, project, department)

    def added(self, row: CellRow, project: Project | NewProject, department: Department | None) -> Edit | None:
        before = len(self.found.problems)
        amount = self.value(row, "amount_thousand_yen", parse_cells.amount)
        is_refused = len(self.found.problems) > before
        listed = self.listed_under(row)
        if not is_refused and (amount is None or amount is CLEARED):
            if any(plain(self.cell(row, name)) for name in ("part", "stage", "kind", "note")):
                self.refuse(
                    row, "amount_thousand_yen", "予算額がありません。金額を入れるか、この行の書き込みを消してください。"
                )
            return (
                Edit(row.number, "", project, listed_under=listed) if listed or project in self.new.values() else None
            )
        part = self.part(row, project) if plain(self.cell(row, "part")) else None
        stage, kind = self.stage(row), self.kind(row)
        note = self.value(row, "note", parse_cells.text) or ""
        return Edit(row.number, "", project, part, stage, kind or "", amount, note, department, listed)

    def of_new_project(self, row: CellRow, code: str) -> Edit | None:
        sheet = self.base.sheet
        if sheet.department is not None:
            offered = parse_cells.listed(row["project_code"] for row in self.base.rows.values())
            missing = (
                "事業コードがありません。合計などの行なら消してください。"
                if not code
                else "この事業コードはありません。"
            )
            self.refuse(
                row,
                "project_code",
                f"{missing}この部局のものは {offered} です。新しい事業は、デジタル推進部門に頼んでください。",
            )
            return None
        if not code:
            name = plain(self.cell(row, "project_name"))
            proposed = f"新しい事業なら、案として「{self.proposed_code()}」があります。" if name else ""
            self.refuse(row, "project_code", f"事業コードがありません。合計などの行なら消してください。{proposed}")
            return None
        return self.added_project(row, code)

    def added_project(self, row: CellRow, code: str) -> Edit | None:
        """The bureau's sheet may add projects; the code is what somebody has written there."""
        if code in self.refused_projects:
            return None  # told at the row that adds the project
        before = len(self.found.problems)
        self.value(row, "project_code", parse_cells.code)
        name = self.value(row, "project_name", lambda value: parse_cells.text(value, LONGEST_NAME)) or ""
        if not name:
            self.refuse(row, "project_name", "新しい事業の名を入れてください。")
        kana = self.value(row, "kana", lambda value: parse_cells.text(value, 2 * LONGEST_NAME)) or ""
        nature = Nature.PROJECT.value
        if plain(self.cell(row, "nature")):
            nature = (
                self.value(row, "nature", lambda value: parse_cells.choice(value, self.base.natures, "性質")) or nature
            )
        department = self.value(
            row, "department_code", lambda value: parse_cells.choice(value, self.base.departments, "部局コード")
        )
        if len(self.found.problems) > before or department is None:
            self.refused_projects.add(code)
            return None
        self.new[code] = NewProject(code, name, kana, nature, department)
        return self.added(row, self.new[code], department)

    def proposed_code(self) -> str:
        """A code that nothing has yet; it is only proposed, whoever writes it decides."""
        taken = self.base.projects.keys() | self.new.keys()
        year = self.base.sheet.year
        free = (f"project-{year}-{number}" for number in range(1, MOST_CODES_PROPOSED))
        return next(code for code in free if code not in taken)

    def listed_under(self, row: CellRow) -> tuple[Any, ...]:
        """Where the bureau wants the project to appear."""
        found = []
        for name, rows, what in (
            ("countermeasure", self.base.countermeasures, "対応策コード"),
            ("sakigake", self.base.sakigake, "重点プロジェクト番号"),
        ):
            if name in self.columns and plain(self.cell(row, name)):
                found.append(self.value(row, name, lambda value, r=rows, w=what: parse_cells.choice(value, r, w)))  # type: ignore[misc]  # bound now
        return tuple(one for one in found if one is not None)

    # Cells

    def cell(self, row: CellRow, name: str) -> Value:
        place = self.columns.get(name)
        return None if place is None else row.cells[place]

    def is_touched(self, row: CellRow, name: str, known: Row) -> bool:
        """Whether the cell says something else than the sheet did, under labels or under names."""
        if name not in self.columns:
            return False
        column = self.base.sheet.table.by_name[name]
        said = plain(self.cell(row, name))
        # A sheet has thousands of untouched cells, nearly all of which say what they did under labels.
        texts = (plain(file_value(column, known, by_name=by_name)) for by_name in (False, True))
        return not any(said == text or said == as_read_back(text) for text in texts)

    def check_untouched(self, row: CellRow, known: Row, *, may_be_blank: bool = False) -> None:
        """Columns that are there to be read are as they were; how a year or a code is typed does not matter."""
        for column in self.base.sheet.columns:
            if column.name in LOOKED_AT_ELSEWHERE or not self.is_touched(row, column.name, known):
                continue
            said = folded(self.cell(row, column.name))
            if said not in says(column, known) and (said or not may_be_blank):
                was = plain(file_value(column, known, by_name=False)) or "空"
                self.refuse(row, column.name, f"この列は、シートでは変えられません。元の値（{was}）に戻してください。")

    def check_names(self, row: CellRow, project: Project | NewProject) -> None:
        """What an added row says of its project is blank, or true."""
        department = project.department
        true = {
            "project_name": project.name,
            "department_code": department.code,
            "department_name": department.name,
        }
        for name, word in true.items():
            if folded(self.cell(row, name)) not in ("", folded(word), folded(as_read_back(word))):
                self.refuse(row, name, f"「{word}」か空にしてください。")

    def part(self, row: CellRow, project: Project | NewProject) -> ProjectPart | None:
        if not plain(self.cell(row, "part")):
            return None
        parts = {} if isinstance(project, NewProject) else self.base.parts.get(project.pk, {})
        if not parts:
            self.refuse(row, "part", "この事業に内訳はありません。空にしてください。")
            return None
        part: ProjectPart | None = self.value(
            row, "part", lambda value: parse_cells.choice(value, parts, "この事業の内訳")
        )
        return part

    def stage(self, row: CellRow) -> Stage | None:
        stage: Stage | None = self.value(
            row, "stage", lambda value: parse_cells.choice(value, self.base.stages, "予算の区分")
        )
        return stage

    def kind(self, row: CellRow) -> str | None:
        kind: str | None = self.value(row, "kind", lambda value: parse_cells.choice(value, self.base.kinds, "種別"))
        return kind

    def value(self, row: CellRow, name: str, read: Callable[[Value], Any]) -> Any:
        """What a cell says; None, and a problem, where it is not understood."""
        try:
            return read(self.cell(row, name))
        except ExpectedError as error:
            self.refuse(row, name, str(error))
            return None

    # Places

    def check_places(self) -> None:
        """No two rows may come to stand for one project, part, stage and kind.

        Where a faulty row is to stand nobody knows yet: it is in no other's way.
        """
        faulty = {problem.row for problem in self.found.problems}
        moved = {edit.key for edit in self.found.edits if edit.key}
        moved |= {key for key, number in self.seen.items() if number in faulty}
        taken: dict[Place, str] = {
            place_of(line): "すでにある行" for key, line in self.base.lines.items() if key not in moved
        }
        for edit in self.found.edits:
            if not edit.is_of_line or edit.amount is CLEARED or edit.stage is None:
                continue
            identity: Any = edit.project.pk if isinstance(edit.project, Project) else edit.project.code
            place: Place = (identity, edit.part.pk if edit.part else None, edit.stage.pk, edit.kind)
            if place in taken:
                column = "key" if not edit.key else "stage"
                self.problem(
                    edit.row,
                    self.columns.get(column, -1),
                    f"{taken[place]}と、事業・内訳・予算の区分・種別が同じです。行キーのある行の額を直すか、どちらかを変えてください。",
                )
            else:
                taken[place] = f"{edit.row}行目"

    def refuse(self, row: CellRow, name: str, expected: str) -> None:
        self.problem(row.number, self.columns.get(name, -1), expected, describe(self.cell(row, name)))

    def problem(self, row: int, place: int, expected: str, value: str = "") -> None:
        """Add a problem, unless the cell has one already: what else is wrong with it follows from the first."""
        if place >= 0:
            if (row, place) in self.faulty_cells:
                return
            self.faulty_cells.add((row, place))
        header = replace_hidden(self.file.headers[place]) if place >= 0 else ""
        shown = replace_hidden(value[:MOST_SHOWN])
        self.found.problems.append(Problem(self.file.sheet, row, place, header, shown, expected))


def says(column: Column, known: Row) -> set[str]:
    """The spellings of a cell that mean the same."""
    return {folded(file_value(column, known, by_name=False)), folded(json_value(column, known))}
