"""The three kinds of file hold the same cells as the page, for every table and every way to narrow it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from budgets.models import BudgetLine, PrintedStage
from catalog.models import Department
from dxportal.exports import excel
from dxportal.money_and_years import money
from dxportal.tables import registry
from dxportal.tables.registry import TABLES
from dxportal.tables.table import Table
from projects.models import Appearance, NamedPart, Project
from tests.derived_tables import refresh_rows
from tests.dxportal.exports.reading_files import as_text, csv_cells, excel_cells, fetched, json_rows

pytestmark = pytest.mark.django_db

PAGES = [table.name for table in TABLES if table.has_page]
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
    "parts?year=2021",
    "parts?year=2021&sakigake=7",
    "memberships?year=2021",
    "memberships?year=2021&sakigake=7&area=1",
)
PAGE_QUERIES = [query for query in QUERIES if query.partition("?")[0] in PAGES]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_file_has_the_columns_of_the_registry(client: Client, table: Table) -> None:
    names = [column.name for column in table.in_files]
    labels = [str(column.label) for column in table.in_files]
    for header, words in (("name", names), ("label", labels)):
        assert csv_cells(fetched(client, f"/{table.name}.csv?header={header}"))[0] == words
        assert excel_cells(fetched(client, f"/{table.name}.xlsx?header={header}"))[0] == words
    rows = json_rows(fetched(client, f"/{table.name}.json"))
    assert all(list(row) == names for row in rows)


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


@pytest.mark.parametrize("query", PAGE_QUERIES)
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
    if "amount_thousand_yen" in rows[0]:
        # On screen an amount of either kind stands in one column, beside its kind.
        shown = re.findall(r'<td data-label="[^"]+（千円）"[^>]*>(.*?)</td>', body)
        assert [re.sub("<.*?>", "", cell) for cell in shown] == [money(stated_amount(row)) for row in rows]
        assert re.findall(r'<td data-label="種別">(.*?)</td>', body) == [
            {"expenditure": "予算額", "lending_limit": "融資枠", None: ""}[row["kind"]] for row in rows
        ]


def stated_amount(row: dict[str, Any]) -> int | None:
    """The amount of a row, in the column of its kind and in no other; its state tells whether there is one."""
    columns = {"expenditure": "amount_thousand_yen", "lending_limit": "lending_limit_thousand_yen"}
    amounts = {kind: row[column] for kind, column in columns.items()}
    assert {kind for kind, amount in amounts.items() if amount is not None} == {row["kind"]} - {None}
    amount: int | None = amounts.get(row["kind"])
    assert row["amount_state"] == ("not_stated" if amount is None else "stated" if amount else "zero")
    return amount


def test_labels_carry_words_and_names_carry_codes(client: Client) -> None:
    address = "/budgets.csv?year=2021&sakigake=4&kind=lending_limit"
    header, row = csv_cells(fetched(client, address))
    labelled = dict(zip(header, row, strict=True))
    assert labelled["種別"] == "融資枠"
    assert labelled["予算区分"] == "当初（前年度２月補正を含む）"
    assert labelled["内訳"] == "ＤＸ対応資金"
    assert (labelled["予算額（千円）"], labelled["融資枠（千円）"]) == ("", "500000")
    assert (labelled["予算区分の種類"], labelled["額の状態"]) == ("当初", "記載あり")
    header, row = csv_cells(fetched(client, address + "&header=name"))
    named = dict(zip(header, row, strict=True))
    assert (named["kind"], named["stage"]) == ("lending_limit", "initial-with-february")
    assert (named["stage_role"], named["amount_state"]) == ("initial", "stated")


def test_a_printed_amount_has_the_stage_of_its_document(client: Client) -> None:
    rows = json_rows(fetched(client, "/sakigake.json?year=2021"))
    stages = {(row["amount_state"], row["stage"]) for row in rows}
    assert stages == {("stated", "initial-with-february"), ("not_stated", None)}
    header, *cells = csv_cells(fetched(client, "/sakigake.csv?year=2021"))
    words = {row[header.index("予算区分")] for row in cells}
    assert words == {"当初（前年度２月補正を含む）", ""}
    PrintedStage.objects.all().delete()
    assert {row["stage"] for row in json_rows(fetched(client, "/sakigake.json?year=2021"))} == {None}


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
    assert by_code["tax-system"]["lending_limit_thousand_yen"] is None
    states = {code: by_code[code]["amount_state"] for code in ("sns-consultation", "tax-system")}
    assert states == {"sns-consultation": "zero", "tax-system": "not_stated"}
    cells = {row[1]: row[9:12] for row in excel_cells(fetched(client, "/budgets.xlsx?year=2021"))}
    assert cells["sns-consultation"] == [0, None, "ゼロ"]
    assert cells["tax-system"] == [None, None, "記載なし"]
    text = {row[1]: row[9:12] for row in csv_cells(fetched(client, "/budgets.csv?year=2021"))}
    assert (text["sns-consultation"], text["tax-system"]) == (["0", "", "ゼロ"], ["", "", "記載なし"])


def test_json_tells_what_was_applied_and_what_was_counted(client: Client) -> None:
    answer = json.loads(fetched(client, "/budgets.json?year=2021&department=kyoiku&amount_min=1&page=7&unit=words"))
    assert set(answer) == {"applied", "rows", "totals", "notes"}
    assert answer["applied"] == {"year": 2021, "measure": "initial", "department": ["kyoiku"], "amount_min": 1}
    whole = json.loads(fetched(client, "/budgets.json"))
    assert whole["applied"] == {"year": 2021, "measure": "initial"}
    assert whole["totals"] == {
        "measure": "initial",
        "counted_rows": 32,
        "not_stated_rows": 62,
        "expenditure_thousand_yen": 3_673_685,
        "lending_limit_thousand_yen": 500_000,
        "measures": dict.fromkeys(("initial", "current", "available"), 3_673_685),
    }
    assert len(whole["rows"]) == 94
    every = json.loads(fetched(client, "/budgets.json?measure=all"))
    assert every["rows"] == whole["rows"]
    assert every["totals"] == whole["totals"] | {
        "measure": "all",
        "expenditure_thousand_yen": None,
        "lending_limit_thousand_yen": None,
    }
    assert whole["notes"][0].startswith("当初予算額の合計は3,673,685千円です（31件。再掲は重ねて数えていません）。")
    assert json.loads(fetched(client, "/sakigake.json"))["totals"] == {
        "rows": 45,
        "repeat_rows": 10,
        "not_stated_rows": 3,
        "printed_expenditure_thousand_yen": 7_418_993,
        "distinct_expenditure_thousand_yen": 3_673_685,
        "lending_limit_thousand_yen": 500_000,
    }


def test_files_join_no_parts_and_pages_do(client: Client) -> None:
    for table in TABLES:
        cells = csv_cells(fetched(client, f"/{table.name}.csv"))
        assert not [cell for row in cells for cell in row if " / " in cell]
    assert " / " in client.get("/sakigake/?year=2021&sakigake=7").content.decode()
    assert "データドリブン推進事業（再掲）" in client.get("/listings/?year=2021&q=データドリブン").content.decode()


def test_each_part_that_an_appearance_names_is_a_row(client: Client) -> None:
    rows = json_rows(fetched(client, "/parts.json"))
    named = NamedPart.objects.filter(appearance__plan__is_current=True)
    assert sorted((row["project_code"], row["part"], row["printed_label"], row["is_repeat"]) for row in rows) == sorted(
        named.values_list("part__project__code", "part__name", "label", "is_repeat")
    )
    of_seven = [row["part"] for row in rows if (row["place"], row["project_code"]) == ("7", "yamaguchi-dx")]
    assert len(of_seven) == 3
    assert {row["url"].removeprefix("http://127.0.0.1:8000") for row in rows if row["place"] == "7"} == {"/sakigake/7/"}
    listed = next(row for row in rows if row["printed_label"] == "データドリブン推進事業" and row["is_repeat"])
    assert listed["url"].startswith(f"http://127.0.0.1:8000/goals/{listed['place']}/#countermeasure-")
    assert json_rows(fetched(client, "/parts.json?sakigake=7")) == [row for row in rows if row["place"] == "7"]
    assert {row["place"][0] for row in json_rows(fetched(client, "/parts.json?area=3"))} == {"3"}


def test_each_project_is_in_a_sakigake_project_once(client: Client) -> None:
    rows = json_rows(fetched(client, "/memberships.json"))
    components = json_rows(fetched(client, "/sakigake.json"))
    keys = [(row["fiscal_year"], row["sakigake_number"], row["project_code"]) for row in rows]
    assert len(keys) == len({*keys})
    assert {*keys} == {(row["fiscal_year"], row["sakigake_number"], row["project_code"]) for row in components}
    first = Appearance.objects.components().first()
    assert first is not None
    first.pk, first.code, first.position = uuid4(), "again", 99
    first.save()
    assert json_rows(fetched(client, "/memberships.json")) == rows
    assert json_rows(fetched(client, "/memberships.json?sakigake=4")) == [
        row for row in rows if row["sakigake_number"] == 4
    ]


def test_an_excel_file_is_set_for_reading(client: Client) -> None:
    workbook = load_workbook(BytesIO(fetched(client, "/budgets.xlsx?year=2021&department=kyoiku&group=department")))
    sheet, about, dictionary = workbook.worksheets
    assert (sheet.title, about.title, dictionary.title) == ("予算額", "説明", "項目の説明")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:Q18"
    amounts = [row[9] for row in sheet.iter_rows(min_row=2) if row[9].value is not None]
    assert {(cell.data_type, cell.number_format) for cell in amounts} == {("n", "#,##0")}
    assert sum(cell.value for cell in amounts) == 1_779_412
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in (row[1], row[2])} == {"s"}
    # every cell that is not wrapped fits: a Japanese character is as wide as two
    widths = {
        number: column.width
        for column in sheet.column_dimensions.values()  # one for neighbours of one width
        for number in range(column.min, column.max + 1)
    }
    for column in sheet.iter_cols():
        texts = [str(cell.value) for cell in column if cell.value is not None and not cell.alignment.wrap_text]
        assert max(map(excel.text_width, texts)) <= widths[column[0].column]
    header, *lines = about.iter_rows(values_only=True)
    assert header == ("区分", "項目", "説明")
    assert all(None not in row for row in lines), "no blank cells and rows"
    told = {label: value for _, label, value in lines}
    assert told["件数"] == 17
    assert told["当初予算額の合計（千円）"] == 1_779_412
    assert told["融資枠の合計（千円、予算額には含めない）"] == "記載なし"
    assert told["額の記載なし（件）"] == 14
    assert told["部局"] == "教育庁"
    assert told["計画の状態"] == "案"
    assert told["利用条件"] == "利用条件は確認中です"
    assert told["取得元"] == "http://127.0.0.1:8000/budgets/?year=2021&department=kyoiku&group=department"
    assert told["教育庁"] == 1_779_412
    assert {"再掲", "融資枠", "単位", "取得日"} <= set(told)
    header, *lines = dictionary.iter_rows(values_only=True)
    assert header == ("列", "項目名（英数字）", "型", "意味")
    assert [row[:2] for row in lines] == [(str(column.label), column.name) for column in registry.BUDGETS.in_files]
    assert all(None not in row for row in lines)


def test_an_excel_file_prints_on_a4_landscape_as_wide_as_a_page(client: Client) -> None:
    for table in TABLES:
        workbook = load_workbook(BytesIO(fetched(client, f"/{table.name}.xlsx")))
        for sheet in workbook.worksheets:
            assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0)
        assert [sheet.print_title_rows for sheet in workbook.worksheets] == ["$1:$1"] * 3


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
    assert unquote(header.partition("''")[2]) == "予算額_令和３年度（2021年度）_教育庁_当初_20260401.csv"


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

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
    def test_cp932_holds_the_same_cells(self, client: Client, table: Table) -> None:
        response = client.get(f"/{table.name}.csv?encoding=cp932")
        assert response.headers["Content-Type"] == "text/csv; charset=Shift_JIS"
        assert csv_cells(response.getvalue(), "cp932") == csv_cells(fetched(client, f"/{table.name}.csv"))

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
        assert [place, "「𠮷」（U+20BB7）は〓になります"] in [row[1:] for row in about]
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
        if not table.has_page:
            continue
        html = client.get(table.path, follow=True).content.decode()
        for column in table.described:
            assert f"<code>{column.name}</code>" in html
            assert str(column.label)
            assert str(column.meaning)


def test_addresses_in_files_lead_to_pages(client: Client) -> None:
    for table in TABLES:
        rows = json_rows(fetched(client, f"/{table.name}.json"))
        for url in {row["url"] for row in rows}:
            assert url.startswith("http://127.0.0.1:8000/")
            assert client.get(url.removeprefix("http://127.0.0.1:8000").partition("#")[0]).status_code == 200


def test_departments_stand_in_their_order(client: Client) -> None:
    codes: list[Any] = [row["department_code"] for row in json_rows(fetched(client, "/budgets.json"))]
    assert list(dict.fromkeys(codes)) == [
        code for code in Department.objects.in_order().values_list("code", flat=True) if code in codes
    ]
