"""Upload limits, checked before parsing: file type by content, file size, rows and columns."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from dxportal.sheets.package import SAVE_AS_XLSX, ZIP_SIGNATURE
from dxportal.sheets.parsed_file import RefusedFileError, Worksheet

MAX_UPLOAD_BYTES = 5 * 1024 * 1024
MAX_UPLOAD_ROWS = 5000
MAX_UPLOAD_COLUMNS = 50
LAST_UPLOAD_ROW = 20_000  # last row that may hold a value

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class BoundedUpload(FileUploadHandler):
    """Upload handler that stops at `MAX_UPLOAD_BYTES` bytes, so that the rest is not even written to disk."""

    received = 0  # bytes of the current file

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD_BYTES:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handler builds the file."""


def is_too_large(request: HttpRequest) -> bool:
    """Tell whether an upload of this request, whose body has been read, was stopped as too large."""
    handlers = [handler for handler in request.upload_handlers if isinstance(handler, BoundedUpload)]
    return any(handler.received > MAX_UPLOAD_BYTES for handler in handlers)


def too_large_error() -> RefusedFileError:
    return RefusedFileError(
        "ファイルが5MBを超えています。使わないシートや画像を消して小さくしてから、選び直してください。"
    )


def is_workbook(data: bytes) -> bool:
    """Tell an XLSX (True) from a CSV (False) by its first bytes; raise RefusedFileError for everything else."""
    if not data.strip():
        raise RefusedFileError("ファイルが空です。書き込んだシートを選び直してください。")
    if len(data) > MAX_UPLOAD_BYTES:
        raise too_large_error()
    if data.startswith(ZIP_SIGNATURE):
        return True
    if data.startswith(OLE_SIGNATURE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise RefusedFileError(
            "パスワードの付いたファイルは読めません。パスワードを外して保存してから、選び直してください。"
            if is_encrypted
            else f"古い形式のExcelファイル（.xls）は読めません。{SAVE_AS_XLSX}"
        )
    if data.lstrip()[:1] == b"<" or data.startswith((b"%PDF", b"{\\rtf", b"PK")):
        raise RefusedFileError(f"ExcelブックでもCSVでもないファイルです。{SAVE_AS_XLSX}")
    return False


def check_size(sheet: Worksheet) -> None:
    """Raise RefusedFileError for a worksheet with too many non-empty rows, or a value too far down or right."""
    if sheet.filled_rows > MAX_UPLOAD_ROWS + 1:
        raise RefusedFileError(
            f"シート「{sheet.title}」に{sheet.filled_rows:,}行あります。一度に読めるのは{MAX_UPLOAD_ROWS:,}行までです。部局ごとに分けてください。"
        )
    if sheet.last_row > LAST_UPLOAD_ROW:
        raise RefusedFileError(
            f"シート「{sheet.title}」の{sheet.last_row:,}行目に値があります。表から離れたところの値を消してから、選び直してください。"
        )
    if sheet.last_column > MAX_UPLOAD_COLUMNS:
        raise RefusedFileError(
            f"シート「{sheet.title}」に列が{sheet.last_column}あります。読めるのは{MAX_UPLOAD_COLUMNS}列までです。表の右の値を消してください。"
        )
