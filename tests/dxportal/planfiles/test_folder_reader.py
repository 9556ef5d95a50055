"""A broken folder: every problem at once, each with its file, its place and a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.format_of_0_1_0 import guess_role
from dxportal.planfiles.raw_files import FolderError, PlanFileProblem
from tests.examples import examples
from tests.plans import MINAMIHOSHI

pytestmark = pytest.mark.on_no_database

Change = Callable[[str, Callable[[Any], None]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MINAMIHOSHI, tmp_path / "plan"))


@pytest.fixture
def change(folder: Path) -> Change:
    """Change the plain content of one file of the folder."""

    def change(name: str, edit: Callable[[Any], None]) -> None:
        data = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        edit(data)
        (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")

    return change


def problems(folder: Path) -> list[PlanFileProblem]:
    with pytest.raises(FolderError) as caught:
        read_folder(folder)
    return caught.value.problems


def only_problem(folder: Path) -> PlanFileProblem:
    found = problems(folder)
    assert len(found) == 1, list(map(str, found))
    return found[0]


def goal(data: Any) -> Any:
    return data["areas"][0]["domains"][0]["goals"][0]


def listing(data: Any) -> Any:
    return goal(data)["countermeasures"][0]["related_projects"][0]["projects"][0]


def test_a_whole_folder_is_read() -> None:
    folder = read_folder(MINAMIHOSHI)
    assert folder.plan.title == "南星県デジタル推進プラン"
    assert [len(folder.departments), len(folder.stages), len(folder.projects), len(folder.documents)] == [3, 9, 5, 1]


GOAL = "areas[0].domains[0].goals[0]"
OTHER_GOAL = "areas[1].domains[0].goals[0]"
BROKEN: list[tuple[str, Callable[[Any], Any], str, str]] = [
    # file, edit, path, part of the sentence
    ("plan.yaml", lambda d: d.pop("title"), "title", "この項目がありません"),
    ("plan.yaml", lambda d: d.update(colour="red"), "colour", "知らない項目です"),
    ("plan.yaml", lambda d: d.update(period_to=2022), "period_to", "始まりより前"),
    ("plan.yaml", lambda d: d.update(reason_threshold_percent=-1), "reason_threshold_percent", "0以上"),
    ("plan.yaml", lambda d: d.update(reason_threshold_percent=1001), "reason_threshold_percent", "1000以下"),
    ("plan.yaml", lambda d: d.update(is_official="yes"), "is_official", "true か false"),
    ("departments.yaml", lambda d: d[1].update(code="planning"), "[1].code", "1行目にもあります"),
    ("departments.yaml", lambda d: d[1].update(aliases=["企画課"]), "[1].aliases", "「planning」の名でもあります"),
    ("departments.yaml", lambda d: d[2].update(code="LIFE"), "[2].code", "半角の英小文字"),
    ("stages.yaml", lambda d: d[0].update(code=1), "[0].code", "引用符"),
    (
        "stages.yaml",
        lambda d: d[0].update(printed_in=[{"document": 4}]),
        "[0].printed_in[0].document",
        "資料4のファイルがありません",
    ),
    (
        "stages.yaml",
        lambda d: [stage.update(printed_in=[{"document": 1}]) for stage in d],
        "[1].printed_in[0].document",
        "資料1は、[0].printed_in[0]にもあります",
    ),
    (
        "stages.yaml",
        lambda d: d[0].update(printed_in=[{"document": 1}, {"document": 1}]),
        "[0].printed_in[1].document",
        "どちらかを消してください",
    ),
    ("stages.yaml", lambda d: d[0].update(printed_in=[{"document": "資料１"}]), "[0].printed_in[0].document", "整数で"),
    ("stages.yaml", lambda d: d[0].update(printed_in=[{"document": 0}]), "[0].printed_in[0].document", "1以上"),
    ("stages.yaml", lambda d: d[0].update(printed_in=[{}]), "[0].printed_in[0].document", "この項目がありません"),
    ("terms.yaml", lambda d: d[0].update(words=["手続"], readings=[]), "[0].words", "一つしかありません"),
    ("terms.yaml", lambda d: d[0].update(words=[], readings=["よみ", "ヨミ"]), "[0].words", "一つ以上"),
    ("terms.yaml", lambda d: d[0].update(readings=["届け出"]), "[0].readings", "「届け出」が二度あります"),
    ("terms.yaml", lambda d: d[1].update(words=["ＤＸ", "dx", "改革"]), "[1].words", "「dx」が二度あります"),
    ("terms.yaml", lambda d: d[1].update(code="procedure"), "[1].code", "1行目にもあります"),
    ("terms.yaml", lambda d: d[1].update(words=["ﾃﾞｼﾞﾀﾙ", "改革"]), "[1].words", "半角カナ"),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(amount_thousand_yen=1.5),
        "[0].budget_lines[0].amount_thousand_yen",
        "整数で",
    ),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(amount_thousand_yen="1,23"),
        "[0].budget_lines[0].amount_thousand_yen",
        "整数で",
    ),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(amount_thousand_yen=-1),
        "[0].budget_lines[0].amount_thousand_yen",
        "減額（△）を入れられるのは",
    ),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(amount_thousand_yen=True),
        "[0].budget_lines[0].amount_thousand_yen",
        "整数で",
    ),
    ("projects.yaml", lambda d: d[0].update(department="sea"), "[0].department", "部局コード「sea」はありません"),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(stage="may"),
        "[0].budget_lines[0].stage",
        "「may」はありません",
    ),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(kind="gift"),
        "[0].budget_lines[0].kind",
        "次のどれか",
    ),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(part="door"),
        "[0].budget_lines[0].part",
        "内訳コード「door」はありません",
    ),
    (
        "projects.yaml",
        lambda d: d[0].update(change_reasons=[{"fiscal_year": 2023, "base_year": 2023, "text": "理由"}]),
        "[0].change_reasons[0].base_year",
        "より前の年度",
    ),
    (
        "projects.yaml",
        lambda d: d[0].update(
            change_reasons=[{"fiscal_year": 2023, "base_year": 2022, "text": text} for text in ("一つめ", "二つめ")]
        ),
        "[0].change_reasons[1].base_year",
        "[0].change_reasons[0]にもあります",
    ),
    (
        "projects.yaml",
        lambda d: d[0].update(change_reasons=[{"fiscal_year": 2023, "base_year": 2022, "text": ""}]),
        "[0].change_reasons[0].text",
        "空にできません",
    ),
    ("projects.yaml", lambda d: d[0]["budget_lines"][0].update(page=9), "[0].budget_lines[0].page", "9ページは"),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"][0].update(document=7),
        "[0].budget_lines[0].document",
        "資料7のファイルがありません",
    ),
    ("projects.yaml", lambda d: d[0]["budget_lines"][0].pop("document"), "[0].budget_lines[0].page", "両方"),
    (
        "projects.yaml",
        lambda d: d[0]["budget_lines"].append(dict(d[0]["budget_lines"][0])),
        "[0].budget_lines[2].stage",
        "にもあります",
    ),
    ("document-1.yaml", lambda d: goal(d).pop("page"), GOAL + ".page", "この項目がありません"),
    ("document-1.yaml", lambda d: goal(d).update(page=5), GOAL + ".page", "範囲（1〜4）"),
    ("document-1.yaml", lambda d: goal(d).update(page_to=3), GOAL + ".page_to", "後でなければ"),
    (
        "document-1.yaml",
        lambda d: goal(d).update(code="2-1-1"),
        OTHER_GOAL + ".code",
        "行目にもあります",
    ),
    ("document-1.yaml", lambda d: goal(d).update(text=""), GOAL + ".text", "空にできません"),
    (
        "document-1.yaml",
        lambda d: goal(d).update(keyword="長" * 201),
        GOAL + ".keyword",
        "200文字",
    ),
    ("document-1.yaml", lambda d: goal(d).update(text="半角ｶﾅ"), GOAL + ".text", "半角カナ"),
    ("document-1.yaml", lambda d: goal(d).update(text="か\u3099"), GOAL + ".text", "NFC"),
    (
        "document-1.yaml",
        lambda d: goal(d).update(text="見え\u200bない"),
        GOAL + ".text",
        "見えない",
    ),
    ("document-1.yaml", lambda d: goal(d).update(text=" 字下げ"), GOAL + ".text", "前後に空白"),
    (
        "document-1.yaml",
        lambda d: goal(d).update(countermeasures={}),
        GOAL + ".countermeasures",
        "",
    ),
    (
        "document-1.yaml",
        lambda d: listing(d).update(project="ship"),
        GOAL + ".countermeasures[0].related_projects[0].projects[0].project",
        "事業コード「ship」はありません",
    ),
    (
        "document-1.yaml",
        lambda d: listing(d)["parts"][0].update(part="door"),
        GOAL + ".countermeasures[0].related_projects[0].projects[0].parts[0].part",
        "事業「online」の内訳コード「door」はありません",
    ),
    (
        "document-1.yaml",
        lambda d: goal(d)["countermeasures"][0]["related_projects"][0].update(department="海局"),
        GOAL + ".countermeasures[0].related_projects[0].department",
        "部局の名「海局」はありません",
    ),
    (
        "document-1.yaml",
        lambda d: goal(d)["countermeasures"][0]["related_projects"][1]["projects"][0].update(code="1-1-1-1-1"),
        GOAL + ".countermeasures[0].related_projects[1].projects[0].code",
        "行目にもあります",
    ),
    (
        "document-1.yaml",
        lambda d: listing(d).update(repeat_before_parts=True),
        GOAL + ".countermeasures[0].related_projects[0].projects[0].repeat_before_parts",
        "repeat: true のときだけ",
    ),
    (
        "document-1.yaml",
        lambda d: (listing(d).pop("amount_thousand_yen"), listing(d).update(kind="lending_limit")),
        GOAL + ".countermeasures[0].related_projects[0].projects[0].kind",
        "額がないので",
    ),
    (
        "document-1.yaml",
        lambda d: listing(d)["parts"][0].update(brackets="[]"),
        GOAL + ".countermeasures[0].related_projects[0].projects[0].parts[0].brackets",
        "始めと終わりの二文字",
    ),
    (
        "document-1.yaml",
        lambda d: goal(d)["countermeasures"][0]["related_projects"][1].update(department="企画課"),
        GOAL + ".countermeasures[0].related_projects[1].department",
        "見出しが続いています",
    ),
    (
        "document-1.yaml",
        lambda d: d.update(
            promotion_bodies=[{"code": "b", "page": 1, "name": "組織"}],
            promotion_links=[{"code": "l", "page": 1, "label": "支援", "source": "b", "target": "b"}],
        ),
        "promotion_links[0].target",
        "同じ組織です",
    ),
    (
        "document-1.yaml",
        lambda d: goal(d)["countermeasures"][0]["related_projects"].append(
            goal(d)["countermeasures"][0]["related_projects"][1]
            | {"projects": [{"code": "z", "page": 3, "project": "loans", "name": "しごと資金"}]}
        ),
        GOAL + ".countermeasures[0].related_projects[3].department",
        "見出しが続いています",
    ),
    ("departments.yaml", lambda d: d[0].update(aliases=["企画課 "]), "[0].aliases", "前後に空白"),
    ("stages.yaml", lambda d: d[2].update(name="当初"), "[2].name", "「initial」の名でもあります"),
    ("stages.yaml", lambda d: d[1].update(name="6月補正"), "[2].name", "「june」の「６月補正」は、「initial」の名でも"),
    (
        "stages.yaml",
        lambda d: d[1].update(name="Ｊune"),
        "[2].code",
        "「june」の「june」は、「initial」の名でもあります（「Ｊune」",
    ),
    (
        "departments.yaml",
        lambda d: d[1].update(aliases=["ｼごと局"]),
        "[2].name",
        "「industry」の「しごと局」は、「life」の",
    ),
    ("departments.yaml", lambda d: d[1].update(aliases=["元局", "元局"]), "[1].aliases", "もう「life」の名です"),
    (
        "projects.yaml",
        lambda d: d[3]["parts"].append({"code": "t", "name": d[3]["parts"][0]["name"]}),
        "[3].parts[2].name",
        "の名でもあります",
    ),
    (
        "terms.yaml",
        lambda d: d[1]["words"].append("届 け出"),
        "[1].words",
        "「payment」の「届 け出」は、「procedure」の名でも",
    ),
    ("document-1.yaml", lambda d: d.update(number=2), "number", "ファイル名"),
    ("document-1.yaml", lambda d: d["passages"][0].update(code="dream"), "passages", "vision"),
    (
        "document-1.yaml",
        lambda d: d.update(promotion_links=[{"code": "l", "page": 1, "label": "支援", "source": "nobody"}]),
        "promotion_links[0].source",
        "「nobody」はありません",
    ),
]


@pytest.mark.parametrize(("file", "edit", "path", "words"), BROKEN)
def test_a_problem_names_its_file_its_place_and_what_to_do(
    folder: Path, change: Change, file: str, edit: Callable[[Any], None], path: str, words: str
) -> None:
    change(file, edit)
    found = [problem for problem in problems(folder) if problem.path == path]
    assert found, list(map(str, problems(folder)))
    assert words in found[0].message
    assert found[0].file == file
    assert found[0].message.endswith("。") or "次のどれか" in found[0].message
    text = (folder / file).read_text(encoding="utf-8").split("\n")
    assert 1 <= found[0].line <= len(text)


@pytest.mark.parametrize("number", ["10_104", "0227", "2:48:24", "0x10", "1e3", "+5"])
def test_numbers_are_plain_decimals(folder: Path, number: str) -> None:
    file = folder / "projects.yaml"
    text = file.read_text(encoding="utf-8").replace("amount_thousand_yen: 1200", f"amount_thousand_yen: {number}")
    file.write_text(text, encoding="utf-8")
    assert "整数で" in only_problem(folder).message


def test_the_line_is_the_line_of_the_value(folder: Path) -> None:
    file = folder / "departments.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("code: life", "code: LIFE"), encoding="utf-8")
    found = problems(folder)[0]
    assert file.read_text(encoding="utf-8").split("\n")[found.line - 1] == "- code: LIFE"
    assert str(found).startswith(f"departments.yaml:{found.line}  [1].code  ")


def test_all_problems_of_all_files_come_at_once(folder: Path, change: Change) -> None:
    change("plan.yaml", lambda d: d.pop("title"))
    change("projects.yaml", lambda d: d[0]["budget_lines"][0].update(amount_thousand_yen=-1, stage="may"))
    change("document-1.yaml", lambda d: (goal(d).pop("page"), listing(d).update(project="ship")))
    (folder / "notes.yaml").write_text("a: 1\n", encoding="utf-8")
    assert [(problem.file, problem.path.split(".")[-1]) for problem in problems(folder)] == [
        ("document-1.yaml", "page"),
        ("document-1.yaml", "project"),
        ("notes.yaml", ""),
        ("plan.yaml", "title"),
        ("projects.yaml", "stage"),
        ("projects.yaml", "amount_thousand_yen"),
    ]


def test_a_whole_and_its_part_cannot_both_state_an_amount(folder: Path, change: Change) -> None:
    def whole(data: Any) -> None:
        data[3]["budget_lines"].append(
            {"fiscal_year": 2023, "stage": "june", "amount_thousand_yen": 5, "department": "planning"}
        )

    change("projects.yaml", whole)
    assert "「６月補正」の額が、" in only_problem(folder).message


def test_combined_and_separate_stages_cannot_stand_in_one_year(folder: Path, change: Change) -> None:
    change("stages.yaml", lambda d: d[2].update(covers=[{"stage": "initial"}]))
    assert "「当初」の額が、" in only_problem(folder).message


@pytest.fixture
def second_document(folder: Path) -> None:
    text = "number: 2\nlabel: 別冊\ntitle: 別冊\npage_from: 1\npage_to: 6\n"
    (folder / "document-2.yaml").write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("second_document")
def test_documents_under_a_stage_are_read_in_the_order_of_their_numbers(folder: Path, change: Change) -> None:
    change("stages.yaml", lambda d: d[3].update(printed_in=[{"document": 2}, {"document": 1}]))
    assert [row.document for row in read_folder(folder).stages[3].printed_in] == [1, 2]


@pytest.mark.usefixtures("second_document")
def test_each_document_may_begin_at_page_1(folder: Path) -> None:
    assert [document.page_from for document in read_folder(folder).documents] == [1, 1]


@pytest.mark.usefixtures("second_document")
def test_a_listing_may_have_a_document_of_its_own_and_stands_on_its_pages(folder: Path, change: Change) -> None:
    change("document-1.yaml", lambda d: listing(d).update(document=2, page=6))
    read_folder(folder)
    change("document-1.yaml", lambda d: listing(d).update(page=7))
    assert "7ページは、この資料の範囲（1〜6）にありません。" in only_problem(folder).message


@pytest.mark.usefixtures("second_document")
@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: listing(d).update(document=1), "上の行と同じ資料です。消してください。"),
        (lambda d: listing(d).update(document=3), "資料3のファイルがありません。"),
        (lambda d: d["areas"][0].update(document=2), "資料2のファイルに書いてください。"),
    ],
)
def test_a_document_of_its_own_is_another_one_that_there_is(
    folder: Path, change: Change, edit: Callable[[Any], None], words: str
) -> None:
    change("document-1.yaml", edit)
    assert words in only_problem(folder).message


def test_a_folder_of_0_1_0_states_no_format(folder: Path, change: Change) -> None:
    def without_roles(stages: Any) -> None:
        for stage in stages:
            del stage["role"]
        stages[0]["combined"] = True

    change("plan.yaml", lambda d: d.pop("format"))
    change("stages.yaml", without_roles)
    assert read_folder(folder) == read_folder(MINAMIHOSHI)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("当初（前年度２月補正を含む）", "initial"),
        ("６月補正", "supplementary"),
        ("６月補正後", "revised"),
        ("最終予算現計", "revised"),
        ("決算見込", "settlement"),
        ("執行額", "settlement"),
        ("部局要求", "request"),
        ("前年度繰越", "carried_in"),
        ("翌年度繰越", "carried_out"),
        ("予備費", "adjustment"),
        ("予算", "initial"),
    ],
)
def test_a_role_is_told_by_the_name_in_folders_and_databases_of_0_1_0(name: str, role: str) -> None:
    migration = import_module("budgets.migrations.0008_stage_roles")
    assert guess_role(name) == migration.role_of(name) == role


@pytest.mark.parametrize("stated", [1, 3, "2", True, None])
def test_an_unknown_format_is_all_that_is_said(folder: Path, change: Change, stated: object) -> None:
    change("plan.yaml", lambda d: d.update(format=stated, of_a_later_version="x"))
    problem = only_problem(folder)
    assert (problem.file, problem.path) == ("plan.yaml", "format")
    assert f"形式「{stated}」の計画フォルダーは、この版では読めません" in problem.message


@pytest.mark.parametrize("name", ["plan.yaml", "departments.yaml", "stages.yaml", "projects.yaml", "document-1.yaml"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(p.file == name and "ありません" in p.message for p in problems(folder))


def test_a_missing_folder(tmp_path: Path) -> None:
    assert "フォルダーがありません" in only_problem(tmp_path / "nowhere").message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code: a\ncode: b\n", "項目「code」が二度"),
        ("code: &x a\ntitle: *x\n", "別名"),
        ("code: [a\n", "YAML として読めません"),
        ("code: !!python/object:os.system {}\n", "YAML として読めません"),
        ("\ttitle: x\n", "YAML として読めません"),
        ("? [a, b]\n: c\n", "項目の名は文字で"),
        ("1: c\n", "項目の名は文字で"),
        ("updated_on: 2026-02-30\n", "日付を読めません"),
        ("[" * 5000, "YAML として読めません"),
        ("- a list\n", "「項目: 値」の形"),
        ("", "「項目: 値」の形"),
    ],
)
def test_a_file_that_is_no_mapping(folder: Path, text: str, words: str) -> None:
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    found = [problem for problem in problems(folder) if problem.file == "plan.yaml"]
    assert words in found[0].message


def test_a_file_in_another_encoding(folder: Path) -> None:
    (folder / "plan.yaml").write_bytes("title: 計画\n".encode("cp932"))
    assert any("UTF-8" in problem.message for problem in problems(folder))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "page", "parts"]), inner),
    max_leaves=6,
)


@examples(60)
@given(data=st.data(), junk=JUNK)
def test_whatever_stands_in_the_folder_is_answered_with_problems(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, junk: Any
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for file in MINAMIHOSHI.iterdir():
        shutil.copy(file, folder)
    name = data.draw(st.sampled_from(sorted(file.name for file in MINAMIHOSHI.iterdir())))
    content: Any = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    place, holder, key = content, None, None
    while isinstance(place, dict | list) and place and data.draw(st.integers(0, 4)):
        holder, key = place, data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        place = holder[key]
    if holder is None:
        content = junk
    else:
        holder[key] = junk
    (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with suppress(FolderError):  # nothing else may be raised
        read_folder(folder)
