"""Views of budget sheets: download, upload, the problems of an upload, and opening a fiscal year."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from budgets.totals import fiscal_years
from budgets.years import read_years, read_years_of_department
from catalog.models import Department
from dxportal.exports.csv_files import CSV_ENCODINGS
from dxportal.exports.excel import ExcelLimitError
from dxportal.exports.views import EXCEL_CONTENT_TYPE, file_response
from dxportal.money_and_years import fiscal_year
from dxportal.sheets.budget_sheet import ALL_DEPARTMENTS, BudgetSheet
from dxportal.sheets.models import Upload, UploadResult
from dxportal.sheets.upload_limits import is_too_large, too_large_error
from dxportal.sheets.uploading import Sender, receive_upload
from dxportal.staff.change_set_views import read_questions
from dxportal.staff.dashboard import find_visible_uploads
from dxportal.staff.new_year import open_year
from dxportal.staff.open_set import enter_set, signed_in_user
from dxportal.staff.permissions import StaffPermissions, check_may_propose
from dxportal.typed_values import UnreadableError, find_fiscal_year, fold_name, parse_fiscal_year

MAX_UPLOADS_SHOWN = 20
MAX_BYTES_READ = 6 * 1024 * 1024  # bytes; more than upload_limits.py accepts, so that it sees and refuses larger files


@dataclass(frozen=True)
class SheetSelection:
    """Fiscal year and department from the query string, limited to those that the user may see.

    `problems` are sentences about values that do not exist; the latest year in which the sheet has rows, or the first
    choice, is used instead. `years_to_copy` are those with appearances, which a new year copies.
    """

    years: list[int]
    years_to_copy: list[int]
    departments: list[Department]
    year: int
    department: Department | None
    problems: list[str]

    @classmethod
    def of(cls, request: HttpRequest) -> SheetSelection:
        staff = StaffPermissions.of(request.user)
        departments = list(staff.filter_visible(Department.objects.all()))
        if not departments:
            raise PermissionDenied("シートを扱う役割がありません。管理者に役割を頼んでください。")
        typed_year, code = (request.GET.get(name, "").strip() for name in ("year", "department"))
        department = next((row for row in departments if row.code == fold_name(code)), None)
        sheet_department = department if staff.is_bureau else department or departments[0]
        years = read_years_of_department(sheet_department.pk) if sheet_department else read_years()
        year, problems = find_fiscal_year(typed_year, years.all_years), []
        if typed_year and year is None:
            offered = "・".join(fiscal_year(year) for year in years.all_years) or "まだありません"
            problems.append(f"「{typed_year[:20]}」という年度はありません。ある年度は{offered}です。")
        if code and department is None:
            offered = "・".join(map(str, departments))
            problems.append(f"「{code[:20]}」という部局はありません。選べる部局は{offered}です。")
        latest = next(iter(years.own_rows.years or years.all_years), 0)
        return cls(years.all_years, years.appearing.years, departments, year or latest, sheet_department, problems)

    @property
    def sheet(self) -> BudgetSheet:
        return BudgetSheet(self.year, self.department)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_page(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        return process_upload(request)
    return render_sheet_page(request, SheetSelection.of(request))


def render_sheet_page(request: HttpRequest, selection: SheetSelection) -> HttpResponse:
    """Render the page of sheets; with status 400 if a requested year or department does not exist."""
    staff = StaffPermissions.of(request.user)
    context = {
        "title": "予算シート",
        "selection": selection,
        "every": ALL_DEPARTMENTS if staff.is_bureau else "",
        "may_send": staff.is_bureau or bool(staff.editable_departments),
        "uploads": find_visible_uploads(signed_in_user(request))[:MAX_UPLOADS_SHOWN],
        "next_year": max(selection.years_to_copy) + 1 if staff.is_bureau and selection.years_to_copy else 0,
    }
    status = HTTPStatus.BAD_REQUEST if selection.problems else HTTPStatus.OK
    return render(request, "staff/sheets.html", admin.site.each_context(request) | context, status=status)


def process_upload(request: HttpRequest) -> HttpResponseBase:
    """Receive a sheet: redirect to its change set if it was accepted, else to the page of its problems."""
    staff, user = StaffPermissions.of(request.user), signed_in_user(request)
    if not (staff.is_bureau or staff.editable_departments):
        raise PermissionDenied("シートを送る役割がありません。部局編集者の役割を管理者に頼んでください。")
    file = request.FILES.get("sheet")
    if file is None or isinstance(file, list):
        messages.error(
            request, str(too_large_error()) if is_too_large(request) else "ファイルを選んでから、送ってください。"
        )
        return redirect("admin:sheets")
    departments = None if staff.is_bureau else list(Department.objects.filter(pk__in=staff.editable_departments))
    sender = Sender(user, departments, lambda changes: check_may_propose(user, changes))
    upload = receive_upload(sender, str(file.name), file.read(MAX_BYTES_READ))
    if upload.change_set is None:
        return redirect(upload)
    enter_set(request, upload.change_set)
    messages.success(
        request, f"{upload.rows}行を読み、変更{upload.changes}件をまとめました。確かめて、提案してください。"
    )
    for note in upload.notes:
        messages.info(request, note)
    return redirect(upload.change_set)


@require_GET
def upload_page(request: HttpRequest, number: int) -> HttpResponse:
    visible = find_visible_uploads(signed_in_user(request))
    upload = get_object_or_404(
        Upload.objects.filter(pk__in=visible.values("pk")).defer("marked"),
        pk=number,
    )
    context = {
        "title": str(upload),
        "upload": upload,
        **read_questions(request, upload.change_set),
        "is_unchanged": upload.result == UploadResult.UNCHANGED,
        "more": upload.problem_count - len(upload.problems),
        "has_copy": Upload.objects.filter(pk=number, user=signed_in_user(request), marked__isnull=False).exists(),
    }
    return render(request, "staff/upload.html", admin.site.each_context(request) | context)


@require_GET
def download_annotated_copy(request: HttpRequest, number: int) -> HttpResponseBase:
    """Return the copy with the faulty cells coloured, to the sender alone; it is deleted after a day."""
    upload = get_object_or_404(Upload, pk=number, user=signed_in_user(request))
    if upload.marked is None:
        raise Http404("印を付けた写しは、一日で消えます。もう一度送ると、また作られます。")
    name = f"直すところ_{upload.file_name.rpartition('.')[0] or upload.file_name}.xlsx"
    return set_file_name(FileResponse(BytesIO(bytes(upload.marked)), content_type=EXCEL_CONTENT_TYPE), name)


@require_GET
def sheet_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    selection = SheetSelection.of(request)
    if selection.problems:
        return render_sheet_page(request, selection)
    sheet = selection.sheet
    encoding = request.GET.get("encoding", CSV_ENCODINGS[0])
    if encoding not in CSV_ENCODINGS:
        raise Http404
    charset = "utf-8" if encoding == CSV_ENCODINGS[0] else "Shift_JIS"
    try:
        if ending == "xlsx":
            response = file_response(sheet.write_excel, EXCEL_CONTENT_TYPE)
        else:
            response = file_response(lambda file: sheet.write_csv(file, encoding), f"text/csv; charset={charset}")
    except ExcelLimitError as error:
        messages.error(request, str(error))
        return redirect("admin:sheets")
    return set_file_name(response, f"{sheet.name}.{ending}")


def set_file_name(response: FileResponse, name: str) -> FileResponse:
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_POST
def new_year(request: HttpRequest) -> HttpResponseBase:
    if not StaffPermissions.of(request.user).is_bureau:
        raise PermissionDenied("年度を始めるのは、デジタル推進部門です。")
    base = find_fiscal_year(request.POST.get("base", ""), fiscal_years())
    try:
        year = parse_fiscal_year(request.POST.get("year", ""))
    except UnreadableError as error:
        messages.error(request, f"写す元の年度と、始める年度を確かめてください。{error}")
        return redirect("admin:sheets")
    if base is None or year == base:
        messages.error(request, "写す元の年度と、始める年度を確かめてください。")
        return redirect("admin:sheets")
    change_set = open_year(signed_in_user(request), base, year)
    if change_set is None:
        messages.info(request, f"{fiscal_year(year)}には、写す掲載がもうすべてあります。何も記録していません。")
        return redirect("admin:sheets")
    enter_set(request, change_set)
    messages.success(
        request, "掲載を額なしで写しました。確かめて提案し、公開されると、その年度のシートを受け取れます。"
    )
    return redirect(change_set)
