"""The pages of sheets: who may take and send what, what they answer, and the way from a public table."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from budgets.models import Stage
from dxportal.changesets.models import ChangeSet, State
from dxportal.sheets.models import Upload, UploadResult
from dxportal.staff.models import Role
from projects.models import Project
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    KYOIKU,
    MUSEUM,
    fill_sheet,
    find_cell,
    load_sheet,
    save_workbook,
    set_note,
)
from tests.dxportal.staff.staff_actions import create_user, read_questions, sign_in_as, take_step

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(db: None) -> User:
    return create_user("editor", Role.EDITOR, KYOIKU, "somu")


def send(client: Client, data: bytes, name: str = "シート.xlsx", *, follow: bool = True) -> Any:
    return client.post("/admin/sheets/", {"sheet": SimpleUploadedFile(name, data)}, follow=follow)


def status(client: Client, path: str) -> int:
    """The status of an answer that is read to its end, as a browser does."""
    response = client.get(f"/admin/sheets/{path}")
    response.getvalue()
    return response.status_code


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_sheet_is_taken_filled_in_sent_and_leads_to_its_set(editor: User) -> None:
    client = sign_in_as(editor)
    response = client.get("/admin/sheets/sheet.xlsx?year=2021&department=kyoiku")
    assert "予算シート_令和３年度（2021年度）_教育庁_" in unquote(response["Content-Disposition"])
    book = load_workbook(BytesIO(response.getvalue()))
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = "20,001千円"
    response = send(client, save_workbook(book))
    change_set = ChangeSet.objects.get()
    assert response.redirect_chain[-1][0] == change_set.get_absolute_url()
    html = text(response)
    assert "17行を読み、変更1件をまとめました" in html
    assert "20,000千円" in html
    assert "20,001千円" in html
    assert "1,779,412千円" in html
    assert "1,779,413千円" in html
    assert "提案" in text(take_step(client, change_set, "propose"))
    assert ChangeSet.objects.get().state == State.PROPOSED


def test_the_page_of_an_upload_shows_the_questions_that_its_set_asks(editor: User) -> None:
    client = sign_in_as(editor)
    html = text(send(client, fill_sheet({(MUSEUM, AMOUNT): 20_000_000})))
    sentence = "の額が、20,000千円から20,000,000千円へ、100倍以上になります。"
    assert sentence in html
    assert len(read_questions(html)) == 1
    upload = Upload.objects.get()
    html = text(client.get(upload.get_absolute_url()))
    assert sentence in html
    assert "提案するときに、まとまりのページで一つずつ確かめます。" in html
    assert not read_questions(html)
    change_set = ChangeSet.objects.get()
    assert take_step(client, change_set, "propose", question=[]).status_code == 400
    take_step(client, change_set, "propose")
    assert "確かめた人：" in text(client.get(upload.get_absolute_url()))
    assert ChangeSet.objects.get().state == State.PROPOSED


def test_the_page_of_an_upload_shows_no_questions_of_a_set_that_is_not_proposed_yet(editor: User, bureau: User) -> None:
    send(sign_in_as(editor), fill_sheet({(MUSEUM, AMOUNT): 20_000_000}))
    page = sign_in_as(bureau).get(Upload.objects.get().get_absolute_url())
    assert page.status_code == 200
    assert "100倍以上" not in text(page)


def test_an_unedited_sheet_is_answered_calmly(editor: User) -> None:
    response = send(sign_in_as(editor), save_workbook(load_sheet()))
    assert "変わったところはありませんでした" in text(response)
    assert not ChangeSet.objects.exists()


def test_what_is_wrong_is_listed_and_the_marked_copy_is_for_its_sender_alone(editor: User, bureau: User) -> None:
    client = sign_in_as(editor)
    response = send(client, fill_sheet({(MUSEUM, AMOUNT): "二万"}), "提出<b>.xlsx")
    html = text(response)
    assert "直すところが1か所あります" in html
    assert "二万" in html
    assert "千円単位の整数で入れてください" in html
    assert "提出&lt;b&gt;" in html
    upload = Upload.objects.get()
    copy = client.get(f"{upload.get_absolute_url()}marked.xlsx")
    assert load_workbook(BytesIO(copy.getvalue())).worksheets[0].title == "予算シート"
    others = sign_in_as(bureau)
    assert others.get(f"{upload.get_absolute_url()}marked.xlsx").status_code == 404
    assert "marked.xlsx" not in text(others.get(upload.get_absolute_url()))
    stranger = sign_in_as(create_user("stranger", Role.EDITOR, "somu"))
    assert stranger.get(upload.get_absolute_url()).status_code == 404


def test_a_copy_that_is_gone_is_told(editor: User) -> None:
    client = sign_in_as(editor)
    send(client, fill_sheet({(MUSEUM, AMOUNT): "二万"}))
    Upload.objects.update(marked=None)
    upload = Upload.objects.get()
    assert client.get(f"{upload.get_absolute_url()}marked.xlsx").status_code == 404
    assert "marked.xlsx" not in text(client.get(upload.get_absolute_url()))


def test_an_editor_takes_the_sheets_of_own_departments_alone(editor: User) -> None:
    client = sign_in_as(editor)
    html = text(client.get("/admin/sheets/"))
    assert "教育庁" in html
    assert "農林水産部" not in html
    assert "すべての部局" not in html
    assert "新しい年度を始める" not in html
    taken = client.get("/admin/sheets/sheet.csv")
    assert taken.getvalue()
    assert "総務部" in unquote(taken["Content-Disposition"])
    refused = client.get("/admin/sheets/sheet.csv?department=norin-suisan")
    assert refused.status_code == 400
    assert "「norin-suisan」という部局はありません。選べる部局は総務部・教育庁です。" in text(refused)


def test_a_viewer_may_take_and_not_send() -> None:
    client = sign_in_as(create_user("viewer", Role.VIEWER, KYOIKU))
    html = text(client.get("/admin/sheets/"))
    assert "教育庁" in html
    assert 'type="file"' not in html
    assert status(client, "sheet.xlsx") == 200
    assert send(client, save_workbook(load_sheet())).status_code == 403
    assert not Upload.objects.exists()


def test_who_has_no_duty_gets_nothing() -> None:
    client = sign_in_as(create_user("nobody"))
    for path in ("", "sheet.xlsx", "sheet.csv"):
        assert client.get(f"/admin/sheets/{path}").headers["Location"].startswith("/admin/login/")
    assert client.post("/admin/sheets/new-year/", {"base": 2021, "year": 2022}).status_code == 403


def test_nobody_takes_anything_without_signing_in(client: Client) -> None:
    for path in ("", "sheet.xlsx", "sheet.csv", "uploads/1/", "uploads/1/marked.xlsx"):
        assert client.get(f"/admin/sheets/{path}").status_code == 302


@pytest.mark.parametrize(
    "query",
    [
        "year=abc",
        "year=" + "9" * 500,
        "department=" + "x" * 5000,
        "department=%00",
        "year=2021&year=2022",
        "department=%ff",
    ],
)
def test_an_address_that_asks_for_what_there_is_not_is_refused_and_told_what_there_is(bureau: User, query: str) -> None:
    client = sign_in_as(bureau)
    for path in ("", "sheet.xlsx", "sheet.csv"):
        response = client.get(f"/admin/sheets/{path}?{query}")
        assert response.status_code == 400, path
        offered = "ある年度は令和３年度（2021年度）です。" if "year" in query else "選べる部局は総務部・"
        assert offered in text(response)


@pytest.mark.parametrize("query", ["", "year=&department=", "year=R3&department=ＫＹＯＩＫＵ", "year=２０２１"])
def test_an_address_may_be_blank_or_typed_in_any_width(bureau: User, query: str) -> None:
    for path in ("", "sheet.xlsx", "sheet.csv"):
        assert status(sign_in_as(bureau), f"{path}?{query}") == 200, path


def test_what_is_not_there_is_not_found(bureau: User) -> None:
    assert status(sign_in_as(bureau), "sheet.csv?encoding=utf-7") == 404
    assert status(sign_in_as(bureau), "uploads/999999999999999999/") == 404


def test_a_sheet_is_written_whatever_cp932_lacks_and_sent_back_it_is_no_change(bureau: User) -> None:
    publish_edits(lambda: set_note(MUSEUM, "𠮷野〜葛\U000e0100城"))
    publish_edits(lambda: Project.objects.filter(code="museum-exhibition").update(name="展⺬"))
    client = sign_in_as(bureau)
    taken = client.get("/admin/sheets/sheet.csv?year=2021&department=kyoiku&encoding=cp932").getvalue()
    assert "〓野～葛城" in taken.decode("cp932")
    assert "展〓" in taken.decode("cp932")
    about = load_workbook(BytesIO(client.get("/admin/sheets/sheet.xlsx?year=2021&department=kyoiku").getvalue()))
    told = [row[2] for row in about.worksheets[1].iter_rows(values_only=True)]
    assert "「⺬」（U+2EAC）は〓になります" in told
    send(client, taken, "シート.csv")
    assert Upload.objects.get().result == UploadResult.UNCHANGED
    send(client, taken.replace("〓野".encode("cp932"), "〓原".encode("cp932")), "シート.csv")
    assert Upload.objects.latest("pk").change_set.changes.get().after == {"editorial_note": "〓原～葛城"}


def test_a_character_that_cp932_lacks_is_told_where_it_is_typed(bureau: User) -> None:
    client = sign_in_as(bureau)
    assert "CP932" not in text(send(client, fill_sheet({(MUSEUM, "編集注"): "吉野"})))
    html = text(send(client, fill_sheet({(MUSEUM, "編集注"): "𠮷野"})))
    assert "「𠮷」（U+20BB7）は〓になります" in html


def test_the_public_table_leads_to_the_sheet(client: Client) -> None:
    html = text(client.get("/budgets/?year=2021&department=kyoiku&department=somu"))
    assert 'href="/admin/sheets/?year=2021&amp;department=kyoiku"' in html
    assert 'href="/admin/sheets/?year=2021"' in text(client.get("/budgets/?year=2021"))


def test_the_start_page_tells_of_the_last_imports(editor: User, bureau: User) -> None:
    send(sign_in_as(editor), save_workbook(load_sheet()), "二月の分.xlsx")
    assert "二月の分.xlsx" in text(sign_in_as(editor).get("/admin/"))
    assert "二月の分.xlsx" in text(sign_in_as(bureau).get("/admin/"))
    assert "二月の分.xlsx" not in text(sign_in_as(create_user("other", Role.EDITOR, "somu")).get("/admin/"))


def test_a_file_that_is_refused_is_kept_as_a_record(editor: User) -> None:
    response = send(sign_in_as(editor), b"%PDF-1.4", "計画.pdf")
    assert "ExcelブックでもCSVでもない" in text(response)
    assert Upload.objects.get().result == UploadResult.REFUSED


def test_the_sheet_offers_choices_and_locks_what_is_not_to_be_changed(bureau: User) -> None:
    sheet = load_workbook(
        BytesIO(sign_in_as(bureau).get("/admin/sheets/sheet.xlsx?year=2021&department=kyoiku").getvalue())
    ).worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    row = find_cell(sheet, MUSEUM, AMOUNT).row
    locked = {header: sheet.cell(row, number).protection.locked for number, header in enumerate(headers, 1)}
    assert [header for header, is_locked in locked.items() if not is_locked] == [
        "内訳",
        "予算区分",
        "種別",
        "予算額（千円）",
        "融資枠（千円）",
        "編集注",
        "増減の理由",
    ]
    lists = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert lists == {
        "A2:A5001": "選択肢!$A$1:$A$17",
        "D2:D5001": "選択肢!$B$1:$B$1",
        "G2:G5001": f"選択肢!$C$1:$C${Stage.objects.count()}",
        "H2:H5001": "選択肢!$D$1:$D$2",
    }
    assert all(cell.comment and cell.comment.text for cell in sheet[1])
    assert sheet.column_dimensions["I"].width > 10
