"""Rows of a workbook, written again by openpyxl alone: how many, and the seconds of the processor for that.

To read them takes as long; they are kept for the next time.
"""

import marshal
import sys
import time
from pathlib import Path

from openpyxl import Workbook, load_workbook

source, kept, target = map(Path, sys.argv[1:])
if not kept.exists():
    kept.write_bytes(
        marshal.dumps(list(load_workbook(source, read_only=True).worksheets[0].iter_rows(values_only=True)))
    )
rows = marshal.loads(kept.read_bytes())  # noqa: S302  # our own
began = time.process_time()
book = Workbook(write_only=True)
sheet = book.create_sheet()
for row in rows:
    sheet.append(row)
book.save(target)
print(len(rows), time.process_time() - began)
