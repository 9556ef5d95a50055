"""Download views: each table's page has its files at the same path with an extension."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.changesets.current_plan import current_plan
from dxportal.concurrency_limits import LimitReachedError
from dxportal.exports.concurrency import respond_holding_slot
from dxportal.exports.csv_files import CSV_ENCODINGS, cp932_chunks, utf8_chunks
from dxportal.exports.excel import ExcelLimitError, write_excel
from dxportal.exports.file_names import download_name
from dxportal.exports.json_files import json_chunks
from dxportal.exports.metadata_sheet import FileMetadata
from dxportal.tables.cell_values import render_headers, render_rows
from dxportal.tables.selections import Selection
from dxportal.tables.table import Table

EXCEL_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER_STYLES = ("label", "name")
BUSY_MESSAGE = _("ほかの方のファイルを多数作成しています。1分ほどおいて、もう一度お試しください。")
RETRY_DOWNLOAD_AFTER = 60  # seconds


class DownloadRefusedError(Exception):
    """Raised if a file cannot be made as requested; `reasons` are sentences for the reader."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons


def make_download_view(table: Table, extension: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make the view that serves a table in one format."""
    write = WRITERS[extension]

    def view(request: HttpRequest) -> HttpResponseBase:
        selection = Selection(table, request.GET)
        try:
            if selection.problems:
                raise DownloadRefusedError(*selection.problems)
            response = respond_holding_slot(request, lambda: write(request, selection))
        except LimitReachedError:
            response = refusal_response(
                request, selection, extension, (str(BUSY_MESSAGE),), status=HTTPStatus.SERVICE_UNAVAILABLE
            )
            response["Retry-After"] = str(RETRY_DOWNLOAD_AFTER)
            return response
        except (DownloadRefusedError, ExcelLimitError) as error:
            return refusal_response(request, selection, extension, getattr(error, "reasons", (str(error),)))
        if extension != "json":
            name = download_name(selection, extension)
            response["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response

    return view


def respond_with_csv(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    encoding = read_option(request, "encoding", CSV_ENCODINGS)
    by_name = read_option(request, "header", HEADER_STYLES) == "name"
    content_type = "text/csv; charset=" + ("utf-8" if encoding == "utf-8" else "Shift_JIS")
    columns = selection.table.in_files
    labels, rows = render_headers(columns, by_name=by_name), render_rows(columns, selection.table_rows, by_name=by_name)
    encode = utf8_chunks if encoding == "utf-8" else cp932_chunks
    return StreamingHttpResponse(encode(labels, rows), content_type=content_type)


def respond_with_excel(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    by_name = read_option(request, "header", HEADER_STYLES) == "name"
    about = FileMetadata.of_selection(selection, current_plan())
    columns = selection.table.in_files
    labels = render_headers(columns, by_name=by_name)
    rows = render_rows(columns, selection.table_rows, by_name=by_name, replaced=about.replaced)
    return file_response(lambda file: write_excel(file, labels, rows, about), EXCEL_CONTENT_TYPE)


def respond_with_json(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    chunks = (chunk.encode() for chunk in json_chunks(selection))
    return StreamingHttpResponse(chunks, content_type="application/json; charset=utf-8")


def file_response(write: Callable[[BinaryIO], None], content_type: str) -> FileResponse:
    """Write a file to disk before sending it, so that errors still become a page; it is deleted with the response."""
    file = TemporaryFile()  # noqa: SIM115  # closed with the response
    try:
        write(file)
    except Exception:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, content_type=content_type)


def read_option(request: HttpRequest, name: str, options: tuple[str, ...]) -> str:
    """Return a download-only parameter, by default the first option; raise DownloadRefusedError for others."""
    value = request.GET.get(name, "").strip() or options[0]
    if value not in options:
        raise DownloadRefusedError(
            gettext("「%(name)s」には %(known)s のどれかを指定してください（「%(value)s」はありません）。")
            % {"name": name, "known": "・".join(options), "value": value[:20]}
        )
    return value


def refusal_response(
    request: HttpRequest, selection: Selection, extension: str, reasons: tuple[str, ...], status: int = 400
) -> HttpResponse:
    """Return an error page or JSON with the reasons: a file cannot show that a filter was ignored, as a page can."""
    if extension == "json":
        return JsonResponse({"errors": list(reasons)}, status=status, json_dumps_params={"ensure_ascii": False})
    back = selection.address() if selection.table.has_page else ""
    context: dict[str, Any] = {"reasons": reasons, "back": back, "table": selection.table}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        context |= {"is_busy": True, "again": request.get_full_path()}
    else:
        context["others"] = {"CSV": selection.file_address("csv"), "Excel": selection.file_address("xlsx")}
    return render(request, "public/refused.html", context, status=status)


WRITERS: dict[str, Callable[[HttpRequest, Selection], HttpResponseBase]] = {
    "csv": respond_with_csv,
    "xlsx": respond_with_excel,
    "json": respond_with_json,
}
EXTENSIONS = tuple(WRITERS)
