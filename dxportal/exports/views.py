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
from dxportal.exports.concurrency import in_a_place
from dxportal.exports.csv_files import ENCODINGS, cp932_pieces, utf8_pieces
from dxportal.exports.excel import NotInExcelError, write_excel
from dxportal.exports.file_names import file_name
from dxportal.exports.json_files import json_pieces
from dxportal.exports.metadata_sheet import About
from dxportal.tables.cell_values import cells, header
from dxportal.tables.selections import Selection
from dxportal.tables.table import Table

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = ("label", "name")
BUSY = _("いま、ほかの方のファイルをたくさん書き出しています。一分ほどおいて、もう一度開いてください。")
RETRY_AFTER = 60  # seconds


class RefusedError(Exception):
    """Raised if a file cannot be made as requested; `reasons` are sentences for the reader."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons


def file_of(table: Table, extension: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make the view that serves a table in one format."""
    write = WRITERS[extension]

    def view(request: HttpRequest) -> HttpResponseBase:
        selection = Selection(table, request.GET)
        try:
            if selection.problems:
                raise RefusedError(*selection.problems)
            response = in_a_place(request, lambda: write(request, selection))
        except LimitReachedError:
            response = refusal(request, selection, extension, (str(BUSY),), status=HTTPStatus.SERVICE_UNAVAILABLE)
            response["Retry-After"] = str(RETRY_AFTER)
            return response
        except (RefusedError, NotInExcelError) as error:
            return refusal(request, selection, extension, getattr(error, "reasons", (str(error),)))
        if extension != "json":
            name = file_name(selection, extension)
            response["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response

    return view


def csv_answer(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    encoding = option(request, "encoding", ENCODINGS)
    by_name = option(request, "header", HEADERS) == "name"
    content_type = "text/csv; charset=" + ("utf-8" if encoding == "utf-8" else "Shift_JIS")
    columns = selection.table.in_files
    labels, rows = header(columns, by_name=by_name), cells(columns, selection.table_rows, by_name=by_name)
    pieces = utf8_pieces if encoding == "utf-8" else cp932_pieces
    return StreamingHttpResponse(pieces(labels, rows), content_type=content_type)


def excel_answer(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    by_name = option(request, "header", HEADERS) == "name"
    about = About.of(selection, current_plan())
    columns = selection.table.in_files
    labels = header(columns, by_name=by_name)
    rows = cells(columns, selection.table_rows, by_name=by_name, changed=about.changed)
    return written(lambda file: write_excel(file, labels, rows, about), EXCEL)


def json_answer(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    pieces = (piece.encode() for piece in json_pieces(selection))
    return StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8")


def written(write: Callable[[BinaryIO], None], content_type: str) -> FileResponse:
    """Write a file to disk before sending it, so that errors still become a page; it is deleted with the response."""
    file = TemporaryFile()  # noqa: SIM115  # closed with the response
    try:
        write(file)
    except Exception:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, content_type=content_type)


def option(request: HttpRequest, name: str, known: tuple[str, ...]) -> str:
    """Return a download-only parameter, by default the first of `known`; raise RefusedError for another value."""
    value = request.GET.get(name, "").strip() or known[0]
    if value not in known:
        raise RefusedError(
            gettext("「%(name)s」には %(known)s のどれかを指定してください（「%(value)s」はありません）。")
            % {"name": name, "known": "・".join(known), "value": value[:20]}
        )
    return value


def refusal(
    request: HttpRequest, selection: Selection, extension: str, reasons: tuple[str, ...], status: int = 400
) -> HttpResponse:
    """Return an error page or JSON with the reasons: a file cannot show that a filter was ignored, as a page can."""
    if extension == "json":
        return JsonResponse({"errors": list(reasons)}, status=status, json_dumps_params={"ensure_ascii": False})
    context: dict[str, Any] = {"reasons": reasons, "back": selection.address(), "table": selection.table}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        context |= {"is_busy": True, "again": request.get_full_path()}
    else:
        context["others"] = {"CSV": selection.file_address("csv"), "Excel": selection.file_address("xlsx")}
    return render(request, "public/refused.html", context, status=status)


WRITERS: dict[str, Callable[[HttpRequest, Selection], HttpResponseBase]] = {
    "csv": csv_answer,
    "xlsx": excel_answer,
    "json": json_answer,
}
EXTENSIONS = tuple(WRITERS)
