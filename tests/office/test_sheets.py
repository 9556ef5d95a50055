"""Sheets that LibreOffice has opened and saved: nothing is read otherwise than it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from dxportal.sheets.models import UploadResult
from dxportal.staff.models import Role
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    EQUIPMENT,
    KYOIKU,
    MUSEUM,
    find_cell,
    load_sheet,
    save_workbook,
    send_sheet,
    set_note,
)
from tests.dxportal.staff.staff_actions import create_user
from tests.libreoffice import LibreOffice

pytestmark = pytest.mark.django_db
# Texts that a spreadsheet likes to change.
NOTES = {MUSEUM: "'=1+1\n二行目", EQUIPMENT: "-5"}
CSV = "csv:Text - txt - csv (StarCalc):44,34,%s,1,,0,false,true,false"


@pytest.fixture
def bureau(db: None) -> User:
    for key, note in NOTES.items():
        publish_edits(lambda key=key, note=note: set_note(key, note))
    return create_user("bureau", Role.BUREAU)


@pytest.fixture
def office(tmp_path: Path) -> LibreOffice:
    return LibreOffice(tmp_path)


def converted(office: LibreOffice, content: bytes, to: str, name: str = "sheet.xlsx") -> bytes:
    results = office.convert({name: content}, to)
    (file,) = results.iterdir()
    return file.read_bytes()


def test_a_workbook_that_libreoffice_saves_unedited_changes_nothing(bureau: User, office: LibreOffice) -> None:
    for code in (KYOIKU, None):
        upload = send_sheet(bureau, converted(office, save_workbook(load_sheet(code)), "xlsx"))
        assert (upload.result, upload.problems, upload.reason, upload.notes) == (UploadResult.UNCHANGED, [], "", [])


@pytest.mark.parametrize(
    ("encoding", "notes"), [("76", []), ("64", ["文字コードをシフトJIS（CP932）として読みました。"])]
)
def test_the_csv_that_libreoffice_makes_of_it_changes_nothing(
    bureau: User, office: LibreOffice, encoding: str, notes: list[str]
) -> None:
    upload = send_sheet(bureau, converted(office, save_workbook(load_sheet()), CSV % encoding), "保存.csv")
    assert (upload.result, upload.problems, upload.reason, upload.notes) == (UploadResult.UNCHANGED, [], "", notes)


@pytest.mark.parametrize(
    ("ending", "words"),
    [("xls", "古い形式のExcelファイル"), ("ods", "Excelブック（.xlsx）ではない"), ("html", "でもないファイルです")],
)
def test_other_formats_are_told_apart_by_their_content(
    bureau: User, office: LibreOffice, ending: str, words: str
) -> None:
    upload = send_sheet(bureau, converted(office, save_workbook(load_sheet()), ending), "名は.xlsx")
    assert upload.result == UploadResult.REFUSED
    assert words in upload.reason


def test_a_formula_that_libreoffice_has_calculated_is_an_amount(bureau: User, office: LibreOffice) -> None:
    book = load_sheet()
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = "=20000+1"
    upload = send_sheet(bureau, converted(office, save_workbook(book), "xlsx"))
    assert upload.result == UploadResult.KEPT
    assert upload.change_set is not None
    assert upload.change_set.changes.get().fields == {"amount_thousand_yen": (20000, 20001)}
