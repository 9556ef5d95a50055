"""JSON writer: `{"applied": …, "rows": […], "totals": …, "notes": […]}`, streamed in chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from dxportal.cp932 import ReplacedCharacters
from dxportal.tables.cell_values import FIRST_ROW, json_value, look_at_rows
from dxportal.tables.selections import Selection
from dxportal.tables.totals import figures

CHUNK = 500  # rows per chunk of the response


def json_pieces(selection: Selection) -> Iterator[str]:
    columns = selection.table.in_files
    yield f'{{"applied": {text(selection.applied)},\n"rows": ['
    rows, changed, first_row = iter(selection), ReplacedCharacters(), FIRST_ROW
    separator = "\n"
    while chunk := list(islice(rows, CHUNK)):
        yield separator + ",\n".join(
            text({column.name: json_value(column, row) for column in columns}) for row in chunk
        )
        separator = ",\n"
        look_at_rows(changed, columns, chunk, first_row)
        first_row += len(chunk)
    notes = [*selection.notes, *changed.notes]
    yield f'\n],\n"totals": {text(figures(selection.total))},\n"notes": {text(notes)}}}\n'


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
