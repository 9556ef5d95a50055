"""Import of an uploaded sheet: a change set, whose page is the preview, or a list of problems."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from catalog.hidden_characters import find_hidden
from catalog.models import Department
from catalog.models.base import CODE_VALIDATOR
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import Change
from dxportal.changesets.recording import record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import filter_unpublished
from dxportal.changesets.time_travel import NoSuchRevisionError, travel_to_revision
from dxportal.changesets.workflow import create_set, replace_changes, to_single_line
from dxportal.cp932 import describe_replacements
from dxportal.exports.excel import NUMBER_FORMATS
from dxportal.money_and_years import fiscal_year
from dxportal.revisions.publish import current_revision
from dxportal.sheets import parse_cells
from dxportal.sheets.annotated_copy import NO_COPY_NOTE, annotate
from dxportal.sheets.budget_sheet import (
    ALL_DEPARTMENTS,
    DEPARTMENT_LABEL,
    FORMAT_LABEL,
    KEY_COLUMN,
    REVISION_LABEL,
    SHEET_FORMAT,
    SHEET_TABLE,
    SHEET_YEAR_LABEL,
    UNSTATED_FORMAT,
    BudgetSheet,
)
from dxportal.sheets.diff_base import DiffBase
from dxportal.sheets.diff_sheet import diff_file
from dxportal.sheets.file_reader import read_file
from dxportal.sheets.models import Upload, UploadResult
from dxportal.sheets.parsed_file import ParsedFile, RefusedFileError, SheetProblem, cell_to_text, fold_cell
from dxportal.sheets.writing import write_edits
from dxportal.tables.amount_columns import AMOUNT_COLUMNS
from projects.models import Project

MAX_STORED_PROBLEMS = 100
SOURCE_LABEL = "予算シート"

logger = logging.getLogger(__name__)


class InvalidCellsError(Exception):
    """Raised for a file with invalid cells; none of its edits is saved."""

    def __init__(self, sheet: BudgetSheet, problems: list[SheetProblem], rows: int) -> None:
        self.sheet, self.problems, self.rows = sheet, problems, rows


@dataclass(frozen=True)
class Sender:
    """Sender of a sheet, with the departments whose lines they may propose (None: all).

    `check` raises PermissionDenied, with a sentence, for a change that they may not propose.
    """

    user: User
    departments: Collection[Department] | None
    check: Callable[[list[Change]], None]


def receive_upload(sender: Sender, name: str, data: bytes) -> Upload:
    """Read an uploaded sheet; save its edits as a change set of the sender, or report its problems.

    Returns the saved record of the upload, whatever its outcome.
    """
    upload = Upload(user=sender.user, file_name=to_single_line(name) or "名のないファイル", size=len(data))
    upload.sha256 = sha256(data).hexdigest()
    try:
        file = read_file(data, (KEY_COLUMN.name, str(KEY_COLUMN.label)))
        upload.notes = file.notes
        import_file(upload, file, sender)
    except (RefusedFileError, PermissionDenied) as error:
        upload.result, upload.reason = UploadResult.REFUSED, str(error)
    except InvalidCellsError as error:
        upload.result, upload.rows = UploadResult.FAULTY, error.rows
        upload.problem_count = len(error.problems)
        upload.problems = [
            asdict(problem) | {"place": problem.place} for problem in error.problems[:MAX_STORED_PROBLEMS]
        ]
        upload.marked, notes = write_annotated_copy(file, error)
        upload.notes = [*file.notes, *notes]
    Upload.objects.forget_old_copies()
    upload.save()
    return upload


def write_annotated_copy(file: ParsedFile, error: InvalidCellsError) -> tuple[bytes | None, list[str]]:
    """Return the annotated copy and notes; if it cannot be written, None and a note: the list of problems must do."""
    columns = [error.sheet.by_header.get(fold_cell(header)) for header in file.headers]
    formats = [NUMBER_FORMATS.get(column.type, "General") if column else "General" for column in columns]
    try:
        return annotate(file, error.problems, formats, error.sheet.choices(columns))
    except Exception:
        logger.exception("No annotated copy of an upload could be written")
        return None, [NO_COPY_NOTE]


def import_file(upload: Upload, file: ParsedFile, sender: Sender) -> None:
    check_format(file)
    sheet, revision = identify_sheet(file, sender.departments)
    upload.fiscal_year = sheet.year
    changes, upload.rows = compute_changes(file, sheet, revision)
    if not filter_unpublished(map(RowDifference.of, changes)):
        changes = []  # all of it has been published meanwhile, by another sheet or by this one sent earlier
    sender.check(changes)
    upload.changes = len(changes)
    if note := describe_replacements(text for change in changes for text in change.texts):
        upload.notes.append(note)
    upload.result = UploadResult.KEPT if changes else UploadResult.UNCHANGED
    if changes:
        title = f"{fiscal_year(sheet.year)}の予算シート（{sheet.department or ALL_DEPARTMENTS}）"
        with transaction.atomic():
            change_set = create_set(upload.user, title, f"{SOURCE_LABEL} {upload.file_name}")
            upload.change_set = replace_changes(change_set, changes)


def check_format(file: ParsedFile) -> None:
    """Raise RefusedFileError for a sheet of other columns; without a metadata sheet, the header tells."""
    is_of_format = fold_cell(file.metadata.get(FORMAT_LABEL, UNSTATED_FORMAT)) == str(SHEET_FORMAT)
    if not file.metadata.keys() & {FORMAT_LABEL, REVISION_LABEL}:
        headers = {*map(fold_cell, file.headers)}
        amounts, limits = (
            headers & {name, fold_cell(SHEET_TABLE.by_name[name].label)} for name in AMOUNT_COLUMNS.values()
        )
        is_of_format = bool(limits) or not amounts  # format 1 had one column for both kinds of amount
    if not is_of_format:
        raise RefusedFileError(
            "このシートの形式は、今のポータルでは読めません。シートを受け取り直し、書き込みを写してください。"
        )


def identify_sheet(file: ParsedFile, departments: Collection[Department] | None) -> tuple[BudgetSheet, int]:
    """Return the sheet that a file was made from, and its revision: by default the current one, -1 if invalid."""
    if not file.rows:
        raise RefusedFileError("列の名の下に行がありません。書き込んだシートを選び直してください。")
    year = file.metadata.get(SHEET_YEAR_LABEL) or find_first_value(file, "fiscal_year", "年度")
    try:
        year = parse_cells.parse_year_cell(year)
    except parse_cells.ExpectedError as error:
        raise RefusedFileError(f"何年度のシートか分かりません。{error}") from error
    code = fold_cell(file.metadata.get(DEPARTMENT_LABEL) or find_first_value(file, "department_code", "部局コード"))
    written = cell_to_text(file.metadata.get(REVISION_LABEL, current_revision()))
    revision = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1
    if file.kind == "xlsx" and REVISION_LABEL not in file.metadata:
        file.notes.append("シートの版が分からないので、今公開されている内容と比べました。")
    return BudgetSheet(year, identify_department(file, code, departments)), revision


def identify_department(file: ParsedFile, code: str, departments: Collection[Department] | None) -> Department | None:
    if departments is None:
        # Only a sheet that names its department is of one; any other is of all. Compared in Python, not by a query,
        # because the text is untrusted.
        candidates = Department.objects.all() if DEPARTMENT_LABEL in file.metadata else ()
        return next((department for department in candidates if department.code == code), None)
    matching = [
        department for department in departments if department.code == code or (not code and len(departments) == 1)
    ]
    department = next(iter(matching), None)
    if department is None:
        labels = "・".join(f"「{department}」" for department in departments) or "ありません"
        raise RefusedFileError(f"このシートの部局は、あなたの役割では取り込めません。取り込める部局は{labels}です。")
    return department


def find_first_value(file: ParsedFile, *headers: str) -> Any:
    indices = [index for index, header in enumerate(file.headers) if fold_cell(header) in headers]
    values = (row.cells[index] for row in file.rows for index in indices[:1] if fold_cell(row.cells[index]))
    return next(values, None)


def collect_codes(file: ParsedFile, sheet: BudgetSheet) -> set[str]:
    """Collect the project codes of a file: from its codes, the beginnings of its row keys, or else its project names.

    Texts that are not valid codes or names are left out, because they must not reach a query.
    """
    columns = [sheet.by_header.get(fold_cell(header)) for header in file.headers]
    indices = [index for index, column in enumerate(columns) if column and column.name in ("key", "project_code")]
    of_names = [index for index, column in enumerate(columns) if column and column.name == "project_name"]
    texts: set[str] = set()
    names: set[str] = set()
    for row in file.rows:
        texts_of_row = {fold_cell(row.cells[index]).partition("/")[0] for index in indices} - {""}
        texts |= texts_of_row
        if not texts_of_row:
            names |= {parse_cells.parse_name(row.cells[index]) for index in of_names}
    names = {name for name in names if name and not find_hidden(name)}
    of_named = Project.objects.filter(name__in=names).values_list("code", flat=True) if names else ()
    return {text for text in texts if is_code(text)} | set(of_named)


def is_code(text: str) -> bool:
    try:
        CODE_VALIDATOR(text)
    except ValidationError:
        return False
    return True


def compute_changes(file: ParsedFile, sheet: BudgetSheet, revision: int) -> tuple[list[Change], int]:
    """Return a file's changes to the catalogue at the sheet's revision, and the number of rows read."""
    try:
        with travel_to_revision(revision), record_changes() as recorder:
            base = DiffBase.of(sheet, collect_codes(file, sheet))
            edits = diff_file(file, base)
            if edits.problems:
                raise InvalidCellsError(sheet, edits.problems, edits.rows)
            write_edits(edits, base)
    except NoSuchRevisionError as error:
        raise RefusedFileError(
            "シートを受け取ったあとで、カタログが読み込み直されたか、ポータルが新しい版になったので、比べられません。シートを受け取り直し、書き込みを写してください。"
        ) from error
    except IntegrityError as error:
        raise RefusedFileError(
            "同じ事業・内訳・予算区分・種別の行が二つになる変更があります。シートを受け取り直して、書き込みを写してください。"
        ) from error
    except RefusedByCatalogueError as error:
        raise RefusedFileError(str(error)) from error
    return recorder.changes, edits.rows
