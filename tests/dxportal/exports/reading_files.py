"""Files of tables as another program reads them: header, cells, and what stands beside them."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import Any

from django.test import Client
from openpyxl import load_workbook

Cells = list[list[Any]]


def fetched(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, (address, response.getvalue()[:500])
    return response.getvalue()


def csv_cells(content: bytes, encoding: str = "utf-8-sig") -> Cells:
    """The cells as text; an empty cell is ""."""
    return list(csv.reader(StringIO(content.decode(encoding), newline="")))


def excel_cells(content: bytes, sheet: int = 0) -> Cells:
    """The cells with their types; an empty cell is None."""
    workbook = load_workbook(BytesIO(content))
    return [list(row) for row in workbook.worksheets[sheet].iter_rows(values_only=True)]


def as_text(cells: Cells) -> Cells:
    return [["" if value is None else str(value) for value in row] for row in cells]


def json_rows(content: bytes) -> list[dict[str, Any]]:
    return json.loads(content)["rows"]
