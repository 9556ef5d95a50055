"""Comparison of pages and files after a step of the scenario with the sums that `tests.two_years` works out."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from html import unescape
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.test import Client

from dxportal.planfiles.loading import delete_catalogue
from projects.models import Appearance, NamedPart
from tests.conftest import YAMAGUCHI
from tests.dxportal.exports.reading_files import csv_cells, excel_cells
from tests.dxportal.public.reading_figures import Cell, Reader
from tests.dxportal.staff.test_dump_closure import rows_by_natural_key
from tests.two_years import (
    DEPARTMENT,
    DEPARTMENT_NAME,
    EXPENDITURE,
    FIRST,
    LENDING_LIMIT,
    LISTING_UNSTATED,
    MEASURES,
    NAMES,
    PART_NAMES,
    PRINTED_LINES,
    PRINTED_YEAR,
    SECOND,
    STAGES,
    Catalogue,
    Figures,
    Line,
    Step,
    add_up,
    addends,
    compare_project,
    ladder,
    lines_after,
    reasons_after,
    spent_of_available,
    words,
)

YEARS = (PRINTED_YEAR, FIRST, SECOND)
KINDS = {EXPENDITURE: "予算額", LENDING_LIMIT: "融資枠"}
CHANGE_NAMES = {
    "new": "新規",
    "increased": "増額",
    "decreased": "減額",
    "same": "同額",
    "incomparable": "範囲が異なる",
    "stated": "額の記載が加わった",
    "unstated": "額の記載がなくなった",
    "silent": "どちらも記載なし",
}


def catalogue_after(step: Step) -> Catalogue:
    """Return the lines of the lists after a step, and the projects that appear in each year."""
    appearing: dict[int, dict[str, str]] = defaultdict(dict)
    for year, project, department in Appearance.objects.values_list(
        "fiscal_year", "project__code", "project__department__code"
    ):
        appearing[year][project] = department
    return Catalogue([*PRINTED_LINES, *lines_after(step)], appearing)


class Checker:
    """A reader who compares every page and file after a step with the lists."""

    def __init__(self, client: Client, step: Step) -> None:
        self.client, self.step = client, step
        self.catalogue = catalogue_after(step)
        self.years = [year for year in YEARS if self.catalogue.projects(year)]

    def fetch(self, address: str) -> bytes:
        response = self.client.get(address, follow=True)
        content: bytes = response.getvalue()
        assert response.status_code == 200, (address, content.decode(errors="replace")[:500])
        return content

    def page(self, address: str) -> Reader:
        return Reader(self.fetch(address).decode())

    def json(self, address: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.fetch(address))
        return found

    def check_everything(self) -> None:
        for year in self.years:
            self.check_year(year)
            self.check_sakigake(year)
            self.check_home(year)
            self.check_department(year)
            self.check_control_page(year)
            for base_year in self.years:
                if base_year < year:
                    self.check_comparison(base_year, year)
        if len(self.years) > 1:
            self.check_all_years()
        for project in NAMES:
            if project in {line.project for line in self.catalogue.lines}:
                self.check_project(project)
                self.check_search(project)
        self.check_plan_command()
        check_folder()

    # The budget table and its files

    def check_year(self, year: int) -> None:
        opening = self.catalogue.opening_measure(year)
        assert self.json(f"/budgets.json?year={year}")["applied"]["measure"] == opening
        for measure in (*MEASURES, "all"):
            self.check_table(year, measure)
            for group in ("department", "area", "sakigake"):
                if measure != "all":
                    self.check_groups(year, measure, group)

    def check_table(self, year: int, measure: str) -> None:
        query = f"year={year}&measure={measure}"
        lines = addends(measure, self.catalogue.of_year(year))
        unstated = self.catalogue.unstated(measure, year)
        figures = Figures.of(lines, len(unstated))
        page = self.page(f"/budgets/?{query}")
        self.check_total(page, measure, figures)
        self.check_rows(page, lines)
        found = self.json(f"/budgets.json?{query}")
        assert Counter(map(json_row, found["rows"])) == Counter([*map(expected_row, lines), *map(empty_row, unstated)])
        totals = found["totals"]
        assert (totals["measure"], totals["counted_rows"], totals["not_stated_rows"]) == (
            measure,
            figures.stated,
            figures.silent,
        )
        sums = (totals["expenditure_thousand_yen"], totals["lending_limit_thousand_yen"])
        assert sums == ((None, None) if measure == "all" else (figures.expenditure or 0, figures.lending_limit or 0))
        assert totals["measures"] == self.catalogue.stated_measures(year)
        for cells in (
            csv_cells(self.fetch(f"/budgets.csv?{query}")),
            [
                ["" if cell is None else str(cell) for cell in row]
                for row in excel_cells(self.fetch(f"/budgets.xlsx?{query}"))
            ],
        ):
            check_cells(cells, lines, unstated)

    def check_total(self, page: Reader, measure: str, figures: Figures) -> None:
        said = "".join(page.text.split())
        if measure == "all":
            assert f"{figures.stated + figures.silent}件です。性格の違う額が並ぶので、合計は示しません。" in said
            return
        label, _ = MEASURES[measure]
        if figures.expenditure is None:
            assert f"{label}の記載はありません。" in said
        else:
            rows = figures.stated - self.count_limits(page, measure)
            assert f"{label}の合計は{words(figures.expenditure)}です（{rows}件。" in said
            assert words(figures.expenditure) in page.terms[label]
        if figures.lending_limit is not None:
            assert f"件、{words(figures.lending_limit)}あり、予算額には含めていません。" in said
        assert ("融資枠（予算額には含めません）" in page.terms) == (figures.lending_limit is not None)
        assert (f"額が載っていない{figures.silent}件は合計に含みません。" in said) == bool(figures.silent)

    def count_limits(self, page: Reader, measure: str) -> int:
        """Return the number of rows of lending limits among those that a page counts, as it says it."""
        found = re.search(r"ほかに融資枠が(\d+)件", "".join(page.text.split()))
        return int(found[1]) if found else 0

    def check_rows(self, page: Reader, lines: list[Line]) -> None:
        """Every addend is a row of the page, with its amount as print writes it."""
        shown = Counter(
            (
                row["事業名"].text,
                row["内訳"].text if "内訳" in row else "",
                row["予算区分"].text,
                row["種別"].text,
                next(cell.text for name, cell in row.items() if name.endswith("額（千円）")),
            )
            for table in page.tables
            for row in table.rows
            if "事業名" in row and "予算区分" in row
        )
        for line in lines:
            if line.project in NAMES and line.year != PRINTED_YEAR:
                part = PART_NAMES.get(line.part, "")
                row = (NAMES[line.project], part, STAGES[line.stage][0], KINDS[line.kind], words(line.amount))
                assert shown[row] == 1, row

    def check_groups(self, year: int, measure: str, group: str) -> None:
        page = self.page(f"/budgets/?year={year}&measure={measure}&group={group}")
        lines = addends(measure, self.catalogue.of_year(year))
        everything = Figures.of(lines, len(self.catalogue.unstated(measure, year)))
        if group == "department" and not everything.stated + everything.silent:
            assert not [table for table in page.tables if "別の" in table.caption]
            return
        *rows, whole = page.table("別の").rows
        label, _ = MEASURES[measure]
        assert group_figures(whole, label) == everything
        expected = self.departments(year, measure) if group == "department" else self.places(year, measure, group)
        shown = {code_behind(row, group): group_figures(row, label) for row in rows}
        assert shown == {code: expected.get(code, Figures(None, None, 0, 0)) for code in shown}
        assert {code for code, figures in expected.items() if figures.stated + figures.silent} <= shown.keys()
        self.check_chart(page, [figures.expenditure for figures in shown.values()])

    def departments(self, year: int, measure: str) -> dict[str, Figures]:
        lines, unstated = addends(measure, self.catalogue.of_year(year)), self.catalogue.unstated(measure, year)
        codes = {line.department for line in lines} | set(unstated.values())
        silent = Counter(unstated.values())
        return {code: Figures.of([line for line in lines if line.department == code], silent[code]) for code in codes}

    def references(self, year: int, group: str) -> dict[str, list[tuple[str, set[str]]]]:
        """Return the projects under each area or Sakigake project, with the parts that are named there."""
        path = "countermeasure__goal__domain__area__code" if group == "area" else "sakigake_project__number"
        named: dict[Any, set[str]] = defaultdict(set)
        for appearance, part in NamedPart.objects.values_list("appearance", "part__code"):
            named[appearance].add(part)
        found: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
        for pk, project, code in Appearance.objects.filter(fiscal_year=year).values_list("pk", "project__code", path):
            if code is not None:
                found[str(code)].append((project, named[pk]))
        return found

    def places(self, year: int, measure: str, group: str) -> dict[str, Figures]:
        lines = addends(measure, self.catalogue.of_year(year))
        places = {}
        for code, references in self.references(year, group).items():
            own = [line for line in lines if is_referred_to(line, references)]
            silent = {project for project, _ in references} - {line.project for line in own}
            places[code] = Figures.of(own, len(silent) if measure in LISTING_UNSTATED else 0)
        return places

    def check_chart(self, page: Reader, amounts: Iterable[int | None]) -> None:
        """A chart writes every figure beside its bar."""
        texts = Counter(re.findall(r'text-anchor="end">([^<]*)</text>', page.source))
        expected = Counter(map(words, amounts))
        assert {text: texts[text] for text in expected} == dict(expected)

    def check_all_years(self) -> None:
        measure = self.catalogue.opening_measure(None)
        found = self.json("/budgets.json?year=all")
        assert found["applied"]["measure"] == measure
        assert found["totals"]["expenditure_thousand_yen"] == add_up(addends(measure, self.catalogue.lines))
        assert found["totals"]["measures"] == self.catalogue.stated_measures(None)
        page = self.page("/budgets/?year=all&group=year")
        label, _ = MEASURES[measure]
        shown = {code_behind(row, "year"): group_figures(row, label) for row in page.table("別の").rows}
        expected = {
            str(year): Figures.of(
                addends(measure, self.catalogue.of_year(year)), len(self.catalogue.unstated(measure, year))
            )
            for year in self.years
        }
        assert shown == expected
        latest = max(year for year in self.years if self.catalogue.of_year(year))
        assert self.json("/budgets.json")["applied"]["year"] == latest

    # The comparison

    def check_comparison(self, base_year: int, year: int) -> None:
        query = f"year={year}&base={base_year}"
        found = self.json(f"/budgets/compare.json?{query}")
        assert found["applied"]["measure"] == "initial"
        projects = {**self.catalogue.projects(base_year), **self.catalogue.projects(year)}
        changes = {code: compare_project(self.catalogue, code, base_year, year) for code in projects}
        reasons = {
            each.project: each.text
            for each in reasons_after(self.step)
            if (each.base_year, each.year) == (base_year, year)
        }
        columns = ("base_amount_thousand_yen", "amount_thousand_yen", "base_lending_limit_thousand_yen")
        columns += ("lending_limit_thousand_yen", "change_thousand_yen", "change_kind")
        for row in found["rows"]:
            change = changes.pop(row["project_code"])
            values = (change.base, change.now, change.base_limit, change.limit, change.change, change.kind)
            assert tuple(row[name] for name in columns) == values, row["project_code"]
            percent = round(100 * change.change / change.base, 1) if change.base and change.change is not None else None
            assert row["change_percent"] == percent
            assert row["reason"] == reasons.get(row["project_code"], "")
        assert not changes
        sums = [addends("initial", self.catalogue.of_year(side)) for side in (base_year, year)]
        before, after = map(add_up, sums)
        totals = found["totals"]
        assert totals["base_expenditure_thousand_yen"] == before
        assert totals["expenditure_thousand_yen"] == (after or 0)
        kinds = Counter(row["change_kind"] for row in found["rows"])
        page = self.page(f"/budgets/compare/?{query}")
        said = "".join(page.text.split())
        for kind, count in kinds.items():
            assert f"{CHANGE_NAMES[kind]}{count}" in said
        if before is not None and after is not None:
            more = after - before
            difference = f"{'+' if more > 0 else '−'}{words(abs(more))}"
            is_told = f"{words(before)}から{words(after)}になりました（{difference}）" in said
            assert is_told == (not kinds["incomparable"])
            assert words(before) in said
            assert words(after) in said
        self.check_reasons(page, found["rows"])
        header, *cells = csv_cells(self.fetch(f"/budgets/compare.csv?{query}"))
        names = ("事業コード", "前年度の額（千円）", "額（千円）", "増減（千円）", "変化", "増減の理由")
        places = [header.index(name) for name in names]
        keys = ("project_code", "base_amount_thousand_yen", "amount_thousand_yen", "change_thousand_yen")
        expected = {
            (*("" if row[key] is None else str(row[key]) for key in keys), CHANGE_NAMES[row["change_kind"]])
            for row in found["rows"]
        }
        assert {tuple(row[place] for place in places[:-1]) for row in cells} == expected
        told = {row[places[0]]: row[places[-1]] for row in cells if row[places[-1]]}
        assert told == reasons
        excel = excel_cells(self.fetch(f"/budgets/compare.xlsx?{query}"))
        place, reason = (excel[0].index(name) for name in ("事業コード", "増減の理由"))
        assert {row[place]: row[reason] for row in excel[1:] if row[reason]} == reasons
        self.check_chart(page, [add_up(addends("initial", self.catalogue.of_year(each))) for each in self.years])

    def check_reasons(self, page: Reader, rows: list[dict[str, Any]]) -> None:
        """A reason stands beside its difference; where one of 20 % or more has none, the page says so."""
        table = next(table for table in page.tables if table.caption == "年度の比較")
        shown = {row["事業名"].text: row["増減の理由"].text if "増減の理由" in row else "" for row in table.rows}
        for row in rows:
            percent = row["change_percent"]
            expected = row["reason"].replace("\n", "")
            if percent is not None and abs(percent) >= 20 and not expected:
                expected = "理由は示されていません"
            assert shown[row["project_name"]].replace("\n", "") == expected

    # Sakigake projects and the home page

    def distinct_in_sakigake(self, year: int, measure: str) -> tuple[dict[str, int | None], int | None, list[Line]]:
        """Return the expenditure that each Sakigake project counts, that of all together, and all lines counted."""
        lines = addends(measure, self.catalogue.of_year(year))
        by_number, counted = {}, set()
        for number, references in self.references(year, "sakigake").items():
            own = [line for line in lines if is_referred_to(line, references)]
            by_number[number] = add_up(own)
            counted |= set(own)
        return by_number, add_up(counted), list(counted)

    def check_sakigake(self, year: int) -> None:
        for measure in MEASURES:
            by_number, whole, counted = self.distinct_in_sakigake(year, measure)
            query = f"year={year}&measure={measure}"
            found = self.json(f"/sakigake.json?{query}")["totals"]
            assert found["distinct_expenditure_thousand_yen"] == (whole or 0)
            assert found["lending_limit_thousand_yen"] == (add_up(counted, LENDING_LIMIT) or 0)
            printed = found["printed_expenditure_thousand_yen"]
            assert printed == (7_418_993 if year == PRINTED_YEAR else 0)  # print follows no measure
            *rows, everything = self.page(f"/sakigake/?{query}").table("再掲を除いた額を分けて示します").rows
            shown = {row["番号"].text: figure(row["再掲を除いた額"]) for row in rows}
            assert shown == {number: by_number.get(number) for number in shown}
            assert figure(everything["再掲を除いた額"]) == whole

    def check_home(self, year: int) -> None:
        page = self.page(f"/?year={year}")
        by_number, whole, _ = self.distinct_in_sakigake(year, self.catalogue.opening_measure(year))
        said = "".join(page.text.split())
        if whole is not None:
            assert re.search(rf"再掲を除いた[^、。]*額は、全体で{words(whole)}です。", said)
        if year != PRINTED_YEAR and whole is not None:
            for number, amount in by_number.items():
                assert re.search(rf"{number}「[^」]*」[^円]*?{words(amount)}", said), (number, amount)
        stated = [each for each in self.years if self.distinct_in_sakigake(each, "all")[2]]
        opened = re.search(r"（(令和.年度（\d+年度）)）", "".join(self.page("/").text.split()))
        assert opened is not None
        assert str(max(stated)) in opened[1]

    # Pages of a department and of projects

    def check_department(self, year: int) -> None:
        measure = self.catalogue.opening_measure(year)
        label, _ = MEASURES[measure]
        page = self.page(f"/departments/{DEPARTMENT}/?year={year}")
        figures = self.departments(year, measure)[DEPARTMENT]
        self.check_total(page, measure, figures)
        whole = add_up(addends(measure, self.catalogue.of_year(year)))
        if figures.expenditure is not None and whole:
            assert f"全部局の{label}の{100 * figures.expenditure / whole:.1f}％" in page.text
        own = Catalogue([line for line in self.catalogue.lines if line.department == DEPARTMENT])
        said = "".join(page.text.split())
        for other, amount in own.stated_measures(year).items():
            if other != measure and self.can_differ(year, other):
                assert f"{MEASURES[other][0]}{words(amount)}" in said, other
        shown = [row for table in page.tables if "予算額の表" in table.caption for row in table.rows]
        lines = addends(measure, own.of_year(year))
        assert Counter(row["額"].text for row in shown) == Counter(words(line.amount) for line in lines)

    def can_differ(self, year: int, measure: str) -> bool:
        """Tell whether a measure of a year may be another than the one before it: a page tells no figure twice."""
        new = {"current": "supplementary", "available": "carried_in"}.get(measure)
        return new is None or any(line.role == new for line in self.catalogue.of_year(year))

    def check_project(self, project: str) -> None:
        page = self.page(f"/projects/{project}/")
        groups: dict[tuple[int, str], list[Line]] = defaultdict(list)
        for line in self.catalogue.lines:
            if line.project == project:
                groups[line.year, line.kind].append(line)
        tables = {table.caption: table for table in page.tables if "の予算の動き" in table.caption}
        expected = {}
        said = "".join(page.text.split())
        for (year, kind), lines in groups.items():
            steps = ladder(lines)
            if len(steps) < 2:
                continue
            mark = f"（{KINDS[kind]}）" if kind == LENDING_LIMIT else ""
            expected[f"（{year}年度）{mark}の予算の動き"] = [(name, words(amount)) for name, amount in steps]
            available, spent, unused = spent_of_available(lines)
            if available and spent is not None:
                rate = f"執行率（決算÷予算現額）{100 * spent / available:.1f}％"
                assert (rate + (f"不用額{words(unused)}" if unused is not None else "")) in said
        shown = {
            caption[caption.index("（") :]: [(row["段階"].text, row["額"].text) for row in table.rows]
            for caption, table in tables.items()
        }
        assert shown == expected
        every = [row for table in page.tables if "予算額の表" in table.caption for row in table.rows]
        lines = [line for own in groups.values() for line in own]
        assert Counter((row["予算区分"].text, row["額"].text) for row in every) == Counter(
            (STAGES[line.stage][0], words(line.amount)) for line in lines
        )

    def check_search(self, project: str) -> None:
        own = [line for line in self.catalogue.lines if line.project == project]
        latest = max(line.year for line in own)
        measure = Catalogue(own).opening_measure(latest)
        lines = addends(measure, [line for line in own if line.year == latest])
        said = "".join(self.page(f"/search/?q={NAMES[project]}").text.split())
        for kind, label in ((EXPENDITURE, MEASURES[measure][0]), (LENDING_LIMIT, "融資枠")):
            amount = add_up(lines, kind)
            if amount is not None:
                assert re.search(rf"{label}（令和.年度（{latest}年度））{re.escape(words(amount))}", said), project
        hits = self.json(f"/search.json?q={NAMES[project]}")["results"]
        assert next(hit["url"] for hit in hits if hit["kind"] == "project").endswith(f"/projects/{project}/")

    # The control page, and commands

    def check_control_page(self, year: int) -> None:
        page = self.page(f"/budgets/check/?year={year}")
        said = "".join(page.text.split())
        assert 'class="alarm"' not in page.source
        assert "一致しないところ" not in said
        lines = self.catalogue.of_year(year)
        measure = self.catalogue.opening_measure(year)
        held = [line for line in lines if line in addends(measure, lines)]
        if year == PRINTED_YEAR:
            assert "掲載42件は、すべて集計額と一致しています。" in said
            held = [line for line in lines if line.stage == "initial-with-february"]
        else:
            assert "資料に額の記載がある掲載はありません。" in said
        later: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in lines:
            if line.stage not in {each.stage for each in held}:
                later[line.stage, line.kind].append(line)
        told = [
            f"{STAGES[stage][0]}{'融資枠' if kind == LENDING_LIMIT else ''}{words(add_up(own, kind))}（{len(own)}件）"
            for stage in STAGES
            for kind in KINDS
            if (own := later[stage, kind])
        ]
        assert re.findall(r"[^。）]+?(?:千円|0円)（\d+件）", said.partition("照合の対象ではありません。")[2]) == told
        _, whole, _ = self.distinct_in_sakigake(year, measure)
        assert figure(page.table("融資枠を含みません。", 0).rows[-1]["再掲を除いた額"], "") == whole
        *departments, all_departments = page.table("融資枠を含みません。", 1).rows
        assert figure(all_departments["再掲を除いた額"], "") == add_up(held)
        shown = {row["部局"].text: figure(row["再掲を除いた額"], "") for row in departments}
        assert shown[DEPARTMENT_NAME] == add_up(line for line in held if line.department == DEPARTMENT)

    def check_plan_command(self) -> None:
        out = StringIO()
        call_command("check_plan", YAMAGUCHI, stdout=out)
        text = out.getvalue()
        assert "矛盾（0件）" in text
        for year in self.years:
            assert f"{year}年度 資料の額と集計額の違い（0件）" in text
            for measure in self.catalogue.stated_measures(year):
                figures = self.departments(year, measure)[DEPARTMENT]
                section = text.partition(f"{year}年度 {MEASURES[measure][0]} 部局別")[2].partition("\n\n")[0]
                assert (
                    f"{DEPARTMENT_NAME}  予算額 {words(figures.expenditure)}  融資枠 {words(figures.lending_limit)}  "
                    f"{figures.stated}行を計上、額の記載なし{figures.silent}事業"
                ) in section, (year, measure)
                areas = self.places(year, measure, "area")
                section = text.partition(f"{year}年度 {MEASURES[measure][0]} 分野別")[2].partition("\n\n")[0]
                assert [row.partition("予算額 ")[2].split("  ")[0] for row in section.splitlines()[1:]] == [
                    words(areas[code].expenditure) for code in sorted(areas)
                ]


def is_referred_to(line: Line, references: Iterable[tuple[str, set[str]]]) -> bool:
    """Tell whether a project stands there as a whole, or with the part of the line, or the line is of the whole."""
    return any(
        project == line.project and (not parts or not line.part or line.part in parts) for project, parts in references
    )


def figure(cell: Cell, unit: str = "千円") -> int | None:
    """Read an amount of a cell; None if it is not stated."""
    if cell.text in ("記載なし", "－", ""):
        return None
    if cell.text == "0円":
        return 0
    found = re.fullmatch(rf"(△?)([\d,]+){unit}", cell.text)
    assert found, cell.text
    return (-1 if found[1] else 1) * int(found[2].replace(",", ""))


def group_figures(row: dict[str, Cell], label: str) -> Figures:
    counts = (int(row[name].text.replace(",", "")) for name in ("額の記載あり（件）", "額の記載なし（件）"))
    return Figures(figure(row[label]), figure(row["融資枠"]), *counts)


def code_behind(row: dict[str, Cell], group: str) -> str:
    """Return the code of a group, from the address that its name leads to."""
    first = next(iter(row.values()))
    found = re.search(rf"[?&]{group}=([^&]+)", first.href)
    assert found, first
    return found[1]


def json_row(row: dict[str, Any]) -> tuple[Any, ...]:
    amount = (row["amount_thousand_yen"], row["lending_limit_thousand_yen"])
    assert (row["amount_state"] == "not_stated") == (amount == (None, None))
    assert (row["amount_state"] == "zero") == (0 in amount)
    return (row["project_code"], row["stage"] or "", row["kind"] or "", *amount)


def expected_row(line: Line) -> tuple[Any, ...]:
    amounts = (None, line.amount) if line.kind == LENDING_LIMIT else (line.amount, None)
    return (line.project, line.stage, line.kind, *amounts)


def empty_row(project: str) -> tuple[Any, ...]:
    return (project, "", "", None, None)


def check_cells(cells: list[list[str]], lines: list[Line], unstated: Iterable[str]) -> None:
    """The cells of a file state each addend once, with plain integers, and each unstated project."""
    header, *rows = cells
    names = ("事業コード", "予算区分", "種別", "予算額（千円）", "融資枠（千円）")
    places = [header.index(name) for name in names]
    expected = [
        (line.project, STAGES[line.stage][0], KINDS[line.kind], *map(as_cell, expected_row(line)[3:])) for line in lines
    ]
    found = Counter(tuple(row[place] for place in places) for row in rows)
    assert found == Counter([*expected, *((project, "", "", "", "") for project in unstated)])


def as_cell(value: int | None) -> str:
    return "" if value is None else str(value)


def check_folder() -> None:
    """The catalogue is dumped, and loads into an empty one to the same rows."""
    before = rows_by_natural_key()
    with TemporaryDirectory() as name, transaction.atomic():
        call_command("dump_plan", Path(name), stdout=StringIO())
        delete_catalogue()
        call_command("load_plan", Path(name), "--accept", stdout=StringIO())
        after = rows_by_natural_key()
        transaction.set_rollback(True)
    assert after == before


def text_of(html: str) -> str:
    return "".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
