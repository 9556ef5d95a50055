"""Rows of a workbook, written again by openpyxl alone: how many, and the seconds of the processor for that."""

import sys
import time

from openpyxl import Workbook, load_workbook

source, target = sys.argv[1:]
rows = list(load_workbook(source, read_only=True).worksheets[0].iter_rows(values_only=True))
began = time.process_time()
book = Workbook(write_only=True)
sheet = book.create_sheet()
for row in rows:
    sheet.append(row)
book.save(target)
print(len(rows), time.process_time() - began)
