"""Original cells of a sheet, to tell which ones were edited."""

from __future__ import annotations

from dxportal.cp932 import decode_round_trip
from dxportal.sheets.budget_sheet import BudgetSheet
from dxportal.sheets.parsed_file import CellValue, cell_to_text, fold_cell
from dxportal.tables.cell_values import json_value, make_field
from dxportal.tables.columns import TableRow


class Baseline:
    """Original texts of a sheet's cells, as written under labels and under machine names."""

    def __init__(self, sheet: BudgetSheet) -> None:
        self.columns = sheet.table.by_name
        self.fields = {
            column.name: (make_field(column, by_name=False), make_field(column, by_name=True))
            for column in sheet.columns
        }

    def original_text(self, name: str, row: TableRow) -> str:
        return cell_to_text(self.fields[name][0].export(row))

    def is_edited(self, name: str, value: CellValue, row: TableRow) -> bool:
        """Tell whether a cell differs from the original, as written under labels or under machine names."""
        now = cell_to_text(value)
        # A generator, so that the form under names is not made: nearly all cells equal the form under labels.
        texts = (cell_to_text(field.export(row)) for field in self.fields[name])
        return not any(now == text or now == decode_round_trip(text) for text in texts)

    def has_same_meaning(self, name: str, value: CellValue, row: TableRow) -> bool:
        """Tell whether a cell equals the original, or its code, except for width and case."""
        originals = self.fields[name][0].export(row), json_value(self.columns[name], row)
        return fold_cell(value) in map(fold_cell, originals)
