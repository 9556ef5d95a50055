"""Whatever is stated: files, JSON and page hold the same rows with the same values, one datum a cell."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.models import BudgetLine, Stage
from catalog.models import Area, Department
from dxportal.money_and_years import money
from dxportal.tables.amount_columns import AMOUNT_COLUMNS, AmountState
from dxportal.tables.columns import Column, ColumnType
from dxportal.tables.registry import BUDGETS, COMPARISON, SAKIGAKE, TABLES
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS
from projects.models import AmountKind, Appearance, NamedPart, Project, ProjectPart, SakigakeProject
from tests.derived_tables import refresh_rows
from tests.dxportal.exports.reading_files import as_text, csv_cells, excel_cells, fetched, json_rows
from tests.dxportal.public.reading_figures import Reader
from tests.examples import examples

AMOUNTS = st.sampled_from([0, 1, 10**15]) | st.integers(0, 10**6)
# The comparison of years is another table, with rules of its own.
SAME_EVERYWHERE = [table for table in TABLES if table is not COMPARISON]


def codes(queryset: Any) -> list[str]:
    return sorted(queryset.values_list("code", flat=True))


def state_anything(data: st.DataObject) -> None:
    """Lines of any project or part, of either kind, some of them reductions; printed amounts and marks of any kind."""
    june, initial = (Stage.objects.get(code=code) for code in ("june", "initial-with-february"))
    for code in data.draw(st.sets(st.sampled_from(codes(Project.objects)), max_size=8)):
        project = Project.objects.get(code=code)
        stage = data.draw(st.sampled_from([june, initial]))
        BudgetLine.objects.update_or_create(
            project=project,
            part=data.draw(st.sampled_from([None, *ProjectPart.objects.filter(project=project).order_by("code")])),
            fiscal_year=2021,
            stage=stage,
            kind=data.draw(st.sampled_from(AmountKind.values)),
            defaults={
                "amount_thousand_yen": data.draw(AMOUNTS)
                * (data.draw(st.sampled_from([1, -1])) if stage is june else 1),
                "department": project.department,
            },
        )
    for code in data.draw(st.sets(st.sampled_from(codes(Appearance.objects)), max_size=8)):
        amount = data.draw(st.none() | AMOUNTS)
        Appearance.objects.filter(code=code).update(
            printed_amount_thousand_yen=amount,
            printed_kind="" if amount is None else data.draw(st.sampled_from(AmountKind.values)),
        )
    for part in data.draw(st.sets(st.sampled_from(sorted(NamedPart.objects.values_list("pk", flat=True))), max_size=4)):
        NamedPart.objects.filter(pk=part).update(is_repeat=data.draw(st.booleans()), detail="内容")
    refresh_rows()


def any_query(data: st.DataObject, table: Table) -> str:
    values: dict[str, list[str]] = {
        "department": codes(Department.objects),
        "area": codes(Area.objects),
        "sakigake": codes(SakigakeProject.objects),
        "kind": AmountKind.values,
        "q": ["ＤＸ", "教育", "デジタル"],
        "sort": list(table.sort_choices),
    }
    offered = sorted(values.keys() & FILTERS[table].base_filters.keys())
    query = QueryDict(mutable=True)
    for name in sorted(data.draw(st.sets(st.sampled_from(offered), max_size=2))):
        query[name] = data.draw(st.sampled_from(values[name]), label=name)
    return query.urlencode()


def cell_under_names(value: Any) -> Any:
    """The cell of a workbook for a value of JSON."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else None if value == "" else value


def cell_under_labels(column: Column, value: Any) -> Any:
    if isinstance(value, bool):
        return "再掲" if value else None
    words = column.words or (dict(Stage.objects.values_list("code", "name")) if column.name == "stage" else {})
    return str(words[value]) if value in words else cell_under_names(value)


def text_on_screen(column: Column, row: dict[str, Any]) -> str:
    """The text of a cell of the page for a row of JSON."""
    if column.type is ColumnType.MONEY:
        amounts = (row[name] for name in AMOUNT_COLUMNS.values())
        return money(next((amount for amount in amounts if amount is not None), None))
    value = cell_under_labels(column, row[column.name])
    return "" if value is None else str(value)


class TestAnyRows(TestCase):
    @examples(40)
    @given(data=st.data())
    def test_files_json_and_page_are_the_same(self, data: st.DataObject) -> None:
        state_anything(data)
        table = data.draw(st.sampled_from(SAME_EVERYWHERE), label="table")
        query = any_query(data, table)
        client = Client()
        rows = json_rows(fetched(client, f"/{table.name}.json?{query}"))
        for header in ("name", "label"):
            words, *cells = excel_cells(fetched(client, f"/{table.name}.xlsx?header={header}&{query}"))
            assert words == [getattr(column, header) for column in table.in_files]
            assert cells == [
                [
                    cell_under_names(row[column.name])
                    if header == "name"
                    else cell_under_labels(column, row[column.name])
                    for column in table.in_files
                ]
                for row in rows
            ]
            text = csv_cells(fetched(client, f"/{table.name}.csv?header={header}&{query}"))
            assert text == as_text([words, *cells])
        assert not any(isinstance(value, str) and " / " in value for row in rows for value in row.values())
        if table.has_page:
            self.check_page(client, table, query, rows)
        if table in (BUDGETS, SAKIGAKE):
            self.check_amounts(rows)

    @staticmethod
    def check_page(client: Client, table: Table, query: str, rows: list[dict[str, Any]]) -> None:
        page = Reader(client.get(f"/{table.name}/?{query}", follow=True).content.decode())
        shown = [each for each in page.tables if each.caption == str(table.label)]
        assert bool(shown) or not rows
        columns = {str(column.label): column for column in table.on_screen if column.in_files}
        for found in shown:
            assert len(found.rows) == min(len(rows), 100)
            for cells, row in zip(found.rows, rows, strict=False):
                for label, cell in cells.items():
                    if column := columns.get(label.rstrip(" ▲▼")):
                        assert "".join(cell.text.split()) == "".join(text_on_screen(column, row).split()), label

    @staticmethod
    def check_amounts(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            amounts = {kind.value: row[column] for kind, column in AMOUNT_COLUMNS.items()}
            stated = {kind: amount for kind, amount in amounts.items() if amount is not None}
            assert set(stated) == {row["kind"]} - {None}
            (amount,) = stated.values() or (None,)
            expected = AmountState.NOT_STATED if amount is None else AmountState.STATED if amount else AmountState.ZERO
            assert row["amount_state"] == expected.value
