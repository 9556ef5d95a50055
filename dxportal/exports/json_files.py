"""JSON: `{"applied": …, "rows": […], "totals": …, "notes": […]}`, streamed row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from dxportal.exports.cells import json_value
from dxportal.exports.selections import Selection
from dxportal.exports.totals import figures

CHUNK = 500  # rows in one piece of the answer


def json_pieces(selection: Selection) -> Iterator[str]:
    columns = selection.table.in_files
    yield f'{{"applied": {text(selection.applied)},\n"rows": ['
    rows = (text({column.name: json_value(column, row) for column in columns}) for row in selection)
    separator = "\n"
    while piece := list(islice(rows, CHUNK)):
        yield separator + ",\n".join(piece)
        separator = ",\n"
    yield f'\n],\n"totals": {text(figures(selection.total))},\n"notes": {text(selection.notes)}}}\n'


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
