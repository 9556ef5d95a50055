"""The gate before any parser: what an uploaded file is, by its content, and whether it is small enough to be read."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from dxportal.imports.cells import RefusedFileError
from dxportal.imports.scanning import SheetScan, damaged, scan

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
HIGHEST_RATIO = 100
MOST_ENTRIES = 200
MOST_ROWS = 5000
MOST_COLUMNS = 50
FARTHEST_ROW = 20_000  # blank rows in between are read one by one

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "Excelで開き、「名前を付けて保存」で「Excel ブック（.xlsx）」を選んで保存してから、選び直してください。"


class BoundedUpload(FileUploadHandler):
    """Takes no more of an upload than the gate would let through; the rest is not even written to disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LARGEST_FILE:
            self.request.is_upload_too_large = True  # type: ignore[union-attr]  # what `is_too_large` asks
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""


def is_too_large(request: Any) -> bool:
    """Whether an upload of this request was stopped because it is too large."""
    return getattr(request, "is_upload_too_large", False)


def too_large() -> RefusedFileError:
    return RefusedFileError(
        "ファイルが5MBを超えています。使わないシートや画像を消して小さくしてから、選び直してください。"
    )


def admit(data: bytes) -> dict[str, SheetScan] | None:
    """Let an XLSX or CSV through; of an XLSX where its worksheets hold values, of a CSV None.

    Raises RefusedFileError, before anything is built from the content, for everything else.
    """
    if not data.strip():
        raise RefusedFileError("ファイルが空です。書き込んだシートを選び直してください。")
    if len(data) > LARGEST_FILE:
        raise too_large()
    if data.startswith(ZIP):
        return admit_workbook(data)
    if data.startswith(OLE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise RefusedFileError(
            "パスワードの付いたファイルは読めません。パスワードを外して保存してから、選び直してください。"
            if is_encrypted
            else f"古い形式のExcelファイル（.xls）は読めません。{SAVE_AS}"
        )
    if data.lstrip()[:1] == b"<" or data.startswith((b"%PDF", b"{\\rtf", b"PK")):
        raise RefusedFileError(f"ExcelブックでもCSVでもないファイルです。{SAVE_AS}")
    return None


def admit_workbook(data: bytes) -> dict[str, SheetScan]:
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, OSError) as error:
        raise damaged() from error
    with archive:
        entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_ENTRIES:
            raise RefusedFileError(f"ファイルの中の部品が{MOST_ENTRIES}を超えています。{SAVE_AS}")
        if unpacked > LARGEST_UNPACKED or unpacked > HIGHEST_RATIO * len(data):
            raise RefusedFileError(
                "ファイルを開くと大きくなりすぎます。使っている範囲だけを新しいブックに写し、保存してから選び直してください。"
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise RefusedFileError("暗号化されたファイルは読めません。暗号化を外して保存してから、選び直してください。")
        names = {entry.filename for entry in entries}
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
            raise RefusedFileError(f"Excelブック（.xlsx）ではないファイルです。{SAVE_AS}")
        return scan(archive)


def check_size(found: SheetScan, sheet: str) -> None:
    """Refuse a worksheet of more rows or columns than are read; blank ones do not count."""
    if found.rows > MOST_ROWS + 1:
        raise RefusedFileError(
            f"シート「{sheet}」に{found.rows:,}行あります。一度に読めるのは{MOST_ROWS:,}行までです。部局ごとに分けてください。"
        )
    if found.last_row > FARTHEST_ROW:
        raise RefusedFileError(
            f"シート「{sheet}」の{found.last_row:,}行目に値があります。表から離れたところの値を消してから、選び直してください。"
        )
    if found.last_column > MOST_COLUMNS:
        raise RefusedFileError(
            f"シート「{sheet}」に列が{found.last_column}あります。読めるのは{MOST_COLUMNS}列までです。表の右の値を消してください。"
        )
