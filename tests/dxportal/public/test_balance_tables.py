"""The rows of the control page's tables, without a database; what they say of the plan is in test_check.py."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from budgets.balances import Balance, BalancedGroup
from catalog.models import Department
from dxportal.public.balance_tables import BalanceTable
from projects.models import AmountKind, SakigakeProject

pytestmark = pytest.mark.on_no_database

NOTHING = Balance(None, 0, 0, 0, None)
ROADS = Department(code="roads", name="道<局>")


def cells(html: str) -> list[str]:
    return re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html)


def body(table: BalanceTable) -> str:
    return part_of("tbody", table)


def foot(table: BalanceTable) -> str:
    return part_of("tfoot", table)


def part_of(name: str, table: BalanceTable) -> str:
    html = render_to_string("_components/balances.html", {"table": table, "name": "部局", "caption": "表"})
    return html[html.index(f"<{name}>") : html.index(f"</{name}>")]


def table(expenditure: Balance, kind: AmountKind = AmountKind.EXPENDITURE, *, outside: bool = True) -> BalanceTable:
    everything = BalancedGroup(None, [], expenditure, NOTHING)
    return BalanceTable([BalancedGroup(ROADS, [], expenditure, NOTHING)], everything, kind, outside)


def test_print_leads_to_the_count_step_by_step() -> None:
    own = table(Balance(1000, 300, 0, 20, 720))
    assert cells(body(own)) == [
        '<a href="/departments/roads/">道&lt;局&gt;</a>',
        "1,000",
        "300",
        "0円",
        "20",
        "720",
        "0円",
        "0",
        "0",
        "",
    ]
    assert cells(foot(own))[0] == "すべて"
    assert len(own.labels) == len(cells(body(own))) - 2


def test_what_is_left_is_an_alarm() -> None:
    html = body(table(Balance(1000, 0, 0, 0, 900)))
    assert '<strong class="alarm-figure">+100千円</strong>' in html


def test_where_nothing_is_stated_there_are_no_steps() -> None:
    assert cells(body(table(NOTHING)))[1:7] == ["記載なし", "－", "－", "－", "記載なし", "－"]


def test_what_no_component_speaks_of_has_a_column_only_where_it_is_counted() -> None:
    assert cells(body(table(Balance(1000, 300, 0, 20, 720), outside=False)))[1:6] == [
        "1,000",
        "300",
        "0円",
        "720",
        "0円",
    ]


def test_expenditure_is_where_links_to_a_group_lead() -> None:
    assert '<tr id="department-roads">' in body(table(NOTHING))
    assert "id=" not in foot(table(NOTHING))
    assert "id=" not in body(table(NOTHING, AmountKind.LENDING_LIMIT))
    project = BalancedGroup(SakigakeProject(number=4, name="道"), [], NOTHING, NOTHING)
    own = BalanceTable([project], project, AmountKind.EXPENDITURE, has_outside_lines=False)
    assert (
        '<tr id="sakigake-4">\n  '
        '<th scope="row"><span class="sakigake-number">4</span> <a href="/sakigake/4/">道</a></th>'
    ) in body(own)


def test_of_lending_limits_components_are_not_counted() -> None:
    own = table(NOTHING, AmountKind.LENDING_LIMIT)
    assert "再掲（件）" not in own.labels
    assert len(cells(body(own))) == len(own.labels) + 2
