"""A sheet there and back: what it changes becomes a set of its sender's, and nothing else happens."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department
from dxportal.changesets.conflicts import told_conflicts
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.replaying import ConflictError
from dxportal.changesets.workflow import NotNowError, differences_of, propose, publish
from dxportal.planfiles.loading import load
from dxportal.planfiles.reading import read_folder
from dxportal.sheets.models import Result, Upload
from dxportal.staff.effects import Effect
from dxportal.staff.models import Role
from projects.models import Appearance, Project, ProjectPart
from tests.conftest import YAMAGUCHI
from tests.dxportal.changesets.sets import published, somebody
from tests.dxportal.sheets.sending import (
    AMOUNT,
    EQUIPMENT,
    KEY,
    KIND,
    KYOIKU,
    MUSEUM,
    NOTE,
    PART,
    SILENT,
    STAGE,
    as_csv,
    filled,
    line,
    place,
    saved,
    sent,
    workbook,
)
from tests.dxportal.staff.working import person
from tests.examples import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(db: None) -> User:
    return person("editor", Role.EDITOR, KYOIKU)


@pytest.fixture
def bureau(db: None) -> User:
    return person("bureau", Role.BUREAU)


def said(upload: Upload) -> list[tuple[str, str, str]]:
    """What has to be put right: place, value, what is expected."""
    return [(one["place"], one["value"], one["expected"]) for one in upload.problems]


def changed(upload: Upload) -> dict[str, dict[str, tuple[Any, Any]]]:
    assert upload.change_set is not None, (upload.result, upload.reason, said(upload))
    return {change.key: change.fields for change in upload.change_set.changes.all()}


# Unedited


def awkward() -> None:
    """Texts that files and spreadsheets like to change."""
    notes = ["一行目\n二行目", "'=1+1", "=SUM(A1)", "-5", "＠ここ", 'a,b"c', "二行\r\n続き", "_x000D_"]
    for one, note in zip(BudgetLine.objects.order_by("pk"), notes, strict=False):
        BudgetLine.objects.filter(pk=one.pk).update(editorial_note=note)


@pytest.mark.parametrize("code", [KYOIKU, "kenko-fukushi", "norin-suisan", None])
@pytest.mark.parametrize("form", ["xlsx", "utf-8", "cp932"])
def test_an_unedited_sheet_changes_nothing(bureau: User, code: str | None, form: str) -> None:
    published(awkward)
    data = saved(workbook(code)) if form == "xlsx" else as_csv(code, form)
    upload = sent(bureau, data)
    assert (upload.result, upload.changes, said(upload)) == (Result.UNCHANGED, 0, [])
    assert upload.rows > 3
    assert upload.change_set is None
    assert not ChangeSet.objects.exclude(state="published").exists()


def test_a_sheet_under_machine_names_is_read_as_well(editor: User) -> None:
    names = "key,fiscal_year,project_code,amount_thousand_yen,kind"
    upload = sent(editor, f"{names}\n{MUSEUM},2021,museum-exhibition,20001,expenditure\n".encode(), "一行.csv")
    assert changed(upload) == {
        "museum-exhibition  2021 initial-with-february expenditure": {"amount_thousand_yen": (20000, 20001)}
    }


# What is typed


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
    upload = sent(editor, filled({(MUSEUM, AMOUNT): typed}))
    assert [fields["amount_thousand_yen"][1] for fields in changed(upload).values()] == [amount]
    assert line(MUSEUM).amount_thousand_yen == 20000  # nothing is published


@pytest.mark.parametrize(
    "typed",
    [
        1.5,
        "1.5",
        "△500",
        "(500)",
        "▲500",
        "-500",
        -500,
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
    upload = sent(editor, filled({(MUSEUM, AMOUNT): typed}))
    assert upload.result == Result.FAULTY
    assert len(said(upload)) == 1
    assert said(upload)[0][0].startswith("J")
    assert "千円" in said(upload)[0][2]


def test_a_number_is_what_excel_shows_of_it(editor: User) -> None:
    upload = sent(editor, filled({(MUSEUM, AMOUNT): 10000 * 1.1}))  # stored as 11000.000000000002
    assert [fields["amount_thousand_yen"] for fields in changed(upload).values()] == [(20000, 11000)]
    assert sent(editor, filled({(MUSEUM, AMOUNT): 20000.000000000004})).result == Result.UNCHANGED


@pytest.mark.parametrize("amount", ["45586①", "10,00", "500 1", "2.0001E+04", "1e5"])
def test_a_csv_is_read_as_strictly(editor: User, amount: str) -> None:
    text = as_csv().decode("utf-8-sig").replace(",20000,", f',"{amount}",')
    ((where, value, expected),) = said(sent(editor, text.encode(), "シート.csv"))
    assert (where[0], value) == ("J", amount)
    assert "千円単位の整数" in expected


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("年度", "R³", "年度を「2021」"),
        ("年度", "令和３年度（2020年度）", "食い違っています"),
        ("事業コード", "museum-exhibition②", "変えられません"),
        ("予算の区分", "当初①", "のどれか"),
    ],
)
def test_no_other_cell_is_guessed_either(editor: User, header: str, value: str, expected: str) -> None:
    ((_, shown, sentence),) = said(sent(editor, filled({(MUSEUM, header): value})))
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
    places = [where for where, _, _ in said(sent(editor, filled(cells)))]
    assert sorted(where[0] for where in places) == ["B", "B", "H", "H", "J"]
    assert len(set(places)) == len(places)


def test_the_row_that_takes_the_place_of_a_faulty_row_is_no_second_problem(editor: User) -> None:
    Stage.objects.create(code="initial", name="当初", position=2)
    cells = {(MUSEUM, STAGE): "当初", (MUSEUM, AMOUNT): "たくさん"}
    book = workbook()
    for (row, header), value in cells.items():
        place(book.worksheets[0], row, header).value = value
    stage = "当初（前年度２月補正を含む）"
    book.worksheets[0].append([None, 2021, "museum-exhibition", *[None] * 4, stage, "予算額", 7])
    ((where, _, _),) = said(sent(editor, saved(book)))
    assert where[0] == "J"


def test_a_new_project_that_is_refused_is_told_once(bureau: User) -> None:
    book = workbook(None)
    for amount in (1, 2):
        book.worksheets[0].append(
            [None, 2021, "new-one", "名" if amount == 1 else None, None, "nobody", *[None] * 3, amount]
        )
    assert [value for _, value, _ in said(sent(bureau, saved(book)))] == ["nobody"]


def test_columns_that_are_missing_are_one_problem(editor: User) -> None:
    book = workbook()
    book.worksheets[0].delete_cols(2, 2)
    assert said(sent(editor, saved(book))) == [
        ("1行", "", "「年度」・「事業コード」の列がありません。受け取ったときの列を残してください。")
    ]


def test_a_date_is_no_amount(editor: User) -> None:
    from datetime import date

    upload = sent(editor, filled({(MUSEUM, AMOUNT): date(2021, 4, 1)}))
    assert upload.result == Result.FAULTY
    assert said(upload)[0][1] == "2021/4/1"
    assert "日付" in said(upload)[0][2]


def test_a_date_is_no_note(editor: User) -> None:
    from datetime import date

    upload = sent(editor, filled({(MUSEUM, NOTE): date(2021, 4, 1)}))
    assert upload.result == Result.FAULTY
    assert "日付（2021/4/1）" in said(upload)[0][2]


def test_a_cell_that_is_only_formatted_as_a_date_is_no_change(editor: User) -> None:
    book = workbook()
    for header in (AMOUNT, "年度"):
        place(book.worksheets[0], MUSEUM, header).number_format = "yyyy/m/d"
    upload = sent(editor, saved(book))
    assert (upload.result, said(upload)) == (Result.UNCHANGED, [])


@pytest.mark.parametrize(
    "year", ["令和３年度", "R3", "2021", "2021年度", "令和3", "令和３年度（2021年度）", " ２０２１ "]
)
def test_years_as_people_type_them(editor: User, year: str) -> None:
    assert sent(editor, filled({(MUSEUM, "年度"): year})).result == Result.UNCHANGED


def test_codes_may_be_full_width_and_have_blanks_behind(editor: User) -> None:
    cells = {(SILENT, "事業コード"): "ｅｄｕｃａｔｉｏｎ－computers ", (MUSEUM, "部局コード"): "ＫＹＯＩＫＵ"}
    assert sent(editor, filled(cells)).result == Result.UNCHANGED


def test_a_blank_amount_changes_nothing_and_not_stated_clears_it(editor: User) -> None:
    upload = sent(editor, filled({(MUSEUM, AMOUNT): None, (EQUIPMENT, AMOUNT): "記載なし"}))
    assert [change.action for change in upload.change_set.changes.all()] == ["delete"]
    assert upload.change_set.changes.get().row == line(EQUIPMENT).pk


def test_a_row_that_is_gone_from_the_sheet_is_not_deleted(editor: User) -> None:
    book = workbook()
    sheet = book.worksheets[0]
    sheet.delete_rows(place(sheet, MUSEUM, KEY).row)
    assert sent(editor, saved(book)).result == Result.UNCHANGED


def test_a_project_without_an_amount_gets_one(editor: User) -> None:
    cells = {(SILENT, AMOUNT): 1234, (SILENT, STAGE): "当初（前年度２月補正を含む）", (SILENT, KIND): "予算額"}
    upload = sent(editor, filled(cells))
    added = upload.change_set.changes.get()
    assert added.action == "create"
    assert added.key == "education-computers  2021 initial-with-february expenditure"
    assert (added.after["amount_thousand_yen"], added.after["department_id"]) == (
        1234,
        str(Department.objects.get(code=KYOIKU).pk),
    )


def test_where_stage_and_kind_are_not_said_they_are_not_guessed(editor: User) -> None:
    upload = sent(editor, filled({(SILENT, AMOUNT): 1234}))
    assert [expected for _, _, expected in said(upload)] == [
        "予算の区分は 「initial-with-february」・「当初(前年度2月補正を含む)」 のどれかにしてください。",
        "種別は 「expenditure」・「予算額」・「lending_limit」・「融資枠」 のどれかにしてください。",
    ]


def test_kind_stage_part_and_note_change(editor: User) -> None:
    Stage.objects.create(code="initial", name="当初", position=2)
    project = Project.objects.get(code="museum-exhibition")
    ProjectPart.objects.create(project=project, code="hall", name="展示室", position=1)
    cells = {
        (MUSEUM, STAGE): "当初",
        (MUSEUM, KIND): "lending_limit",
        (MUSEUM, PART): "展示室",
        (MUSEUM, NOTE): "改めた",
    }
    upload = sent(editor, filled(cells))
    (fields,) = changed(upload).values()
    assert {name: after for name, (_, after) in fields.items()} == {
        "stage_id": str(Stage.objects.get(code="initial").pk),
        "kind": "lending_limit",
        "part_id": str(ProjectPart.objects.get(code="hall").pk),
        "editorial_note": "改めた",
    }


@pytest.mark.parametrize("typed", ["６月補正", "6月補正", " ６月補正　"])
def test_a_word_that_may_mean_two_rows_is_refused_with_both_named_and_a_code_is_not(editor: User, typed: str) -> None:
    Stage.objects.create(code="june", name="６月補正", position=8)
    Stage.objects.create(code="june-again", name="6月補正", position=9)
    upload = sent(editor, filled({(MUSEUM, STAGE): typed, (MUSEUM, AMOUNT): 1}))
    ((cell, value, expected),) = said(upload)
    assert (cell[0], value) == ("H", typed.strip())
    assert "「６月補正」（コード june）と「6月補正」（コード june-again）のどれを指すのか分かりません" in expected
    (fields,) = changed(sent(editor, filled({(MUSEUM, STAGE): "june-again"}))).values()
    assert fields["stage_id"][1] == str(Stage.objects.get(code="june-again").pk)


def test_of_two_parts_with_one_name_none_is_guessed(editor: User) -> None:
    project = Project.objects.get(code="museum-exhibition")
    for code in ("hall", "again"):
        ProjectPart.objects.create(project=project, code=code, name="展示室", position=1)
    upload = sent(editor, filled({(MUSEUM, PART): "展示室"}))
    assert "「展示室」（コード again）と「展示室」（コード hall）のどれを指すのか" in said(upload)[0][2]
    (fields,) = changed(sent(editor, filled({(MUSEUM, PART): "hall"}))).values()
    assert fields["part_id"][1] == str(ProjectPart.objects.get(code="hall").pk)


# What is refused


@pytest.mark.parametrize("header", ["事業名", "部局名", "出典ページ", "URL", "部局コード", "出典資料", "事業コード"])
def test_any_other_column_is_refused_by_name(editor: User, header: str) -> None:
    upload = sent(editor, filled({(MUSEUM, header): "ほか"}))
    assert upload.result == Result.FAULTY
    assert upload.problems[0]["header"] == header
    assert "この列は、シートでは変えられません" in said(upload)[0][2]


def test_all_problems_are_told_at_once_and_the_copy_is_marked(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    cells = {(MUSEUM, AMOUNT): "たくさん", (MUSEUM, STAGE): "春", (EQUIPMENT, AMOUNT): 5, (EQUIPMENT, "年度"): "R4"}
    upload = sent(editor, filled(cells))
    assert upload.result == Result.FAULTY
    assert upload.problem_count == 3
    assert {one["sheet"] for one in upload.problems} == {"予算シート"}
    places = {one["place"]: one for one in upload.problems}
    sheet = load_workbook(BytesIO(bytes(upload.marked or b""))).worksheets[0]
    for name, problem in places.items():
        assert sheet[name].fill.fgColor.rgb == "FFFFF2B8"
        assert problem["expected"] in sheet[name].comment.text
    assert sheet[place(sheet, EQUIPMENT, AMOUNT).coordinate].value == 5
    assert not ChangeSet.objects.exists()
    assert Upload.objects.get().problem_count == 3


def test_a_marked_copy_that_is_put_right_is_read_with_its_revision(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    upload = sent(editor, filled({(MUSEUM, AMOUNT): "たくさん"}))
    book = load_workbook(BytesIO(bytes(upload.marked or b"")))
    place(book.worksheets[0], MUSEUM, AMOUNT).value = 7
    again = sent(editor, saved(book))
    assert again.notes == []
    assert len(changed(again)) == 1


def test_the_copy_of_a_csv_is_a_workbook_with_its_cells(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    text = as_csv().decode("utf-8-sig").replace(",20000,", ",=2万,")
    upload = sent(editor, text.encode(), "シート.csv")
    (problem,) = upload.problems
    sheet = load_workbook(BytesIO(bytes(upload.marked or b""))).worksheets[0]
    assert (sheet[problem["place"]].value, sheet[problem["place"]].data_type) == ("=2万", "s")
    assert "千円単位の整数" in sheet[problem["place"]].comment.text


def test_more_problems_than_are_listed_are_counted(bureau: User) -> None:
    head = "行キー,年度,事業コード,予算額（千円）"
    rows = "\n".join(f",2021,nothing-{number},1" for number in range(150))
    upload = sent(bureau, f"{head}\n{rows}\n".encode(), "多い.csv")
    assert (upload.problem_count, len(upload.problems)) == (300, 100)


def test_two_rows_with_one_key_are_both_named(editor: User) -> None:
    book = workbook()
    sheet = book.worksheets[0]
    first = place(sheet, MUSEUM, KEY).row
    sheet.append([cell.value for cell in sheet[first]])
    upload = sent(editor, saved(book))
    assert said(upload) == [
        (f"A{sheet.max_row}", MUSEUM, f"{first}行目と同じ行キーです。どちらかの行を消してください。")
    ]


def test_a_line_beside_one_that_is_there_is_refused_with_the_row(editor: User) -> None:
    row = [None, 2021, "museum-exhibition", None, None, None, None, "当初（前年度２月補正を含む）", "予算額", 1]
    book = workbook()
    book.worksheets[0].append(row)
    upload = sent(editor, saved(book))
    assert "すでにある行と、事業・内訳・予算の区分・種別が同じです" in said(upload)[0][2]
    two = workbook()
    for amount in (1, 2):
        two.worksheets[0].append([None, 2021, SILENT, *row[3:9], amount])
    upload = sent(editor, saved(two))
    assert f"{two.worksheets[0].max_row - 1}行目と、事業" in said(upload)[0][2]


def test_the_rows_of_other_departments_stay_out_of_reach(editor: User) -> None:
    other = sent(editor, saved(workbook("somu")))
    assert other.result == Result.REFUSED
    assert "取り込める部局は「教育庁」です" in other.reason
    foreign = BudgetLine.objects.exclude(department__code=KYOIKU).select_related("project", "stage").first()
    assert foreign is not None
    key = f"{foreign.project.code}/2021/{foreign.stage.code}/{foreign.kind}"
    book = workbook()
    book.worksheets[0].append([key, 2021, foreign.project.code, *[None] * 6, 1])
    upload = sent(editor, saved(book))
    assert "この年度・部局の行キーではありません" in said(upload)[0][2]
    book = workbook()
    stage = "当初（前年度２月補正を含む）"
    book.worksheets[0].append([None, 2021, foreign.project.code, *[None] * 4, stage, "融資枠", 1])
    upload = sent(editor, saved(book))
    assert upload.change_set is None
    assert "変えられません" in upload.reason or said(upload)


def test_a_viewer_has_no_department_to_import_for() -> None:
    upload = sent(person("viewer", Role.VIEWER, KYOIKU), saved(workbook()))
    assert (upload.result, upload.change_set) == (Result.REFUSED, None)


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\x07", "\u2066"])
def test_characters_that_nobody_sees_are_refused(editor: User, unseen: str) -> None:
    text = as_csv().decode("utf-8-sig")
    row = next(one for one in csv.reader(StringIO(text)) if one[0] == MUSEUM)
    changed_row = [*row[:-1], f"注{unseen}記"]
    out = StringIO(newline="")
    csv.writer(out).writerows([next(csv.reader(StringIO(text))), changed_row])
    upload = sent(editor, out.getvalue().encode(), "一.csv")
    assert f"U+{ord(unseen):04X}" in said(upload)[0][2]


def test_a_text_that_would_be_cut_is_refused(editor: User) -> None:
    upload = sent(editor, filled({(MUSEUM, NOTE): "長" * 2001}))
    assert said(upload)[0][2] == "2,000字までにしてください（2,001字あります）。"


def test_hidden_rows_are_read_unless_they_change_something(editor: User) -> None:
    for amount, result in ((20000, Result.UNCHANGED), (7, Result.FAULTY)):
        book = workbook()
        cell = place(book.worksheets[0], MUSEUM, AMOUNT)
        cell.value = amount
        book.worksheets[0].row_dimensions[cell.row].hidden = True
        upload = sent(editor, saved(book))
        assert upload.result == result
    assert "隠れている行" in said(upload)[0][2]


def test_a_formula_that_nobody_has_calculated_is_refused(editor: User) -> None:
    upload = sent(editor, filled({(MUSEUM, AMOUNT): "=20000+1"}))
    assert "計算されていない数式" in said(upload)[0][2]


# Headers


@pytest.mark.parametrize(
    ("rename", "expected"),
    [
        ({"予算額（千円）": "予算"}, "知らない列です"),
        ({"編集注": "予算額（千円）"}, "同じ名の列が二つあります"),
        ({"事業コード": ""}, "列の名がありません"),
    ],
)
def test_headers_that_are_unknown_or_stand_twice(editor: User, rename: dict[str, str], expected: str) -> None:
    book = workbook()
    for cell in book.worksheets[0][1]:
        cell.value = rename.get(cell.value, cell.value)
    upload = sent(editor, saved(book))
    assert upload.result == Result.FAULTY
    assert any(expected in sentence for _, _, sentence in said(upload))


def test_a_key_column_that_is_missing_is_named(editor: User) -> None:
    book = workbook()
    book.worksheets[0].delete_cols(3)
    upload = sent(editor, saved(book))
    assert "「事業コード」の列がありません" in said(upload)[0][2]
    book = workbook()
    book.worksheets[0].delete_cols(1)
    upload = sent(editor, saved(book))
    assert upload.result == Result.REFUSED
    assert "「行キー」の列がない" in upload.reason


# Three ways


def set_amount(key: str, amount: int) -> int:
    return BudgetLine.objects.filter(pk=line(key).pk).update(amount_thousand_yen=amount)


def test_what_others_have_published_meanwhile_is_not_reverted_by_an_old_workbook(editor: User) -> None:
    data = filled({(MUSEUM, AMOUNT): 20001})
    published(lambda: set_amount(EQUIPMENT, 9))
    upload = sent(editor, data)
    assert list(changed(upload)) == ["museum-exhibition  2021 initial-with-february expenditure"]
    publish(propose(upload.change_set), somebody())
    assert (line(MUSEUM).amount_thousand_yen, line(EQUIPMENT).amount_thousand_yen) == (20001, 9)


def test_what_both_have_changed_is_a_conflict_with_both_sides(editor: User) -> None:
    data = filled({(MUSEUM, AMOUNT): 20001})
    published(lambda: set_amount(MUSEUM, 30000))
    upload = sent(editor, data)
    assert upload.result == Result.KEPT
    with pytest.raises(ConflictError) as caught, as_it_would_be(differences_of(upload.change_set)):
        pass
    (conflict,) = told_conflicts(caught.value.conflicts)
    assert (conflict.base, conflict.mine, conflict.theirs) == ("20,000千円", "20,001千円", "30,000千円")


def test_the_same_sheet_sent_twice_is_no_conflict(editor: User) -> None:
    cells = {(SILENT, AMOUNT): 1234, (SILENT, STAGE): "当初（前年度２月補正を含む）", (SILENT, KIND): "予算額"}
    data = filled({(MUSEUM, AMOUNT): 186679, (EQUIPMENT, AMOUNT): "記載なし", **cells})
    first, second = sent(editor, data), sent(editor, data)
    publish(propose(first.change_set), somebody())
    assert line(MUSEUM).amount_thousand_yen == 186679
    assert not Effect.of(second.change_set).conflicts
    assert "今公開されている内容と同じ" in Effect.of(second.change_set).refusal
    with pytest.raises(NotNowError, match="今公開されている内容と同じ"):
        publish(propose(second.change_set), somebody())
    assert sent(editor, data).result == Result.UNCHANGED
    more = sent(editor, filled({(MUSEUM, AMOUNT): 186679, (MUSEUM, NOTE): "注"}))
    assert list(changed(more).values()) == [{"editorial_note": ("", "注")}]


def test_a_new_project_sent_twice_is_no_conflict(bureau: User) -> None:
    book = workbook(None)
    headers = [cell.value for cell in book.worksheets[0][1]]
    values = {
        "年度": 2021,
        "事業コード": "new-one",
        "事業名": "新しい事業",
        "部局コード": "somu",
        "対応策コード": "1-2-1-1",
    }
    book.worksheets[0].append([values.get(header) for header in headers])
    first, second = sent(bureau, saved(book)), sent(bureau, saved(book))
    publish(propose(first.change_set), somebody())
    assert "今公開されている内容と同じ" in Effect.of(second.change_set).refusal
    assert Appearance.objects.filter(project__code="new-one").count() == 1


def test_a_csv_cannot_know_and_shows_every_difference(editor: User) -> None:
    data = as_csv()
    published(lambda: set_amount(EQUIPMENT, 9))
    assert list(changed(sent(editor, data, "シート.csv"))) == [
        "industrial-education-equipment  2021 initial-with-february expenditure"
    ]


def test_a_workbook_from_before_the_plan_was_loaded_anew_is_refused(editor: User) -> None:
    data = filled({(MUSEUM, AMOUNT): 20001})
    published(lambda: set_amount(EQUIPMENT, 9))
    load(read_folder(YAMAGUCHI), replace=True)
    upload = sent(editor, data)
    assert upload.result == Result.REFUSED
    assert "シートを受け取り直し" in upload.reason


@pytest.mark.parametrize("revision", [10**9, -1, "あ", 1.5])
def test_a_revision_that_never_was_is_refused(editor: User, revision: Any) -> None:
    book = workbook()
    about = book.worksheets[1]
    next(row for row in about.iter_rows() if row[0].value == "カタログの版")[1].value = revision
    assert "シートを受け取り直し" in sent(editor, saved(book)).reason


def test_a_workbook_without_its_second_sheet_is_compared_with_now(editor: User) -> None:
    book = workbook()
    del book[book.sheetnames[1]]
    upload = sent(editor, saved(book))
    assert (upload.result, upload.notes) == (
        Result.UNCHANGED,
        ["シートの版が分からないので、今公開されている内容と比べました。"],
    )


# New projects by the bureau


def test_the_bureau_adds_a_project_with_its_appearance_and_amount(bureau: User) -> None:
    book = workbook(None)
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    values = {
        "年度": "令和３年度",
        "事業コード": "smart-fishing",
        "事業名": "スマート漁業推進事業",
        "部局コード": "norin-suisan",
        "予算の区分": "当初（前年度２月補正を含む）",
        "種別": "予算額",
        AMOUNT: "1,000",
        "よみ": "すまーとぎょぎょうすいしんじぎょう",
        "対応策コード": "1-2-1-1",
        "重点プロジェクト番号": 5,
    }
    sheet.append([values.get(header) for header in headers])
    upload = sent(bureau, saved(book))
    assert sorted(change.model for change in upload.change_set.changes.all()) == [
        "budgets.budgetline",
        "projects.appearance",
        "projects.appearance",
        "projects.project",
    ]
    publish(propose(upload.change_set), somebody())
    project = Project.objects.get(code="smart-fishing")
    assert (project.name, project.department.code) == ("スマート漁業推進事業", "norin-suisan")
    first, second = project.appearances.in_printed_order()
    measure = Countermeasure.objects.get(code="1-2-1-1")
    assert (first.countermeasure, first.code, first.page) == (measure, "1-2-1-1-5", measure.page)
    assert (second.sakigake_project.number, second.printed_amount_thousand_yen) == (5, None)
    assert "印刷された資料にはまだない" in first.editorial_note
    assert project.budget_lines.get().amount_thousand_yen == 1000


def test_a_code_is_proposed_and_never_taken_unasked(bureau: User) -> None:
    book = workbook(None)
    book.worksheets[0].append([None, 2021, None, "名ばかりの事業", None, "somu"])
    upload = sent(bureau, saved(book))
    assert upload.result == Result.FAULTY
    assert "案として「project-2021-1」があります" in said(upload)[0][2]
    assert not Project.objects.filter(name="名ばかりの事業").exists()


def test_a_department_adds_no_project(editor: User) -> None:
    book = workbook()
    book.worksheets[0].append([None, 2021, "brand-new", "新しい事業", None, KYOIKU, None, None, None, 5])
    upload = sent(editor, saved(book))
    assert "この事業コードはありません" in said(upload)[0][2]
    assert "デジタル推進部門に頼んで" in said(upload)[0][2]


def test_an_appearance_that_is_there_is_not_added_twice(bureau: User) -> None:
    cells = {("workation/2021/initial-with-february/expenditure", "重点プロジェクト番号"): "1"}
    first = sent(bureau, filled(cells, code=None))
    publish(propose(first.change_set), somebody())
    assert Appearance.objects.filter(sakigake_project__number=1, project__code="workation").count() == 1
    assert sent(bureau, filled(cells, code=None)).result == Result.UNCHANGED


def test_a_total_row_is_told_to_go(editor: User) -> None:
    book = workbook()
    book.worksheets[0].append(["合計", *[None] * 8, 1779412])
    upload = sent(editor, saved(book))
    assert upload.result == Result.FAULTY
    assert upload.problem_count >= 1


# The record


def test_the_record_keeps_name_hash_counts_and_result(editor: User) -> None:
    from hashlib import sha256

    data = filled({(MUSEUM, AMOUNT): 20001})
    upload = Upload.objects.get(pk=sent(editor, data, "二月\n提出.xlsx").pk)
    assert (upload.file_name, upload.size, upload.sha256) == ("二月 提出.xlsx", len(data), sha256(data).hexdigest())
    assert (upload.user, upload.fiscal_year, upload.changes, upload.result) == (editor, 2021, 1, Result.KEPT)
    assert upload.rows == 17
    assert upload.change_set is not None
    assert upload.change_set.title == "令和３年度（2021年度）の予算シート（教育庁）"
    assert upload.change_set.source == "予算シート 二月 提出.xlsx"


def test_marked_copies_are_forgotten_after_a_day(editor: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    old = sent(editor, filled({(MUSEUM, AMOUNT): "x"}))
    assert old.marked
    Upload.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=1, minutes=1))
    sent(editor, filled({}))
    old.refresh_from_db()
    assert old.marked is None


# Any sheet


@examples(15)
@given(st.dictionaries(st.integers(0, 2), st.integers(0, 10**9), min_size=1))
def test_publishing_a_sheet_makes_the_catalogue_say_what_the_sheet_says(amounts: dict[int, int]) -> None:
    from django.db import transaction

    with transaction.atomic():
        user, _ = User.objects.get_or_create(username="bureau-any", is_staff=True, is_superuser=True)
        keys = [MUSEUM, EQUIPMENT, "ict-advanced-education/2021/initial-with-february/expenditure"]
        wanted = {keys[number]: amount for number, amount in amounts.items()}
        upload = sent(user, filled({(key, AMOUNT): amount for key, amount in wanted.items()}))
        if upload.change_set:
            publish(propose(upload.change_set), user)
        assert {key: line(key).amount_thousand_yen for key in wanted} == wanted
        assert sent(user, saved(workbook())).result == Result.UNCHANGED
        transaction.set_rollback(True)
