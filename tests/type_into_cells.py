"""Type numbers into a workbook's first sheet in LibreOffice, and save it as Excel does.

Run by the Python that LibreOffice's own library belongs to (Debian's), not by that of the tests:

    /usr/bin/python3 tests/type_into_cells.py PIPE before.xlsx after.xlsx I3=20001 I5=7
"""

import sys
from pathlib import Path

from uno_connection import connect, property_value

pipe, before, after, *typed = sys.argv[1:]
desktop = connect(pipe)
book = desktop.loadComponentFromURL(Path(before).as_uri(), "_blank", 0, (property_value("Hidden", True),))
sheet = book.Sheets.getByIndex(0)
for cell, value in (one.split("=") for one in typed):
    sheet.getCellRangeByName(cell).Value = float(value)
book.storeToURL(Path(after).as_uri(), (property_value("FilterName", "Calc MS Excel 2007 XML"),))
book.close(True)
desktop.terminate()
