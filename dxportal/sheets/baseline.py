"""A sheet as it was given out: what a cell said before somebody could write into it."""

from __future__ import annotations

from dxportal.cp932 import decode_round_trip
from dxportal.sheets.cells import Value, folded, plain
from dxportal.sheets.sheets import Sheet
from dxportal.tables.cell_values import field_of, json_value
from dxportal.tables.columns import Row


class Baseline:
    """The fields by which a sheet is written, under labels and under machine names; rows are those of the sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.columns = sheet.table.by_name
        self.fields = {
            column.name: (field_of(column, by_name=False), field_of(column, by_name=True)) for column in sheet.columns
        }

    def text(self, name: str, row: Row) -> str:
        return plain(self.fields[name][0].export(row))

    def is_touched(self, name: str, value: Value, row: Row) -> bool:
        """Whether a cell says something else than the sheet did, under labels or under names."""
        now = plain(value)
        # A sheet has thousands of untouched cells, nearly all of which say what they did under labels.
        texts = (plain(field.export(row)) for field in self.fields[name])
        return not any(now == text or now == decode_round_trip(text) for text in texts)

    def is_spelling(self, name: str, value: Value, row: Row) -> bool:
        """Whether a cell means what the sheet said, in another width or case, or by its code."""
        known = self.fields[name][0].export(row), json_value(self.columns[name], row)
        return folded(value) in map(folded, known)
