"""Cells as people type them: what has one meaning is understood, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.sheets.models import UploadResult
from projects.models import Project, ProjectPart
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    EQUIPMENT,
    KEY,
    KIND,
    KYOIKU,
    LIMIT,
    MUSEUM,
    NAME,
    NOTE,
    PART,
    SILENT,
    STAGE,
    YEAR,
    append_row,
    changed_fields,
    fill_sheet,
    find_cell,
    find_line,
    load_sheet,
    problems_of,
    save_workbook,
    send_sheet,
    sheet_csv,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        (45586, 45586),
        (45586.0, 45586),
        (45586.00000000001, 45586),
        ("45,586", 45586),
        ("４５５８６", 45586),
        ("45,586千円", 45586),
        ("４５，５８６ 千円", 45586),
        (" 45586 ", 45586),
        (0, 0),
        ("0", 0),
    ],
)
def test_amounts_as_people_type_them(editor: User, typed: Any, amount: int) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): typed}))
    assert [fields["amount_thousand_yen"][1] for fields in changed_fields(upload).values()] == [amount]
    assert find_line(MUSEUM).amount_thousand_yen == 20000  # nothing is published


@pytest.mark.parametrize(
    "typed",
    [
        1.5,
        "1.5",
        "1e18",
        10**16,
        True,
        "TRUE",
        "20,00",
        "1,,000",
        "45586①",
        "45586¹",
        "②",
        "500 1",
        "10000\n2000",
        "٣",
        1234.5,
        "2.0001E4",
        "二万",
        "20000円",
        "2万",
    ],
)
def test_what_would_be_a_guess_is_refused(editor: User, typed: Any) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): typed}))
    assert upload.result == UploadResult.FAULTY
    assert len(problems_of(upload)) == 1
    assert problems_of(upload)[0][0].startswith("I")
    assert "千円" in problems_of(upload)[0][2]


def test_a_number_is_what_excel_shows_of_it(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): 10000 * 1.1}))  # stored as 11000.000000000002
    assert [fields["amount_thousand_yen"] for fields in changed_fields(upload).values()] == [(20000, 11000)]
    assert send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): 20000.000000000004})).result == UploadResult.UNCHANGED


@pytest.mark.parametrize("amount", ["45586①", "10,00", "500 1", "2.0001E+04", "1e5"])
def test_a_csv_is_read_as_strictly(editor: User, amount: str) -> None:
    text = sheet_csv().decode("utf-8-sig").replace(",20000,", f',"{amount}",')
    ((where, value, expected),) = problems_of(send_sheet(editor, text.encode(), "シート.csv"))
    assert (where[0], value) == ("I", amount)
    assert "千円単位の整数" in expected


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("年度", "R³", "年度を「2021」"),
        ("年度", "令和３年度（2020年度）", "食い違っています"),
        ("事業コード", "museum-exhibition②", "変えられません"),
        ("予算区分", "当初①", "のどれか"),
    ],
)
def test_no_other_cell_is_guessed_either(editor: User, header: str, value: str, expected: str) -> None:
    ((_, shown, sentence),) = problems_of(send_sheet(editor, fill_sheet({(MUSEUM, header): value})))
    assert shown == value
    assert expected in sentence


def test_a_cell_is_listed_once_and_nothing_that_follows_from_it(editor: User) -> None:
    cells = {
        (MUSEUM, "年度"): 2020,
        (EQUIPMENT, "年度"): "R4①",
        (EQUIPMENT, STAGE): "春",
        (SILENT, AMOUNT): "たくさん",
        (SILENT, STAGE): "春",
        (SILENT, KIND): "予算額",
    }
    places = [where for where, _, _ in problems_of(send_sheet(editor, fill_sheet(cells)))]
    assert sorted(where[0] for where in places) == ["B", "B", "G", "G", "I"]
    assert len(set(places)) == len(places)


def test_the_row_that_takes_the_place_of_a_faulty_row_is_no_second_problem(editor: User) -> None:
    cells = {(MUSEUM, STAGE): "当初", (MUSEUM, AMOUNT): "たくさん"}
    book = load_sheet()
    for (row, header), value in cells.items():
        find_cell(book.worksheets[0], row, header).value = value
    stage = "当初（前年度２月補正を含む）"
    append_row(book.worksheets[0], {YEAR: 2021, CODE: "museum-exhibition", STAGE: stage, KIND: "予算額", AMOUNT: 7})
    ((where, _, _),) = problems_of(send_sheet(editor, save_workbook(book)))
    assert where[0] == "I"


def test_a_new_project_that_is_refused_is_told_once(bureau: User) -> None:
    book = load_sheet(None)
    for amount in (1, 2):
        name = "名" if amount == 1 else None
        row = {YEAR: 2021, CODE: "new-one", NAME: name, "部局コード": "nobody", AMOUNT: amount}
        append_row(book.worksheets[0], row)
    assert [value for _, value, _ in problems_of(send_sheet(bureau, save_workbook(book)))] == ["nobody"]


def test_columns_that_are_missing_are_one_problem(editor: User) -> None:
    book = load_sheet()
    book.worksheets[0].delete_cols(2, 2)
    assert problems_of(send_sheet(editor, save_workbook(book))) == [
        ("1行", "", "「年度」・「事業コード」の列がありません。受け取ったときの列を残してください。")
    ]


def test_a_date_is_no_amount(editor: User) -> None:
    from datetime import date

    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): date(2021, 4, 1)}))
    assert upload.result == UploadResult.FAULTY
    assert problems_of(upload)[0][1] == "2021/4/1"
    assert "日付" in problems_of(upload)[0][2]


def test_a_date_is_no_note(editor: User) -> None:
    from datetime import date

    upload = send_sheet(editor, fill_sheet({(MUSEUM, NOTE): date(2021, 4, 1)}))
    assert upload.result == UploadResult.FAULTY
    assert "日付（2021/4/1）" in problems_of(upload)[0][2]


def test_a_cell_that_is_only_formatted_as_a_date_is_no_change(editor: User) -> None:
    book = load_sheet()
    for header in (AMOUNT, "年度"):
        find_cell(book.worksheets[0], MUSEUM, header).number_format = "yyyy/m/d"
    upload = send_sheet(editor, save_workbook(book))
    assert (upload.result, problems_of(upload)) == (UploadResult.UNCHANGED, [])


@pytest.mark.parametrize(
    "year", ["令和３年度", "R3", "2021", "2021年度", "令和3", "令和３年度（2021年度）", " ２０２１ "]
)
def test_years_as_people_type_them(editor: User, year: str) -> None:
    assert send_sheet(editor, fill_sheet({(MUSEUM, "年度"): year})).result == UploadResult.UNCHANGED


def test_codes_may_be_full_width_and_have_blanks_behind(editor: User) -> None:
    cells = {(SILENT, "事業コード"): "ｅｄｕｃａｔｉｏｎ－computers ", (MUSEUM, "部局コード"): "ＫＹＯＩＫＵ"}
    assert send_sheet(editor, fill_sheet(cells)).result == UploadResult.UNCHANGED


def test_a_blank_amount_changes_nothing_and_not_stated_clears_it(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): None, (EQUIPMENT, AMOUNT): "記載なし"}))
    assert [change.action for change in upload.change_set.changes.all()] == ["delete"]
    assert upload.change_set.changes.get().row == find_line(EQUIPMENT).pk


def test_a_row_that_is_gone_from_the_sheet_is_not_deleted(editor: User) -> None:
    book = load_sheet()
    sheet = book.worksheets[0]
    sheet.delete_rows(find_cell(sheet, MUSEUM, KEY).row)
    assert send_sheet(editor, save_workbook(book)).result == UploadResult.UNCHANGED


def test_a_project_without_an_amount_gets_one(editor: User) -> None:
    cells = {(SILENT, AMOUNT): 1234, (SILENT, STAGE): "当初（前年度２月補正を含む）", (SILENT, KIND): "予算額"}
    upload = send_sheet(editor, fill_sheet(cells))
    added = upload.change_set.changes.get()
    assert added.action == "create"
    assert added.key == "education-computers  2021 initial-with-february expenditure"
    assert (added.after["amount_thousand_yen"], added.after["department_id"]) == (
        1234,
        str(Department.objects.get(code=KYOIKU).pk),
    )


@pytest.mark.parametrize("typed", ["△3,000", "▲3000", "-3,000", "−3000", "（3,000）", -3000])
def test_a_supplement_may_be_a_reduction_and_nothing_else(editor: User, typed: Any) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, STAGE): "６月補正", (MUSEUM, AMOUNT): typed}))
    assert [fields["amount_thousand_yen"][1] for fields in changed_fields(upload).values()] == [-3000]
    ((where, _, expected),) = problems_of(send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): typed})))
    assert where[0] == "I"
    assert expected.startswith("減額（△）を入れられるのは、種類が「補正」か「流用等」の予算区分だけです。")


def test_where_the_stage_is_not_said_it_is_not_guessed(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(SILENT, AMOUNT): 1234}))
    assert [expected for _, _, expected in problems_of(upload)] == [
        "予算区分は 「request」・「要求」・「initial」・「当初」・「initial-with-february」・"
        "「当初(前年度2月補正を含む)」・「june」・「6月補正」・「september」・「9月補正」・"
        "「december」・「12月補正」 など24 のどれかにしてください。",
    ]


def test_kind_stage_part_and_note_change(editor: User) -> None:
    project = Project.objects.get(code="museum-exhibition")
    ProjectPart.objects.create(project=project, code="hall", name="展示室", position=1)
    cells = {
        (MUSEUM, STAGE): "当初",
        (MUSEUM, KIND): "lending_limit",
        (MUSEUM, AMOUNT): None,
        (MUSEUM, LIMIT): 20000,
        (MUSEUM, PART): "展示室",
        (MUSEUM, NOTE): "改めた",
    }
    upload = send_sheet(editor, fill_sheet(cells))
    (fields,) = changed_fields(upload).values()
    assert {name: after for name, (_, after) in fields.items()} == {
        "stage_id": str(Stage.objects.get(code="initial").pk),
        "kind": "lending_limit",
        "part_id": str(ProjectPart.objects.get(code="hall").pk),
        "editorial_note": "改めた",
    }


@pytest.mark.parametrize(
    ("cells", "faulty"),
    [
        ({KIND: "融資枠"}, "I"),  # the amount stands in the column of the former kind
        ({KIND: "融資枠", LIMIT: 20000}, "I"),
        ({LIMIT: 20000}, "J"),
        ({LIMIT: "記載なし"}, "J"),
        ({AMOUNT: None, LIMIT: 20000}, "J"),
        ({AMOUNT: 30000, LIMIT: "x"}, "J"),
    ],
)
def test_an_amount_stands_in_the_column_of_its_kind(editor: User, cells: dict[str, Any], faulty: str) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, header): value for header, value in cells.items()}))
    ((where, _, expected),) = problems_of(upload)
    assert where[0] == faulty
    kind, column = ("融資枠", "融資枠（千円）") if KIND in cells else ("予算額", "予算額（千円）")
    assert expected == (
        f"この行の種別は「{kind}」です。額は{column}の列に入れて、ここは空にするか、種別を直してください。"
    )


@pytest.mark.parametrize(("header", "kind"), [(AMOUNT, "expenditure"), (LIMIT, "lending_limit")])
def test_without_a_kind_it_is_that_of_the_column(editor: User, header: str, kind: str) -> None:
    stage = "当初（前年度２月補正を含む）"
    for cells in ({}, {KIND: "予算額" if kind == "expenditure" else "融資枠"}):
        upload = send_sheet(
            editor, fill_sheet({(SILENT, name): value for name, value in ({header: 7, STAGE: stage} | cells).items()})
        )
        added = upload.change_set.changes.get()
        assert (added.after["kind"], added.after["amount_thousand_yen"]) == (kind, 7)


def test_without_a_kind_two_amounts_are_a_problem(editor: User) -> None:
    stage = "当初（前年度２月補正を含む）"
    upload = send_sheet(editor, fill_sheet({(SILENT, AMOUNT): 7, (SILENT, LIMIT): 8, (SILENT, STAGE): stage}))
    assert [where[0] for where, _, _ in problems_of(upload)] == ["J"]


def test_a_lending_limit_is_read_as_strictly_as_an_expenditure(editor: User) -> None:
    publish_edits(lambda: BudgetLine.objects.filter(pk=find_line(MUSEUM).pk).update(kind="lending_limit"))
    limit = MUSEUM.replace("expenditure", "lending_limit")
    assert send_sheet(editor, fill_sheet({})).result == UploadResult.UNCHANGED
    upload = send_sheet(editor, fill_sheet({(limit, LIMIT): "２万①"}))
    ((where, value, expected),) = problems_of(upload)
    assert (where[0], value) == ("J", "２万①")
    assert "千円単位の整数" in expected
    ((where, _, expected),) = problems_of(send_sheet(editor, fill_sheet({(limit, LIMIT): "△5"})))
    assert (where[0], expected[:7]) == ("J", "減額（△）を入")
    upload = send_sheet(editor, fill_sheet({(limit, LIMIT): "20,001"}))
    assert list(changed_fields(upload).values()) == [{"amount_thousand_yen": (20000, 20001)}]
    upload = send_sheet(editor, fill_sheet({(limit, LIMIT): "記載なし"}))
    assert [change.action for change in upload.change_set.changes.all()] == ["delete"]
    assert send_sheet(editor, fill_sheet({(limit, LIMIT): None})).result == UploadResult.UNCHANGED


@pytest.mark.parametrize("typed", ["６月補正", "6月補正", " ６月補正　"])
def test_a_word_that_may_mean_two_rows_is_refused_with_both_named_and_a_code_is_not(editor: User, typed: str) -> None:
    Stage.objects.create(code="june-again", name="6月補正", role="supplementary", position=9)
    upload = send_sheet(editor, fill_sheet({(MUSEUM, STAGE): typed, (MUSEUM, AMOUNT): 1}))
    ((cell, value, expected),) = problems_of(upload)
    assert (cell[0], value) == ("G", typed.strip())
    assert "「６月補正」（コード june）と「6月補正」（コード june-again）のどれを指すのか分かりません" in expected
    (fields,) = changed_fields(send_sheet(editor, fill_sheet({(MUSEUM, STAGE): "june-again"}))).values()
    assert fields["stage_id"][1] == str(Stage.objects.get(code="june-again").pk)


def test_of_two_parts_with_one_name_none_is_guessed(editor: User) -> None:
    project = Project.objects.get(code="museum-exhibition")
    for code in ("hall", "again"):
        ProjectPart.objects.create(project=project, code=code, name="展示室", position=1)
    upload = send_sheet(editor, fill_sheet({(MUSEUM, PART): "展示室"}))
    assert "「展示室」（コード again）と「展示室」（コード hall）のどれを指すのか" in problems_of(upload)[0][2]
    (fields,) = changed_fields(send_sheet(editor, fill_sheet({(MUSEUM, PART): "hall"}))).values()
    assert fields["part_id"][1] == str(ProjectPart.objects.get(code="hall").pk)
