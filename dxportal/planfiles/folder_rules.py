"""Validation rules across the rows and files of a plan folder, beyond the schema of each row."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Iterator
from itertools import pairwise
from typing import Any

from budgets.coverage import Claim, find_overlaps
from budgets.models import REDUCTION_ELSEWHERE, SIGNED, StageRole
from catalog.hidden_characters import find_hidden
from catalog.normal_form import HALF_WIDTH_KATAKANA, widen_katakana
from dxportal.normalize import fold_text
from dxportal.planfiles import schema
from dxportal.planfiles.raw_files import DOCUMENT_FILE_NAME, PlanFileProblem, RawRow, format_path
from dxportal.planfiles.row_base import PlanFileRow

VISION_CODE = "vision"


def find_violations(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Yield every violation; rows that do not fit the schema are tolerated."""
    yield from check_texts(rows)
    yield from check_codes(rows)
    yield from check_appearances(rows)
    yield from check_names(rows)
    yield from check_documents_and_pages(rows)
    yield from check_referenced_codes(rows)
    yield from check_printed_stages(rows)
    yield from check_budget_lines(rows)
    yield from check_change_reasons(rows)
    yield from check_terms(rows)
    yield from check_plan_facts(rows)


def select_rows(rows: list[RawRow], *shapes: type[PlanFileRow]) -> list[RawRow]:
    return [row for row in rows if issubclass(row.shape, shapes)]


