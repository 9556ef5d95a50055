"""Rows of a workbook: counted, or written again by openpyxl alone, with the seconds of the processor for that."""

import sys
import time

from openpyxl import Workbook, load_workbook

what, source, *target = sys.argv[1:]
rows = list(load_workbook(source, read_only=True).worksheets[0].iter_rows(values_only=True))
if what == "count":
    print(len(rows))
else:
    began = time.process_time()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(target[0])
    print(len(rows), time.process_time() - began)
