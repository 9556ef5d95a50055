"""The columns of files are those that were promised to their readers: names, labels and order."""

from __future__ import annotations

import pytest

from dxportal.tables import registry
from dxportal.tables.amount_columns import AmountState
from dxportal.tables.table import Table

pytestmark = pytest.mark.on_no_database

BUDGETS = (
    "fiscal_year 年度, project_code 事業コード, project_name 事業名, part 内訳, department_code 部局コード, "
    "department_name 部局名, stage 予算区分, stage_role 予算区分の種類, kind 種別, amount_thousand_yen 予算額（千円）, "
    "lending_limit_thousand_yen 融資枠（千円）, amount_state 額の状態, basis 根拠, source_document 出典資料, "
    "source_page 出典ページ, printed_thousand_yen 資料の額（千円）, url URL"
)
NAMES = {
    registry.SAKIGAKE: "fiscal_year, sakigake_number, sakigake_name, position, project_code, printed_name, "
    "department_code, printed_department, is_repeat, kind, stage, amount_thousand_yen, lending_limit_thousand_yen, "
    "amount_state, note, source_document, source_page, url",
    registry.LISTINGS: "fiscal_year, area, domain, goal_code, goal, keyword, countermeasure, project_code, "
    "printed_name, department_code, printed_department, is_repeat, printed_amount_thousand_yen, amount_state, note, "
    "source_document, source_page, url",
    registry.PROJECTS: "project_code, project_name, nature, department_code, department_name, first_year, last_year, "
    "listings, url",
    registry.COMPARISON: "project_code, project_name, base_department, department_name, base_amount_thousand_yen, "
    "amount_thousand_yen, base_amount_state, amount_state, change_thousand_yen, change_percent, change_kind, reason, "
    "base_lending_limit_thousand_yen, lending_limit_thousand_yen, url",
    registry.PARTS: "fiscal_year, project_code, part, printed_label, is_repeat, detail, place, source_document, "
    "source_page, url",
    registry.MEMBERSHIPS: "fiscal_year, sakigake_number, project_code, url",
}


def test_budgets_have_the_names_and_labels_of_the_contract() -> None:
    assert ", ".join(f"{column.name} {column.label}" for column in registry.BUDGETS.in_files) == BUDGETS


@pytest.mark.parametrize("table", NAMES, ids=lambda table: table.name)
def test_a_table_has_the_names_of_the_contract(table: Table) -> None:
    assert ", ".join(column.name for column in table.in_files) == NAMES[table]


def test_a_label_is_given_once_in_a_table() -> None:
    for table in registry.TABLES:
        labels = [str(column.label) for column in table.in_files]
        assert len(labels) == len({*labels})


def test_columns_of_one_name_mean_the_same_in_every_table() -> None:
    """Except where a table says what is printed, which another does not."""
    types = {(column.name, column.type) for table in registry.TABLES for column in table.in_files}
    assert len(types) == len({name for name, _ in types})


def test_states_of_amounts_are_those_of_the_contract() -> None:
    assert dict(AmountState.choices) == {"stated": "記載あり", "zero": "ゼロ", "not_stated": "記載なし"}


def test_the_tables_of_parts_and_memberships_are_files_alone() -> None:
    assert [table.name for table in registry.TABLES if not table.has_page] == ["parts", "memberships"]
