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

from catalog.models import Department
from catalog.models.base import CODE_VALIDATOR
from dxportal.changesets.differences import Difference
from dxportal.changesets.models import Change
from dxportal.changesets.recording import recorded
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import outstanding
from dxportal.changesets.time_travel import NoSuchRevisionError, as_it_was
from dxportal.changesets.workflow import begin, keep, one_line
from dxportal.cp932 import describe_replacements
from dxportal.exports.excel import NUMBER_FORMATS
from dxportal.money_and_years import fiscal_year
from dxportal.revisions.publish import current
from dxportal.sheets import parse_cells
from dxportal.sheets.annotated_copy import NO_COPY, annotate
from dxportal.sheets.base import Base
from dxportal.sheets.cells import Problem, ReadFile, RefusedFileError, folded, plain
from dxportal.sheets.diff_sheet import understand
from dxportal.sheets.models import Result, Upload
from dxportal.sheets.reading import read_file
from dxportal.sheets.sheets import DEPARTMENT, EVERY, KEY, REVISION, YEAR, Sheet
from dxportal.sheets.writing import write

MOST_PROBLEMS = 100
SOURCE = "予算シート"

logger = logging.getLogger(__name__)


class FaultyError(Exception):
    """Raised for a file with invalid cells; none of its edits is saved."""

    def __init__(self, sheet: Sheet, problems: list[Problem], rows: int) -> None:
        self.sheet, self.problems, self.rows = sheet, problems, rows


@dataclass(frozen=True)
class Sender:
    """Sender of a sheet, with the departments whose lines they may propose (None: all).

    `check` raises PermissionDenied, with a sentence, for a change that they may not propose.
    """

    user: User
    departments: Collection[Department] | None
    check: Callable[[list[Change]], None]


def receive(sender: Sender, name: str, data: bytes) -> Upload:
    """Read an uploaded sheet; save its edits as a change set of the sender, or report its problems.

    Returns the saved record of the upload, whatever its outcome.
    """
    upload = Upload(user=sender.user, file_name=one_line(name) or "名のないファイル", size=len(data))
    upload.sha256 = sha256(data).hexdigest()
    try:
        file = read_file(data, (KEY.name, str(KEY.label)))
        upload.notes = file.notes
        import_into(upload, file, sender)
    except (RefusedFileError, PermissionDenied) as error:
        upload.result, upload.reason = Result.REFUSED, str(error)
    except FaultyError as error:
        upload.result, upload.rows = Result.FAULTY, error.rows
        upload.problem_count = len(error.problems)
        upload.problems = [asdict(one) | {"place": one.place} for one in error.problems[:MOST_PROBLEMS]]
        upload.marked, notes = annotated_copy(file, error)
        upload.notes = [*file.notes, *notes]
    Upload.objects.forget_old_copies()
    upload.save()
    return upload


def annotated_copy(file: ReadFile, error: FaultyError) -> tuple[bytes | None, list[str]]:
    """Return the annotated copy and notes; if it cannot be written, None and a note: the list of problems must do."""
    columns = [error.sheet.by_header.get(folded(header)) for header in file.headers]
    formats = [NUMBER_FORMATS.get(column.type, "General") if column else "General" for column in columns]
    try:
        return annotate(file, error.problems, formats, error.sheet.choices(columns))
    except Exception:
        logger.exception("No annotated copy of an upload could be written")
        return None, [NO_COPY]


def import_into(upload: Upload, file: ReadFile, sender: Sender) -> None:
    sheet, revision = sheet_of(file, sender.departments)
    upload.fiscal_year = sheet.year
    changes, upload.rows = changes_of(file, sheet, revision)
    if not outstanding(map(Difference.of, changes)):
        changes = []  # all of it has been published meanwhile, by another sheet or by this one sent earlier
    sender.check(changes)
    upload.changes = len(changes)
    if note := describe_replacements(text for change in changes for text in change.texts):
        upload.notes.append(note)
    upload.result = Result.KEPT if changes else Result.UNCHANGED
    if changes:
        title = f"{fiscal_year(sheet.year)}の予算シート（{sheet.department or EVERY}）"
        with transaction.atomic():
            upload.change_set = keep(begin(upload.user, title, f"{SOURCE} {upload.file_name}"), changes)


