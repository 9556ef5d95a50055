"""Diff of a filled-in sheet against its base: the edits that it asks for, or all its problems by cell.

A cell that equals the original is not edited and is not validated. Nothing is written to the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from import_export.results import InvalidRow, Result
from tablib import Dataset

from budgets.models import ChangeReason
from catalog.hidden_characters import replace_hidden
from dxportal.changesets.integrity_rules import find_overlaps_of_edits
from dxportal.sheets.budget_sheet import IDENTIFYING_COLUMNS, PREFILLED_COLUMNS, REASON_COLUMN
from dxportal.sheets.diff_base import DiffBase, UniqueLineKey, unique_line_key
from dxportal.sheets.edits import ReasonEdit, SheetEdits
from dxportal.sheets.line_resource import LineResource, StatedReason
from dxportal.sheets.parse_cells import NOT_STATED_WORD, list_words
from dxportal.sheets.parsed_file import CellRow, ParsedFile, SheetProblem, cell_to_text, describe_cell, fold_cell

MAX_QUOTED_CHARACTERS = 100  # characters of a cell that a problem quotes
COLUMN_BY_FIELD = {field.attribute: field.column_name for field in LineResource.fields.values()}


def diff_file(file: ParsedFile, base: DiffBase) -> SheetEdits:
    """Compare a file with the sheet that it was made from; invalid cells become problems, not exceptions."""
    return SheetDiff(file, base).collect_edits()


class SheetDiff:
    def __init__(self, file: ParsedFile, base: DiffBase) -> None:
        self.file, self.base = file, base
        self.problems: list[SheetProblem] = []
        self.columns = self.match_headers()

    def collect_edits(self) -> SheetEdits:
        if self.problems:
            return SheetEdits(problems=self.problems)
        filled = [row for row in self.file.rows if self.is_filled(row)]
        rows = [row for row in filled if self.is_calculated(row)]
        resource = LineResource(rows, self.base)
        result: Result = resource.import_data(self.dataset(rows), use_transactions=False, base=self.base)
        for failed in result.error_rows:
            raise failed.errors[0].error
        for invalid in result.invalid_rows:
            self.add_row_errors(rows[invalid.number - 1], invalid)
        self.problems.sort(key=lambda problem: problem.row)
        self.check_unique_keys(resource)
        if not self.problems:
            self.check_coverage(resource)
        edits = resource.edits
        edits.reasons = list(self.collect_reasons(resource.stated_reasons))
        edits.problems, edits.rows = self.problems, len(filled)
        return edits

    def dataset(self, rows: list[CellRow]) -> Dataset:
        """Return the cells as a dataset with column names as headers."""
        return Dataset(
            *([row.cells[index] for index in self.columns.values()] for row in rows), headers=[*self.columns]
        )

    def match_headers(self) -> dict[str, int]:
        """Return the index of each column by name; report unknown, duplicate and missing columns."""
        indices: dict[str, int] = {}
        for index, header in enumerate(self.file.headers):
            column = self.base.sheet.by_header.get(fold_cell(header))
            name = column.name if column else None
            if not header:
                if any(cell_to_text(row.cells[index]) for row in self.file.rows):
                    self.add_problem(1, index, "列の名がありません。名を書くか、列ごと消してください。")
            elif name is None:
                offered = list_words(str(column.label) for column in self.base.sheet.columns)
                self.add_problem(1, index, f"知らない列です。列ごと消してください（ある列は {offered}）。")
            elif name in indices:
                self.add_problem(1, index, "同じ名の列が二つあります。どちらかを消してください。")
            else:
                indices[name] = index
        missing = [
            str(self.base.sheet.table.by_name[name].label) for name in IDENTIFYING_COLUMNS if name not in indices
        ]
        if missing:
            self.add_problem(1, -1, f"{list_words(missing)}の列がありません。受け取ったときの列を残してください。")
        return indices

    def is_filled(self, row: CellRow) -> bool:
        """Tell whether a row holds more than a prepared row does before something is typed into it."""
        return any(
            index in row.uncalculated or cell_to_text(row.cells[index])
            for name, index in self.columns.items()
            if name not in PREFILLED_COLUMNS
        )

    # Problems

    def is_calculated(self, row: CellRow) -> bool:
        for index in sorted(row.uncalculated):
            self.add_problem(
                row.number, index, "計算されていない数式です。Excelで開いて保存し直すか、値を入れてください。"
            )
        return not row.uncalculated

    def add_row_errors(self, row: CellRow, invalid: InvalidRow) -> None:
        """Add the errors of a row, one per cell: further ones follow from the first."""
        for name, (expected, *_) in invalid.error_dict.items():
            index = -1 if name == NON_FIELD_ERRORS else self.columns.get(COLUMN_BY_FIELD.get(name, name), -1)
            self.add_problem(row.number, index, expected, describe_cell(row.cells[index]) if index >= 0 else "")

    def check_unique_keys(self, resource: LineResource) -> None:
        """Report rows that would share a project, part, stage and kind with another row.

        Rows with problems are left out, because their final values are unknown.
        """
        edits = resource.edits.lines
        faulty = {problem.row for problem in self.problems}
        moved = {edit.key for edit in edits if edit.key}
        moved |= {key for key, number in resource.row_of_key.items() if number in faulty}
        taken: dict[UniqueLineKey, str] = {
            unique_line_key(line): "すでにある行" for key, line in self.base.lines.items() if key not in moved
        }
        for edit in edits:
            if edit.is_cleared:
                continue
            line_key = unique_line_key(edit.line)
            if line_key in taken:
                column = "key" if not edit.key else "stage"
                self.add_problem(
                    edit.row,
                    self.columns.get(column, -1),
                    f"{taken[line_key]}と、事業・内訳・予算区分・種別が同じです。行キーのある行の額を直すか、どちらかを変えてください。",
                )
            else:
                taken[line_key] = f"{edit.row}行目"

    def check_coverage(self, resource: LineResource) -> None:
        """Report rows that would state an amount that another row, or a line that is not in the sheet, states."""
        edits = {edit.line.pk: edit for edit in resource.edits.lines}
        deleted = [edit.line for edit in edits.values() if edit.is_cleared]
        for line, sentence in find_overlaps_of_edits(
            [edit.line for edit in edits.values() if not edit.is_cleared], deleted
        ):
            self.add_problem(edits[line.pk].row, self.columns.get("stage", -1), sentence, str(line.stage))

    def collect_reasons(self, stated_reasons: list[StatedReason]) -> Iterator[ReasonEdit]:
        """Yield the edit of each project whose reason is changed; report rows of a project with different texts."""
        by_project: dict[UUID, list[StatedReason]] = defaultdict(list)
        for stated in stated_reasons:
            by_project[stated.project.pk].append(stated)
        for first, *others in by_project.values():
            if different := next((other for other in others if other.text != first.text), None):
                for stated in (first, *others):
                    self.add_different_reasons(stated, different if stated.text == first.text else first)
            elif edit := self.make_reason_edit(first):
                yield edit

    def add_different_reasons(self, stated: StatedReason, other: StatedReason) -> None:
        self.add_problem(
            stated.row,
            self.columns[REASON_COLUMN.name],
            f"増減の理由は、事業ごとに一つです。{other.row}行目と違います。同じ文にするか、どちらかを空にしてください。",
            stated.text if isinstance(stated.text, str) else NOT_STATED_WORD,
        )

    def make_reason_edit(self, stated: StatedReason) -> ReasonEdit | None:
        """Return the edit that a stated reason asks for; None if it changes nothing."""
        stored, sheet = self.base.reasons.get(stated.project.pk), self.base.sheet
        if not isinstance(stated.text, str):
            return ReasonEdit(stored, is_new=False, is_cleared=True) if stored else None
        if stored and stored.text == stated.text:
            return None
        reason = stored or ChangeReason(project=stated.project, fiscal_year=sheet.year, base_year=sheet.base_year)
        reason.text = stated.text
        return ReasonEdit(reason, is_new=stored is None, is_cleared=False)

    def add_problem(self, row: int, index: int, expected: str, value: str = "") -> None:
        header = replace_hidden(self.file.headers[index]) if index >= 0 else ""
        quoted = replace_hidden(value[:MAX_QUOTED_CHARACTERS])
        self.problems.append(SheetProblem(self.file.sheet, row, index, header, quoted, expected))
