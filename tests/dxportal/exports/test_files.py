"""The three kinds of file hold the same cells as the page, for every table and every way to narrow it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.exports import excel
from dxportal.tables.registry import TABLES
from projects.models import Appearance, Project
from tests.derived_tables import refresh_rows
from tests.dxportal.exports.reading_files import as_text, csv_cells, excel_cells, fetched, json_rows

pytestmark = pytest.mark.django_db

COLUMNS = {
    "budgets": "fiscal_year,project_code,project_name,part,department_code,department_name,stage,kind,"
    "amount_thousand_yen,source_document,source_page,url",
    "sakigake": "fiscal_year,sakigake_number,sakigake_name,position,project_code,printed_name,department_code,"
    "printed_department,parts,is_repeat,kind,amount_thousand_yen,note,source_document,source_page,url",
    "listings": "fiscal_year,area,domain,goal_code,goal,keyword,countermeasure,project_code,printed_name,"
    "department_code,printed_department,parts,is_repeat,note,source_document,source_page,url",
    "projects": "project_code,project_name,nature,department_code,department_name,parts,listings,sakigake_numbers,url",
}
QUERIES = (
    "budgets?year=2021",
    "budgets?year=2021&department=kyoiku&department=somu&sort=-amount_thousand_yen",
    "budgets?year=2021&area=3&q=ICT&group=department",
    "budgets?year=2021&sakigake=4&kind=lending_limit",
    "budgets?year=2021&amount_min=45,586&amount_max=100000",
    "sakigake?year=2021",
    "sakigake?year=2021&sakigake=7&sort=amount_thousand_yen",
    "listings?year=2021",
    "listings?year=2021&area=1&department=norin-suisan",
    "projects?",
    "projects?q=ＤＸ&sort=-listings",
)


@pytest.mark.parametrize("table", COLUMNS)
def test_columns_are_those_of_the_contract(client: Client, table: str) -> None:
    names = COLUMNS[table].split(",")
    assert csv_cells(fetched(client, f"/{table}.csv?header=name"))[0] == names
    assert excel_cells(fetched(client, f"/{table}.xlsx?header=name"))[0] == names
    assert list(json_rows(fetched(client, f"/{table}.json"))[0]) == names


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("header", ["label", "name"])
def test_csv_excel_and_json_hold_the_same_cells(client: Client, query: str, header: str) -> None:
    table, _, parameters = query.partition("?")
    text = csv_cells(fetched(client, f"/{table}.csv?{parameters}&header={header}"))
    cells = excel_cells(fetched(client, f"/{table}.xlsx?{parameters}&header={header}"))
    assert as_text(cells) == text
    rows = json_rows(fetched(client, f"/{table}.json?{parameters}"))
    assert len(rows) == len(text) - 1 > 0
    if header == "name":
        words = [
            ["" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in row.values()]
            for row in rows
        ]
        assert words == text[1:]


@pytest.mark.parametrize("query", QUERIES)
def test_the_page_shows_the_rows_of_its_files_in_their_order(client: Client, query: str) -> None:
    table, _, parameters = query.partition("?")
    rows = json_rows(fetched(client, f"/{table}.json?{parameters}"))[:100]
    html = client.get(f"/{table}/?{parameters}").content.decode()
    body = html.split('class="stack rows"')[1].split("</table>")[0]
    assert body.count('<th scope="row">') == len(rows)
    name = "project_name" if "project_name" in rows[0] else "printed_name"
    assert [row[name] for row in rows] == [
        text.split("</a>")[0].split(">")[-1].replace("&amp;", "&") for text in body.split('<th scope="row">')[1:]
    ]


def test_labels_carry_words_and_names_carry_codes(client: Client) -> None:
    address = "/budgets.csv?year=2021&sakigake=4&kind=lending_limit"
    header, row = csv_cells(fetched(client, address))
    labelled = dict(zip(header, row, strict=True))
    assert labelled["種別"] == "融資枠"
    assert labelled["予算区分"] == "当初（前年度２月補正を含む）"
    assert labelled["内訳"] == "ＤＸ対応資金"
    assert labelled["予算額（千円）"] == "500000"
    header, row = csv_cells(fetched(client, address + "&header=name"))
    named = dict(zip(header, row, strict=True))
    assert (named["kind"], named["stage"]) == ("lending_limit", "initial-with-february")


def test_a_repeat_is_a_word_a_code_and_a_boolean(client: Client) -> None:
    def column(address: str, name: str) -> set[str]:
        header, *rows = csv_cells(fetched(client, address))
        return {row[header.index(name)] for row in rows}

    assert column("/sakigake.csv", "再掲") == {"再掲", ""}
    assert column("/sakigake.csv?header=name", "is_repeat") == {"true", "false"}
    assert {row["is_repeat"] for row in json_rows(fetched(client, "/sakigake.json"))} == {True, False}


def test_nothing_stated_is_an_empty_cell_and_null_and_zero_is_zero(client: Client) -> None:
    BudgetLine.objects.filter(project__code="sns-consultation").update(amount_thousand_yen=0)
    refresh_rows()
    by_code = {row["project_code"]: row for row in json_rows(fetched(client, "/budgets.json?year=2021"))}
    assert by_code["sns-consultation"]["amount_thousand_yen"] == 0
    assert by_code["tax-system"]["amount_thousand_yen"] is None
    assert by_code["tax-system"]["kind"] is None
    assert (by_code["tax-system"]["source_document"], by_code["tax-system"]["source_page"]) == ("資料２", 14)
    cells = {row[1]: row[8] for row in excel_cells(fetched(client, "/budgets.xlsx?year=2021"))}
    assert cells["sns-consultation"] == 0
    assert cells["tax-system"] is None
    text = {row[1]: row[8] for row in csv_cells(fetched(client, "/budgets.csv?year=2021"))}
    assert (text["sns-consultation"], text["tax-system"]) == ("0", "")


def test_json_tells_what_was_applied_and_what_was_counted(client: Client) -> None:
    answer = json.loads(fetched(client, "/budgets.json?year=2021&department=kyoiku&amount_min=1&page=7&unit=words"))
    assert set(answer) == {"applied", "rows", "totals", "notes"}
    assert answer["applied"] == {"year": 2021, "department": ["kyoiku"], "amount_min": 1}
    whole = json.loads(fetched(client, "/budgets.json"))
    assert whole["applied"] == {"year": 2021}
    assert whole["totals"] == {
        "counted_rows": 32,
        "not_stated_rows": 62,
        "expenditure_thousand_yen": 3_673_685,
        "lending_limit_thousand_yen": 500_000,
    }
    assert len(whole["rows"]) == 94
    assert whole["notes"][0].startswith("予算額の合計は3,673,685千円です（31件。再掲は重ねて数えていません）。")
    assert json.loads(fetched(client, "/sakigake.json"))["totals"] == {
        "rows": 45,
        "repeat_rows": 10,
        "not_stated_rows": 3,
        "printed_expenditure_thousand_yen": 7_418_993,
        "distinct_expenditure_thousand_yen": 3_673_685,
        "lending_limit_thousand_yen": 500_000,
    }


def test_part_names_are_joined_and_a_part_keeps_its_own_mark(client: Client) -> None:
    parts = {
        (row["sakigake_number"], row["project_code"]): row["parts"]
        for row in json_rows(fetched(client, "/sakigake.json"))
    }
    assert " / " in parts[7, "yamaguchi-dx"]
    listed = [row["parts"] for row in json_rows(fetched(client, "/listings.json"))]
    assert "データドリブン推進事業（再掲）" in " / ".join(listed)


def test_an_excel_file_is_set_for_reading(client: Client) -> None:
    workbook = load_workbook(BytesIO(fetched(client, "/budgets.xlsx?year=2021&department=kyoiku&group=department")))
    sheet, about = workbook.worksheets
    assert (sheet.title, about.title) == ("予算額", "説明")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:L18"
    amounts = [row[8] for row in sheet.iter_rows(min_row=2) if row[8].value is not None]
    assert {(cell.data_type, cell.number_format) for cell in amounts} == {("n", "#,##0")}
    assert sum(cell.value for cell in amounts) == 1_779_412
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in (row[1], row[2])} == {"s"}
    # every cell that is not wrapped fits: a Japanese character is as wide as two
    for column in sheet.iter_cols():
        texts = [str(cell.value) for cell in column if cell.value is not None and not cell.alignment.wrap_text]
        assert max(map(excel.text_width, texts)) <= sheet.column_dimensions[column[0].column_letter].width
    told = {row[0]: row[1] for row in about.iter_rows(values_only=True) if row[0]}
    assert told["件数"] == 17
    assert told["予算額の合計（千円）"] == 1_779_412
    assert told["融資枠の合計（千円、予算額には含めない）"] == "記載なし"
    assert told["額の記載なし（件）"] == 14
    assert told["部局"] == "教育庁"
    assert told["計画の状態"] == "案"
    assert told["利用条件"] == "利用条件は確認中です"
    assert told["取得元"] == "http://127.0.0.1:8000/budgets/?year=2021&department=kyoiku&group=department"
    assert told["教育庁"] == 1_779_412
    assert {"再掲", "融資枠", "単位", "取得日", "予算額（千円）"} <= set(told)


def test_an_excel_file_prints_on_a4_landscape_as_wide_as_a_page(client: Client) -> None:
    for name in ("budgets", "sakigake", "listings", "projects", "budgets/compare"):
        workbook = load_workbook(BytesIO(fetched(client, f"/{name}.xlsx")))
        for sheet in workbook.worksheets:
            assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0)
        assert [sheet.print_title_rows or "" for sheet in workbook.worksheets] == ["$1:$1", ""]


def test_a_line_break_in_a_sheet_is_a_line_feed_whatever_reads_or_writes_xml(client: Client) -> None:
    Project.objects.filter(code="tax-system").update(name="一\r\n二\r三\n四")
    refresh_rows()
    with ZipFile(BytesIO(fetched(client, "/projects.xlsx"))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "一\n二\n三\n四" in sheet


def test_a_name_says_the_table_the_filters_and_the_day_in_japan(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 31, 15, 1, tzinfo=UTC))  # 1 April in Japan
    header = client.get("/budgets.csv?year=2021&department=kyoiku").headers["Content-Disposition"]
    assert header.startswith("attachment; filename*=utf-8''")
    assert unquote(header.partition("''")[2]) == "予算額_令和３年度（2021年度）_教育庁_20260401.csv"


@pytest.mark.parametrize(
    "words", ["a\r\nSet-Cookie: x=1", '"; filename=evil.exe', "../../etc/passwd", "あ" * 200, "\u202egpj"]
)
def test_no_filter_gets_out_of_the_name(client: Client, words: str) -> None:
    response = client.get("/budgets.csv", {"year": "2021", "q": words})
    name = unquote(response.headers["Content-Disposition"].partition("''")[2])
    assert name.startswith("予算額_令和３年度（2021年度）_")
    assert name.endswith(".csv")
    assert not set(name) & set('\r\n"/\\\u202e')
    assert len(name) < 110
    assert "Set-Cookie" not in response.headers


class TestEncodings:
    def test_utf8_begins_with_the_mark_that_excel_needs(self, client: Client) -> None:
        content = fetched(client, "/budgets.csv?year=2021")
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\xef\xbb\xbf") == 1
        assert b"\r\n" in content

    @pytest.mark.parametrize("table", COLUMNS)
    def test_cp932_holds_the_same_cells(self, client: Client, table: str) -> None:
        response = client.get(f"/{table}.csv?encoding=cp932")
        assert response.headers["Content-Type"] == "text/csv; charset=Shift_JIS"
        assert csv_cells(response.getvalue(), "cp932") == csv_cells(fetched(client, f"/{table}.csv"))

    def test_a_character_that_cp932_lacks_is_replaced_and_its_place_told_beside_the_file(self, client: Client) -> None:
        Project.objects.filter(code="tax-system").update(name="税務𠮷シ⺬テム")
        refresh_rows()
        plain = csv_cells(fetched(client, "/budgets.csv?year=2021"))
        cells = csv_cells(fetched(client, "/budgets.csv?year=2021&encoding=cp932"), "cp932")
        assert cells == [[cell.replace("税務𠮷シ⺬テム", "税務〓シ〓テム") for cell in row] for row in plain]
        number = next(number for number, row in enumerate(plain, 1) if "税務𠮷シ⺬テム" in row)
        place = f"{number}行目の「事業名」"
        (note,) = [note for note in json.loads(fetched(client, "/budgets.json?year=2021"))["notes"] if "CP932" in note]
        assert f"{place}：「𠮷」（U+20BB7）は〓になります、{place}：「⺬」（U+2EAC）は〓になります。" in note
        about = excel_cells(fetched(client, "/budgets.xlsx?year=2021"), 1)
        assert [place, "「𠮷」（U+20BB7）は〓になります"] in [row[:2] for row in about]
        assert note in client.get("/budgets/?year=2021").content.decode()
        others = client.get("/budgets/?year=2021&department=kyoiku").content.decode()
        assert "〓" not in others

    @pytest.mark.parametrize("character", "〜−‖¢£¬")
    def test_a_character_that_is_read_back_as_its_double_is_written_and_told(
        self, client: Client, character: str
    ) -> None:
        """The codec has bytes for these, but they are those of ～－∥￠￡￢."""
        Project.objects.filter(code="tax-system").update(name=f"税務{character}システム")
        refresh_rows()
        double = character.encode("cp932").decode("cp932")
        assert f"税務{double}システム" in fetched(client, "/budgets.csv?encoding=cp932").decode("cp932")
        assert f"は{double}になります" in fetched(client, "/budgets.json").decode()

    def test_a_variation_selector_is_left_out(self, client: Client) -> None:
        Project.objects.filter(code="tax-system").update(name="葛\U000e0100城システム")
        refresh_rows()
        assert "葛城システム" in fetched(client, "/budgets.csv?encoding=cp932").decode("cp932")
        assert "異体字の指定（U+E0100）は除かれます" in fetched(client, "/budgets.json").decode()

    def test_what_is_all_kept_is_not_told(self, client: Client) -> None:
        assert "CP932" not in fetched(client, "/budgets.json").decode()
        assert all("CP932" not in str(cell) for row in excel_cells(fetched(client, "/budgets.xlsx"), 1) for cell in row)

    def test_many_places_are_counted_and_the_first_named(self, client: Client) -> None:
        Project.objects.update(name="事業𠮷")
        refresh_rows()
        (note,) = [note for note in json.loads(fetched(client, "/budgets.json?year=2021"))["notes"] if "CP932" in note]
        assert note.count("行目の") == 20
        assert "2行目の「事業名」" in note
        assert "ほか：74か所。" in note


def test_more_rows_than_a_sheet_holds_are_offered_as_csv(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_SHEET_ROWS", 93)
    response = client.get("/budgets.xlsx?year=2021")
    assert response.status_code == 400
    html = response.content.decode()
    assert "94行あり、Excelの１枚のシートに入る93行を超えています。" in html
    assert 'href="/budgets.csv?year=2021"' in html
    assert fetched(client, "/budgets.xlsx?year=2021&department=kyoiku")


def test_a_text_that_excel_would_cut_is_refused(client: Client) -> None:
    Appearance.objects.listings().filter(project__code="tax-system").update(note="長" * 32_768)
    refresh_rows()
    response = client.get("/listings.xlsx?year=2021")
    assert response.status_code == 400
    assert "Excelの一つの欄に入る長さを超えています。" in response.content.decode()
    assert "長" * 32_768 in fetched(client, "/listings.csv?year=2021").decode()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/budgets.csv?year=abc", "「abc」という年度はありません。"),
        ("/budgets.xlsx?year=2021&department=kyoku", "「kyoku」という部局はありません。"),
        ("/budgets.csv?year=2021&encoding=utf-16", "「encoding」には utf-8・cp932 のどれかを指定してください"),
        ("/budgets.xlsx?header=x", "「header」には label・name のどれかを指定してください"),
    ],
)
def test_a_file_that_cannot_be_what_was_asked_for_is_refused(client: Client, address: str, said: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert said in response.content.decode()


def test_a_refused_json_says_why_as_json(client: Client) -> None:
    response = client.get("/budgets.json?department=kyoku")
    assert response.status_code == 400
    assert response.json() == {"errors": ["「kyoku」という部局はありません。"]}


def test_head_has_the_headers_of_get(client: Client) -> None:
    for ending in ("csv", "xlsx", "json"):
        got, head = client.get(f"/budgets.{ending}"), client.head(f"/budgets.{ending}")
        assert len(got.getvalue()) > len(head.getvalue()) == 0
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_every_table_has_its_dictionary_on_the_page(client: Client) -> None:
    for table in TABLES:
        html = client.get(table.path, follow=True).content.decode()
        for column in table.in_files:
            assert f"<code>{column.name}</code>" in html
            assert str(column.label)
            assert str(column.meaning)


def test_addresses_in_files_lead_to_pages(client: Client) -> None:
    for table in COLUMNS:
        rows = json_rows(fetched(client, f"/{table}.json"))
        for url in {row["url"] for row in rows}:
            assert url.startswith("http://127.0.0.1:8000/")
            assert client.get(url.removeprefix("http://127.0.0.1:8000").partition("#")[0]).status_code == 200


def test_departments_stand_in_their_order(client: Client) -> None:
    codes: list[Any] = [row["department_code"] for row in json_rows(fetched(client, "/budgets.json"))]
    assert list(dict.fromkeys(codes)) == [
        code for code in Department.objects.in_order().values_list("code", flat=True) if code in codes
    ]
