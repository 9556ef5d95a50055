"""Print a range of a workbook's first sheet as a PDF of one page, with grid and headings as on a screen.

The comment of the last cell that has one is open, as where the pointer rests on the cell. Run by Debian's Python:

    /usr/bin/python3 tests/sheet_to_pdf.py PIPE before.xlsx after.pdf A1:S12 B C D
"""

import sys
from pathlib import Path

from uno_connection import connect, property_value

ROW, MARGIN, HEADS = 640, 150, 700  # hundredths of a millimetre

pipe, before, after, shown, *hidden = sys.argv[1:]
desktop = connect(pipe)
book = desktop.loadComponentFromURL(Path(before).as_uri(), "_blank", 0, (property_value("Hidden", True),))
sheet = book.Sheets.getByIndex(0)
for column in hidden:
    sheet.getCellRangeByName(f"{column}1").Columns.IsVisible = False
cells = sheet.getCellRangeByName(shown)
cells.Rows.Height = ROW
sheet.Annotations.getByIndex(sheet.Annotations.Count - 1).setIsVisible(True)
sheet.setPrintAreas((cells.RangeAddress,))
page = book.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
page.HeaderIsOn = page.FooterIsOn = page.PrintAnnotations = False
page.PrintGrid = page.PrintHeaders = page.IsLandscape = True
page.LeftMargin = page.RightMargin = page.TopMargin = page.BottomMargin = MARGIN
page.Width = cells.Size.Width + 2 * MARGIN + 2 * HEADS
page.Height = cells.Size.Height + 2 * MARGIN + HEADS
page.ScaleToPagesX = page.ScaleToPagesY = 1
book.storeToURL(Path(after).as_uri(), (property_value("FilterName", "calc_pdf_Export"),))
book.close(True)
desktop.terminate()
