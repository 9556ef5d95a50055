"""Files that are no sheet, or a broken one: made byte by byte or with openpyxl, as they come from people and foes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tests.dxportal.sheets.sheet_uploads import load_sheet, save_workbook, sheet_csv

SHEET_PART = "xl/worksheets/sheet1.xml"


def with_parts(
    data: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes] | None], method: int = ZIP_DEFLATED
) -> bytes:
    """A workbook with some of its parts replaced, added, or left out."""
    made = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(made, "w", method) as new:
        for name in old.namelist():
            part = parts.get(name, old.read(name))
            if callable(part):
                part = part(old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return made.getvalue()


def sheet_with(rows: bytes) -> bytes:
    """A workbook whose first worksheet holds just this XML as its rows."""
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_parts(save_workbook(load_sheet()), {SHEET_PART: head + rows + b"</sheetData></worksheet>"})


def numbered(element: bytes, count: int) -> bytes:
    """Many elements that do not compress into nothing."""
    return b"".join(element % number for number in range(100, 100 + count))


def changed(change: Callable[[Any], object]) -> bytes:
    """A workbook to whose first sheet something was done."""
    book = load_sheet()
    change(book.worksheets[0])
    return save_workbook(book)


def on_sheet_2() -> bytes:
    book = load_sheet()
    book.create_sheet("表紙", 0).append(["教育庁より"])
    return save_workbook(book)


def twice() -> bytes:
    book = load_sheet()
    copy = book.create_sheet("写し")
    for row in book.worksheets[0].iter_rows(values_only=True):
        copy.append(row)
    return save_workbook(book)


def many_columns(sheet: Any) -> None:
    sheet.cell(2, 60, "遠い列")


def zip_of(names: Mapping[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return made.getvalue()


def lines(text: str) -> str:
    return "\n".join(text.splitlines()[:2])


def long_csv() -> bytes:
    head, row, *_ = sheet_csv().decode("utf-8-sig").splitlines()
    return "\n".join([head, *[row] * 5001]).encode()


def ole(inside: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + inside + bytes(2048)


def with_entries(change: Callable[[ZipInfo], object]) -> bytes:
    """A workbook with what its directory says of each part changed."""
    made = BytesIO()
    with ZipFile(BytesIO(save_workbook(load_sheet()))) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
        for entry in new.infolist():
            change(entry)
    return made.getvalue()


def patched(entry: ZipInfo) -> None:
    entry.flag_bits |= 0x20


def locked(entry: ZipInfo) -> None:
    entry.flag_bits |= 1


def of_one_name(entry: ZipInfo) -> None:
    entry.filename = SHEET_PART if entry.filename == "xl/worksheets/sheet2.xml" else entry.filename


DTD = b'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a "aaaa">%s]>'
BOMB = b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"lol" * 10) for n in range(10))

# The name of the file, what it is, and words of the sentence that answers it.
REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("空.xlsx", lambda: b"", "ファイルが空です"),
    ("空白.csv", lambda: b" \r\n\r\n ", "ファイルが空です"),
    ("大きい.csv", lambda: b"a" * (5 * 1024 * 1024 + 1), "5MBを超えています"),
    ("古い.xls", lambda: ole(b"Workbook"), "古い形式のExcelファイル（.xls）"),
    ("古い.xlsx", lambda: ole(b"Workbook"), "古い形式のExcelファイル（.xls）"),
    ("鍵.xlsx", lambda: ole("EncryptedPackage".encode("utf-16-le")), "パスワードを外して"),
    ("文書.pdf", lambda: b"%PDF-1.7\n...", "ExcelブックでもCSVでもない"),
    ("ページ.xls", lambda: b"\n<html><table><tr><td>1</td></tr></table></html>", "ExcelブックでもCSVでもない"),
    ("文書.rtf", lambda: b"{\\rtf1}", "ExcelブックでもCSVでもない"),
    ("絵.csv", lambda: b"\x89PNG\r\n\x1a\n\x00\x00", "ExcelブックでもCSVでもない"),
    ("切れた.xlsx", lambda: save_workbook(load_sheet())[:4000], "途中で切れています"),
    ("端.xlsx", lambda: b"PK\x03\x04", "壊れている"),
    ("終わり.xlsx", lambda: save_workbook(load_sheet())[:-30], "壊れている"),
    ("化けた.xlsx", lambda: save_workbook(load_sheet()).replace(b"\x00\x08\x00", b"\x00\x63\x00"), "壊れている"),
    ("ただの.zip", lambda: zip_of({"メモ.txt": b"a"}), "Excelブック（.xlsx）ではない"),
    (
        "文書.docx",
        lambda: zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}),
        "ではないファイルです",
    ),
    (
        "中身なし.xlsx",
        lambda: zip_of({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        "壊れている",
    ),
    (
        "入れ子.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/embeddings/a.bin": zip_of({"a": b"b"})}),
        "別の圧縮ファイル",
    ),
    (
        "部品.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {f"xl/x{n}.xml": b"<a/>" for n in range(200)}),
        "部品が200を",
    ),
    (
        "爆弾.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/b.xml": b"<a>" + b" " * 49_000_000 + b"</a>"}),
        "大きくなりすぎ",
    ),
    (
        "大物.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/b.xml": b"<a>" + b" " * 60_000_000 + b"</a>"}),
        "大きくなりすぎ",
    ),
    (
        "宣言.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: lambda old: DTD % b"" + old.partition(b"?>")[2]}),
        "DTD",
    ),
    (
        "実体.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/styles.xml": DTD % BOMB + b"<a>&b9;</a>"}),
        "DTD",
    ),
    (
        "宣言16.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: "\ufeff<!DOCTYPE a><a/>".encode("utf-16-le")}),
        "DTD",
    ),
    (
        "乱れ.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: b"<worksheet><sheetData>"}),
        "壊れている",
    ),
    (
        "宣言の別名.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()),
            {
                "[Content_Types].xml": lambda old: old.replace(
                    b"</Types>", b'<Override PartName="/xl/odd.dat" ContentType="application/xml"/></Types>'
                ),
                "xl/odd.dat": DTD % b"" + b"<a/>",
            },
        ),
        "DTD",
    ),
    (
        "文字コード.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: b'<?xml version="1.0" encoding="klingon"?><a/>'}),
        "壊れている",
    ),
    ("差分.xlsx", lambda: with_entries(patched), "壊れている"),
    ("暗号.xlsx", lambda: with_entries(locked), "暗号化を外して"),
    ("同じ名.xlsx", lambda: with_entries(of_one_name), "壊れている"),
    ("別の圧縮.xlsx", lambda: with_parts(save_workbook(load_sheet()), {}, ZIP_BZIP2), "壊れている"),
    (
        "二つの値.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()), {SHEET_PART: lambda old: re.sub(rb"(<c r=.I3.*?</c>)", rb"\1\1", old)}
        ),
        "壊れている",
    ),
    (
        "数でない数.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()), {SHEET_PART: lambda old: old.replace(b"<v>20000<", b"<v>nan<")}
        ),
        "壊れている",
    ),
    (
        "つながりなし.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/_rels/workbook.xml.rels": b"<Relationships/>"}),
        "壊れている",
    ),
    ("入れ替え.xlsx", lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: b"<sst/>"}), "壊れている"),
    (
        "書式の入れ替え.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/styles.xml": b"<theme/>"}),
        "壊れている",
    ),
    (
        "一覧なし.xlsx",
        lambda: with_parts(save_workbook(load_sheet()), {"xl/workbook.xml": b"<workbook/>"}),
        "壊れている",
    ),
    ("部品なし.xlsx", lambda: with_parts(save_workbook(load_sheet()), {SHEET_PART: None}), "「行キー」の列がない"),
    ("行だけ.xlsx", lambda: sheet_with(b"<row/>" * 1_000_001), "大きくなりすぎ"),
    ("行だらけ.xlsx", lambda: sheet_with(numbered(b'<row r="%d"/>', 1_000_001)), "行や欄が多すぎます"),
    (
        "欄だらけ.xlsx",
        lambda: sheet_with(b"<row>" + numbered(b'<c r="A%d"/>', 1_000_001) + b"</row>"),
        "行や欄が多すぎます",
    ),
    (
        "最後の行.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()),
            {
                SHEET_PART: lambda old: old.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
                )
            },
        ),
        "1,048,576行目に値があります",
    ),
    (
        "長い.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()),
            {
                SHEET_PART: lambda old: old.replace(
                    b"</sheetData>", b'<row><c t="n"><v>1</v></c></row>' * 5001 + b"</sheetData>"
                )
            },
        ),
        "一度に読めるのは5,000行まで",
    ),
    ("広い.xlsx", lambda: changed(many_columns), "読めるのは50列まで"),
    (
        "題.xlsx",
        lambda: changed(lambda sheet: sheet.insert_rows(1, 2) or sheet.cell(1, 1, "令和３年度")),
        "列の名が3行目にあります",
    ),
    ("結合.xlsx", lambda: changed(lambda sheet: sheet.merge_cells("D2:E2")), "結合を解いて"),
    ("別.xlsx", lambda: changed(lambda sheet: sheet.delete_cols(sheet.max_column)), "「行キー」の列がない"),
    ("二つ.xlsx", twice, "の複数あります"),
    ("見出しだけ.xlsx", lambda: changed(lambda sheet: sheet.delete_rows(2, 100)), "列の名の下に行がありません"),
    ("何もない.xlsx", lambda: sheet_with(b""), "「行キー」の列がない"),
    ("長い.csv", long_csv, "一度に読めるのは5,000行まで"),
    ("広い.csv", lambda: sheet_csv().replace(b"\r\n", b"," * 60 + b"1\r\n"), "読めるのは50列まで"),
    ("題.csv", lambda: "令和３年度\r\n\r\n".encode() + sheet_csv()[3:], "列の名が3行目にあります"),
    ("別.csv", lambda: b"a,b\r\n1,2\r\n", "「行キー」の列がない"),
    ("タブ.csv", lambda: sheet_csv().replace(b",", b"\t"), "タブで区切られた"),
    ("引用.csv", lambda: sheet_csv() + b'"a,b\r\n', "引用符"),
    ("十六.csv", lambda: sheet_csv().decode("utf-8-sig").encode("utf-16"), "UTF-16"),
    ("壊れた.csv", lambda: sheet_csv() + b"\xff\xfe\x81", "文字コードを読み取れません"),
    ("見出し.csv", lambda: sheet_csv().splitlines()[0], "列の名の下に行がありません"),
    ("何年.csv", lambda: sheet_csv().replace(b"2021", "先年".encode()), "何年度のシートか分かりません"),
]
READ: list[tuple[str, Callable[[], bytes], list[str]]] = [
    ("そのまま.xlsx", lambda: save_workbook(load_sheet()), []),
    ("表紙の次.xlsx", on_sheet_2, ["シート「予算シート」を読みました。"]),
    ("拡張子違い.csv", lambda: save_workbook(load_sheet()), []),
    ("拡張子違い.xlsx", sheet_csv, []),
    ("無圧縮.xlsx", lambda: with_parts(save_workbook(load_sheet()), {}, ZIP_STORED), []),
    ("シフトJIS.csv", lambda: sheet_csv(encoding="cp932"), ["文字コードをシフトJIS（CP932）として読みました。"]),
    ("BOMなし.csv", lambda: sheet_csv()[3:], []),
    ("改行LF.csv", lambda: sheet_csv().replace(b"\r\n", b"\n"), []),
    ("空行.csv", lambda: sheet_csv().replace(b"\r\n", b"\r\n,,,\r\n\r\n") + b"\r\n" * 20_000, []),
    ("空行.xlsx", lambda: changed(lambda sheet: sheet.insert_rows(3, 50)), []),
    (
        "書式だけの行.xlsx",
        lambda: with_parts(
            save_workbook(load_sheet()),
            {
                SHEET_PART: lambda old: old.replace(
                    b"</sheetData>", numbered(b'<row r="%d"/>', 300_000) + b"</sheetData>"
                )
            },
        ),
        [],
    ),
]
