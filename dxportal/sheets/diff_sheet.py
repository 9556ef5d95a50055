"""Diff of a filled-in sheet against its base: the edits that it asks for, or all its problems by cell.

A cell that equals the original is not edited and is not validated. Nothing is written to the database.
"""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS
from import_export.results import InvalidRow, Result
from tablib import Dataset

from catalog.hidden_characters import replace_hidden
from dxportal.sheets.base import Base, Place, place_of
from dxportal.sheets.cells import CellRow, Problem, ReadFile, describe, folded, plain
from dxportal.sheets.edits import Understood
from dxportal.sheets.parse_cells import listed
from dxportal.sheets.resources import LineResource
from dxportal.sheets.sheets import IDENTIFYING

MOST_SHOWN = 100  # characters of a cell that a problem quotes
COLUMN_OF = {field.attribute: field.column_name for field in LineResource.fields.values()}


def understand(file: ReadFile, base: Base) -> Understood:
    """Compare a file with the sheet that it was made from; invalid cells become problems, not exceptions."""
    return Reader(file, base).read()


class Reader:
    def __init__(self, file: ReadFile, base: Base) -> None:
        self.file, self.base = file, base
        self.problems: list[Problem] = []
        self.columns = self.columns_of_headers()

    def read(self) -> Understood:
        if self.problems:
            return Understood(problems=self.problems)
        rows = [row for row in self.file.rows if self.is_calculated(row)]
        resource = LineResource(rows, self.base)
        result: Result = resource.import_data(self.dataset(rows), use_transactions=False, base=self.base)
        for failed in result.error_rows:
            raise failed.errors[0].error
        for invalid in result.invalid_rows:
            self.add_problems(rows[invalid.number - 1], invalid)
        self.problems.sort(key=lambda problem: problem.row)
        self.check_places(resource)
        understood = resource.understood
        understood.problems, understood.rows = self.problems, len(self.file.rows)
        return understood

    def dataset(self, rows: list[CellRow]) -> Dataset:
        """Return the cells as a dataset with column names as headers."""
        return Dataset(
            *([row.cells[place] for place in self.columns.values()] for row in rows), headers=[*self.columns]
        )

    def columns_of_headers(self) -> dict[str, int]:
        """Return the index of each column by name; report unknown, duplicate and missing columns."""
        places: dict[str, int] = {}
        for place, header in enumerate(self.file.headers):
            column = self.base.sheet.by_header.get(folded(header))
            name = column.name if column else None
            if not header:
                if any(plain(row.cells[place]) for row in self.file.rows):
                    self.problem(1, place, "列の名がありません。名を書くか、列ごと消してください。")
            elif name is None:
                offered = listed(str(column.label) for column in self.base.sheet.columns)
                self.problem(1, place, f"知らない列です。列ごと消してください（ある列は {offered}）。")
            elif name in places:
                self.problem(1, place, "同じ名の列が二つあります。どちらかを消してください。")
            else:
                places[name] = place
        missing = [str(self.base.sheet.table.by_name[name].label) for name in IDENTIFYING if name not in places]
        if missing:
            self.problem(1, -1, f"{listed(missing)}の列がありません。受け取ったときの列を残してください。")
        return places

    # Problems

    def is_calculated(self, row: CellRow) -> bool:
        for place in sorted(row.uncalculated):
            self.problem(row.number, place, "計算されていない数式です。Excelで開いて保存し直すか、値を入れてください。")
        return not row.uncalculated

    def add_problems(self, row: CellRow, invalid: InvalidRow) -> None:
        """Add the errors of a row, one per cell: further ones follow from the first."""
        for name, (expected, *_) in invalid.error_dict.items():
            place = -1 if name == NON_FIELD_ERRORS else self.columns.get(COLUMN_OF.get(name, name), -1)
            self.problem(row.number, place, expected, describe(row.cells[place]) if place >= 0 else "")

    def check_places(self, resource: LineResource) -> None:
        """Report rows that would share a project, part, stage and kind with another row.

        Rows with problems are left out, because their final values are unknown.
        """
        edits = resource.understood.lines
        faulty = {problem.row for problem in self.problems}
        moved = {edit.key for edit in edits if edit.key}
        moved |= {key for key, number in resource.row_of_key.items() if number in faulty}
        taken: dict[Place, str] = {
            place_of(line): "すでにある行" for key, line in self.base.lines.items() if key not in moved
        }
        for edit in edits:
            if edit.is_cleared:
                continue
            place = place_of(edit.line)
            if place in taken:
                column = "key" if not edit.key else "stage"
                self.problem(
                    edit.row,
                    self.columns.get(column, -1),
                    f"{taken[place]}と、事業・内訳・予算の区分・種別が同じです。行キーのある行の額を直すか、どちらかを変えてください。",
                )
            else:
                taken[place] = f"{edit.row}行目"

    def problem(self, row: int, place: int, expected: str, value: str = "") -> None:
        header = replace_hidden(self.file.headers[place]) if place >= 0 else ""
        shown = replace_hidden(value[:MOST_SHOWN])
        self.problems.append(Problem(self.file.sheet, row, place, header, shown, expected))