def check_texts(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    for row in rows:
        for key, value in iterate_texts(row):
            if hidden := find_hidden(value):
                yield row.problem(key, str(hidden))
            if HALF_WIDTH_KATAKANA.search(value):
                yield row.problem(key, "半角カナがあります。全角に直してください。")
            elif widen_katakana(value) != value:
                yield row.problem(key, "濁点などが分かれた文字があります。合成した文字（NFC）に直してください。")
            if value != value.strip():
                yield row.problem(key, "前後に空白があります。取り除いてください。")


def iterate_texts(row: RawRow) -> Iterator[tuple[str, str]]:
    """Yield (key, text) for each text of a row, also for those in lists of texts."""
    for key, value in row.data.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(key, str) and isinstance(text, str):
                yield key, text


def check_codes(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that codes are unique by kind of row; a part's within its project, an appearance's within its year."""
    seen: dict[tuple[Any, ...], RawRow] = {}
    for row in rows:
        code = row.get("code")
        if code is None or "code" not in row.shape.model_fields:
            continue
        scope: tuple[Any, ...] = (row.shape,)
        if row.shape is schema.PartRow:
            scope = (row.shape, row.parents[-1].path)
        elif issubclass(row.shape, schema.AppearanceRow):
            scope = (schema.AppearanceRow, fiscal_year_of(row))
        first = seen.setdefault((*scope, code), row)
        if first is not row:
            where = f"{first.file.name} {first.file.line(first.path)}行目"
            yield row.problem("code", f"コード「{code}」は{where}にもあります。別のコードを付けてください。")


def fiscal_year_of(row: RawRow) -> Any:
    return row.get("fiscal_year", int) or (row.parents[-1].get("fiscal_year", int) if row.parents else None)


def check_names(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that a normalised name denotes one stage, one department, one part within a project, one term."""
    seen: dict[tuple[object, ...], tuple[RawRow, str, str]] = {}
    for row, key, word in iterate_words(rows):
        scope = row.parents[-1].path if row.shape is schema.PartRow else ()
        first, first_key, first_word = seen.setdefault((row.shape, scope, fold_text(word)), (row, key, word))
        if first is not row and (key, first_key) != ("code", "code"):  # duplicate_codes reports two codes
            yield row.problem(
                key,
                f"「{row.get('code')}」の「{word}」は、「{first.get('code')}」の名でもあります（「{first_word}」。全角と半角、"
                "大文字と小文字、ひらがなとカタカナ、空白の違いは区別しません）。どちらかの名を改めてください。",
            )
    for row in select_rows(rows, schema.DepartmentRow):
        aliases = row.get("aliases", list) or []
        for place, alias in enumerate(aliases):
            if isinstance(alias, str) and alias in [row.get("name"), *aliases[:place]]:
                yield row.problem("aliases", f"「{alias}」は、もう「{row.get('code')}」の名です。一つにしてください。")


def iterate_words(rows: list[RawRow]) -> Iterator[tuple[RawRow, str, str]]:
    """Yield (row, key, word) for each word that denotes a row; not the readings of terms, which may coincide."""
    for row in select_rows(rows, schema.StageRow, schema.DepartmentRow, schema.PartRow, schema.TermRow):
        if row.shape is not schema.TermRow:
            yield from ((row, key, row.get(key)) for key in ("code", "name") if row.get(key))
        key = "words" if row.shape is schema.TermRow else "aliases"
        yield from ((row, key, word) for word in row.get(key, list) or [] if isinstance(word, str))


def check_documents_and_pages(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    spans: dict[int, tuple[int, int]] = {}
    for row in select_rows(rows, schema.DocumentFile):
        number, first, last = (row.get(key, int) for key in ("number", "page_from", "page_to"))
        match = DOCUMENT_FILE_NAME.match(row.file.name)
        if number is not None and match and int(match[1]) != number:
            yield row.problem("number", f"番号がファイル名（{row.file.name}）と違います。")
        if first is None or last is None or number is None:
            continue
        if last < first:
            yield row.problem("page_to", "終わりのページが始まりのページより前です。")
        spans[number] = (first, last)
    for row in select_rows(rows, schema.PrintedPlanFileRow):
        yield from check_document(row, spans)
        yield from check_pages(row, spans.get(document_of(row)), ("page", "page_to", "overview_page"))
        page, page_to = row.get("page", int), row.get("page_to", int)
        if page is not None and page_to is not None and page_to <= page:
            yield row.problem("page_to", "続きのページは始まりのページより後でなければなりません。")
    for row in select_rows(rows, schema.BudgetLineRow):
        number, page = row.get("document", int), row.get("page", int)
        if (number is None) != (page is None):
            yield row.problem("page", "document と page は、両方書くか、両方書かないかにしてください。")
        elif number is not None and number not in spans:
            yield row.problem("document", f"資料{number}のファイルがありません。")
        elif number is not None:
            yield from check_pages(row, spans[number], ("page",))


def document_of(row: RawRow) -> Any:
    """Return the number of the document in which a row is printed: its own, or that of the nearest row above."""
    stated = (above.get("document", int) for above in (row, *reversed(row.parents[1:])))
    return next((number for number in stated if number is not None), row.parents[0].get("number", int))


def check_document(row: RawRow, known: Container[Any]) -> Iterator[PlanFileProblem]:
    """Check a row that names its document: another one than the row above, and one that there is."""
    number = row.get("document", int)
    if number is None:
        return
    if len(row.parents) == 1:
        yield row.problem(
            "document", f"資料{number}のファイルに書いてください。document は、下の段の行にだけ書けます。"
        )
    elif number == document_of(row.parents[-1]):
        yield row.problem("document", "上の行と同じ資料です。消してください。")
    elif number not in known:
        yield row.problem("document", f"資料{number}のファイルがありません。")


def check_pages(row: RawRow, span: tuple[int, int] | None, keys: tuple[str, ...]) -> Iterator[PlanFileProblem]:
    for key in keys:
        page = row.get(key, int)
        if page is not None and span is not None and not span[0] <= page <= span[1]:
            yield row.problem(key, f"{page}ページは、この資料の範囲（{span[0]}〜{span[1]}）にありません。")


def check_appearances(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that an appearance's fields agree, and that a department's heading is not repeated directly."""
    for row in select_rows(rows, schema.AppearanceRow):
        if row.data.get("repeat_before_parts") is True and row.data.get("repeat") is not True:
            yield row.problem("repeat_before_parts", "再掲の印の位置は、repeat: true のときだけ書けます。")
        if row.get("kind") == "lending_limit" and row.data.get("amount_thousand_yen") is None:
            yield row.problem("kind", "額がないので、種別は書けません。額を書くか、種別を消してください。")
    groups = select_rows(rows, schema.RelatedProjectsRow)
    by_year = sorted(groups, key=lambda row: (row.file.name, row.path[:-1], row.get("fiscal_year", int) or 0))
    for above, row in pairwise(by_year):
        same_place = (above.file.name, above.path[:-1]) == (row.file.name, row.path[:-1])
        keys = ("fiscal_year", "department")
        if same_place and all(above.data.get(key) == row.data.get(key) for key in keys):
            yield row.problem("department", "同じ年度・部局の見出しが続いています。一つにまとめてください。")


def check_referenced_codes(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    departments = {row.get("code") for row in select_rows(rows, schema.DepartmentRow)}
    known_labels = {row.get("name") for row in select_rows(rows, schema.DepartmentRow)}
    for row in select_rows(rows, schema.DepartmentRow):
        known_labels |= {alias for alias in row.get("aliases", list) or [] if isinstance(alias, str)}
    stages = {row.get("code") for row in select_rows(rows, schema.StageRow)}
    bodies = {row.get("code") for row in select_rows(rows, schema.PromotionBodyRow)}
    parts: dict[Any, set[Any]] = {row.get("code"): set() for row in select_rows(rows, schema.ProjectRow)}
    for row in select_rows(rows, schema.PartRow):
        parts[row.parents[-1].get("code")].add(row.get("code"))

    def find_unknown(row: RawRow, key: str, known: set[Any], noun: str) -> Iterator[PlanFileProblem]:
        value = row.get(key)
        if value is not None and value not in known:
            yield row.problem(key, f"{noun}「{value}」はありません。つづりを確かめるか、先に登録してください。")

    for row in rows:
        if issubclass(row.shape, schema.RelatedProjectsRow | schema.ComponentRow):
            yield from find_unknown(row, "department", known_labels, "部局の名")
        elif issubclass(row.shape, schema.ProjectRow | schema.BudgetLineRow):
            yield from find_unknown(row, "department", departments, "部局コード")
        if issubclass(row.shape, schema.AppearanceRow):
            yield from find_unknown(row, "project", set(parts), "事業コード")
        if row.shape is schema.NamedPartRow:
            project = row.parents[-1].get("project")
            if project in parts:
                yield from find_unknown(row, "part", parts[project], f"事業「{project}」の内訳コード")
        if row.shape is schema.BudgetLineRow:
            yield from find_unknown(row, "stage", stages, "予算区分コード")
            yield from find_unknown(row, "part", parts[row.parents[-1].get("code")], "この事業の内訳コード")
        if row.shape is schema.CoveredStageRow:
            yield from find_unknown(row, "stage", stages, "予算区分コード")
        if row.shape is schema.PromotionLinkRow:
            if row.get("source") is not None and row.get("source") == row.get("target"):
                yield row.problem("target", "つながりの始まりと終わりが同じ組織です。")
            yield from find_unknown(row, "source", bodies, "推進体制の組織コード")
            yield from find_unknown(row, "target", bodies, "推進体制の組織コード")
    occurrences = Counter(
        (row.file.name, row.path[:-1], row.get("part")) for row in select_rows(rows, schema.NamedPartRow)
    )
    for row in select_rows(rows, schema.NamedPartRow):
        if occurrences[row.file.name, row.path[:-1], row.get("part")] > 1:
            yield row.problem("part", "同じ内訳が一つの掲載に二度あります。一つにしてください。")


def check_printed_stages(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that a document exists if a stage names it, and that one stage at most does."""
    numbers = {row.get("number", int) for row in select_rows(rows, schema.DocumentFile)}
    seen: dict[int, RawRow] = {}
    for row in select_rows(rows, schema.PrintedStageRow):
        number = row.get("document", int)
        if number is None:
            continue
        first = seen.setdefault(number, row)
        if number not in numbers:
            yield row.problem("document", f"資料{number}のファイルがありません。")
        elif first is not row:
            yield row.problem(
                "document",
                f"資料{number}は、{format_path(first.path)}にもあります。"
                "一つの資料の額は一つの予算区分の額なので、どちらかを消してください。",
            )


def check_budget_lines(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that no amount is stated twice (`budgets.coverage`), and that combined stages cover plain ones."""
    stages = list(select_rows(rows, schema.StageRow))
    components: dict[Any, list[tuple[Any, int]]] = {}
    for row in select_rows(rows, schema.CoveredStageRow):
        covered = (row.get("stage"), row.get("year_offset", int) or 0)
        components.setdefault(row.parents[-1].get("code"), []).append(covered)
    for row in select_rows(rows, schema.CoveredStageRow):
        if row.get("stage") in components:
            yield row.problem("stage", "合算した予算区分は、ほかの予算区分に含められません。")
    for row in stages:
        if row.get("role") == StageRole.REVISED and row.get("code") in components:
            yield row.problem(
                "covers",
                "種類が revised の予算区分には、covers を書けません。足さずに並べる額なので、そのままにしてください。",
            )
    claims = [
        Claim(
            row,
            row.parents[-1].get("code"),
            row.get("kind") or "expenditure",
            row.get("part"),
            row.get("stage"),
            row.get("fiscal_year", int) or 0,
        )
        for row in select_rows(rows, schema.BudgetLineRow)
    ]
    names = {row.get("code"): row.get("name") for row in stages}
    roles = {row.get("code"): row.get("role") for row in stages}
    for row in select_rows(rows, schema.BudgetLineRow):
        if (row.get("amount_thousand_yen", int) or 0) < 0 and roles.get(row.get("stage")) not in SIGNED:
            yield row.problem("amount_thousand_yen", str(REDUCTION_ELSEWHERE))
    for overlap in find_overlaps(claims, components):
        stage = names.get(overlap.stage, overlap.stage)
        yield overlap.later.line.problem(
            "stage",
            f"{overlap.fiscal_year}年度「{stage}」の額が、{format_path(overlap.earlier.line.path)}にもあります。"
            "二重に数えるため、どちらかにしてください。",
        )


def check_change_reasons(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that a project has one reason for a pair of years, of which the earlier one is the base."""
    seen: dict[tuple[Any, ...], RawRow] = {}
    for row in select_rows(rows, schema.ChangeReasonRow):
        year, base_year = row.get("fiscal_year", int), row.get("base_year", int)
        if year is None or base_year is None:
            continue
        if base_year >= year:
            yield row.problem("base_year", "比較対象の年度は、年度（fiscal_year）より前の年度にしてください。")
        first = seen.setdefault((row.parents[-1].path, year, base_year), row)
        if first is not row:
            yield row.problem(
                "base_year", f"同じ二つの年度の理由が{format_path(first.path)}にもあります。一つにしてください。"
            )


def check_terms(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    """Check that a term has at least two words or readings, which differ in more than width and case."""
    for row in select_rows(rows, schema.TermRow):
        seen: set[str] = set()
        for key in ("words", "readings"):
            for text in row.get(key, list) or []:
                if not isinstance(text, str):
                    continue
                same = unicodedata.normalize("NFKC", text).casefold()
                if same in seen:
                    yield row.problem(key, f"「{text}」が二度あります（全角・半角などの違いは同じとみなします）。")
                seen.add(same)
        if len(seen) == 1:
            yield row.problem("words", "言葉が一つしかありません。同義語か読みを、もう一つ書いてください。")


def check_plan_facts(rows: list[RawRow]) -> Iterator[PlanFileProblem]:
    for row in select_rows(rows, schema.PlanFile):
        start, end = row.get("period_from", int), row.get("period_to", int)
        if start is not None and end is not None and end < start:
            yield row.problem("period_to", "対象期間の終わりが始まりより前です。")
    passages = {row.get("code") for row in select_rows(rows, schema.PassageRow)}
    first = next(iter(select_rows(rows, schema.DocumentFile)), None)
    if first is not None and VISION_CODE not in passages:
        yield first.problem("passages", f"ビジョンの文章（code: {VISION_CODE}）がどの資料にもありません。")
