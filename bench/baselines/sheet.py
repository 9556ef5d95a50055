"""The rows of a CSV file as a workbook, by openpyxl alone: how many, and the seconds of the processor for that."""

import csv
import sys
import time
from pathlib import Path

from openpyxl import Workbook

NUMBERS = {"年度", "予算額（千円）", "融資枠（千円）", "出典ページ"}

source, target = map(Path, sys.argv[1:])
with source.open(encoding="utf-8-sig", newline="") as file:
    head, *lines = csv.reader(file)
kinds = [int if name in NUMBERS else str for name in head]
rows = [head, *([kind(cell) if cell else None for kind, cell in zip(kinds, line, strict=True)] for line in lines)]
began = time.process_time()
book = Workbook(write_only=True)
sheet = book.create_sheet()
for row in rows:
    sheet.append(row)
book.save(target)
print(len(rows), time.process_time() - began)