def sheet_of(file: ReadFile, departments: Collection[Department] | None) -> tuple[Sheet, int]:
    """Return the sheet that a file was made from, and its revision: by default the current one, -1 if invalid."""
    if not file.rows:
        raise RefusedFileError("列の名の下に行がありません。書き込んだシートを選び直してください。")
    year = file.about.get(YEAR) or first_value(file, "fiscal_year", "年度")
    try:
        year = parse_cells.fiscal_year(year)
    except parse_cells.ExpectedError as error:
        raise RefusedFileError(f"何年度のシートか分かりません。{error}") from error
    code = folded(file.about.get(DEPARTMENT) or first_value(file, "department_code", "部局コード"))
    written = plain(file.about.get(REVISION, current()))
    revision = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1
    if file.kind == "xlsx" and REVISION not in file.about:
        file.notes.append("シートの版が分からないので、今公開されている内容と比べました。")
    return Sheet(year, department_of(file, code, departments)), revision


def department_of(file: ReadFile, code: str, departments: Collection[Department] | None) -> Department | None:
    if departments is None:
        # Only a sheet that names its department is of one; any other is of all. Compared in Python, not by a query,
        # because the text is untrusted.
        of_one = Department.objects.all() if DEPARTMENT in file.about else ()
        return next((department for department in of_one if department.code == code), None)
    known = [
        department for department in departments if department.code == code or (not code and len(departments) == 1)
    ]
    found = next(iter(known), None)
    if found is None:
        own = "・".join(f"「{department}」" for department in departments) or "ありません"
        raise RefusedFileError(f"このシートの部局は、あなたの役割では取り込めません。取り込める部局は{own}です。")
    return found


def first_value(file: ReadFile, *headers: str) -> Any:
    places = [place for place, header in enumerate(file.headers) if folded(header) in headers]
    values = (row.cells[place] for row in file.rows for place in places[:1] if folded(row.cells[place]))
    return next(values, None)


def codes_in(file: ReadFile, sheet: Sheet) -> set[str]:
    """Collect the project codes of a file, from its codes and the beginnings of its row keys.

    Texts that are not valid codes are left out, because they must not reach a query.
    """
    columns = (sheet.by_header.get(folded(header)) for header in file.headers)
    places = [place for place, column in enumerate(columns) if column and column.name in ("key", "project_code")]
    texts = {folded(row.cells[place]).partition("/")[0] for row in file.rows for place in places}
    return {text for text in texts if is_code(text)}


def is_code(text: str) -> bool:
    try:
        CODE_VALIDATOR(text)
    except ValidationError:
        return False
    return True


def changes_of(file: ReadFile, sheet: Sheet, revision: int) -> tuple[list[Change], int]:
    """Return a file's changes to the catalogue at the sheet's revision, and the number of rows read."""
    try:
        with as_it_was(revision), recorded() as recorder:
            base = Base.of(sheet, codes_in(file, sheet))
            found = understand(file, base)
            if found.problems:
                raise FaultyError(sheet, found.problems, found.rows)
            write(found, base)
    except NoSuchRevisionError as error:
        raise RefusedFileError(
            "シートを受け取ったあとで、カタログが読み込み直されたか、ポータルが新しい版になったので、比べられません。シートを受け取り直し、書き込みを写してください。"
        ) from error
    except IntegrityError as error:
        raise RefusedFileError(
            "同じ事業・内訳・予算の区分・種別の行が二つになる変更があります。シートを受け取り直して、書き込みを写してください。"
        ) from error
    except RefusedByCatalogueError as error:
        raise RefusedFileError(str(error)) from error
    return recorder.changes, found.rows
