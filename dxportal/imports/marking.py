"""A copy of an uploaded file in which every cell that is not understood is coloured and says what is expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from dxportal.imports.cells import Problem, ReadFile, plain

FAULTY = PatternFill("solid", fgColor="FFF2B8")
AUTHOR = "計画カタログ"
MOST_MARKED = 2000


def marked_copy(data: bytes, file: ReadFile, problems: Iterable[Problem]) -> bytes:
    """The bytes of a workbook: the uploaded one, or for a CSV one with its cells."""
    workbook, sheet = (load_workbook(BytesIO(data)), file.sheet) if file.kind == "xlsx" else (copied(file), "")
    marked: Any = workbook[sheet] if sheet else workbook.active
    said: dict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        said[problem.row or 1, max(problem.column, 0) + 1].append(problem.expected)
    for (row, column), sentences in list(said.items())[:MOST_MARKED]:
        cell = marked.cell(row, column)
        cell.fill = FAULTY
        cell.comment = Comment("\n".join(sentences), AUTHOR, height=120, width=320)
    copy = BytesIO()
    workbook.save(copy)
    return copy.getvalue()


def copied(file: ReadFile) -> Workbook:
    """A workbook with the cells of a CSV file, at the rows where they stood; texts stay texts."""
    workbook = Workbook()
    sheet: Any = workbook.active
    for number, cells in [(1, file.headers), *((row.number, row.cells) for row in file.rows)]:
        for place, value in enumerate(cells, 1):
            if plain(value):
                cell = sheet.cell(number, place, ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain(value)))
                cell.data_type = "s"
    return workbook
