"""JSON writer: `{"applied": …, "rows": […], "totals": …, "notes": […]}`, streamed in chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from dxportal.cp932 import ReplacedCharacters
from dxportal.tables.cell_values import FIRST_ROW, json_value, scan_rows, source_column_name
from dxportal.tables.selections import Selection
from dxportal.tables.table_rows import TableRows
from dxportal.tables.totals import total_figures

JSON_ROWS_PER_CHUNK = 500  # rows per chunk of the response


def json_chunks(selection: Selection) -> Iterator[str]:
    columns = selection.table.in_files
    yield f'{{"applied": {to_json(selection.applied)},\n"rows": ['
    rows, replaced, first_row = iter(rows_of_files(selection)), ReplacedCharacters(), FIRST_ROW
    separator = "\n"
    while chunk := list(islice(rows, JSON_ROWS_PER_CHUNK)):
        yield separator + ",\n".join(
            to_json({column.name: json_value(column, row) for column in columns}) for row in chunk
        )
        separator = ",\n"
        scan_rows(replaced, columns, chunk, first_row)
        first_row += len(chunk)
    notes = [*selection.notes, *replaced.notes]
    yield f'\n],\n"totals": {to_json(total_figures(selection.total))},\n"notes": {to_json(notes)}}}\n'


def rows_of_files(selection: Selection) -> TableRows:
    """Return the rows with the columns of files, and the names of their codes, which replaced characters stand in."""
    columns = selection.table.in_files
    names = {name for column in columns for name in (column.name, source_column_name(column, by_name=False))}
    return replace(selection.table_rows, only=names)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
