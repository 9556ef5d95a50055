"""Saving takes as long as what is changed: no statement reads a table of the catalogue that grows as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.questions import QuestionKind, find_questions
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.workflow import read_differences
from dxportal.staff.models import Role
from projects.models import Appearance, NamedPart, Project, ProjectPart
from tests.dxportal.changesets.change_sets import make_open_set
from tests.dxportal.staff.staff_actions import create_user, edit, find_line, sign_in_as

pytestmark = pytest.mark.django_db

GROWING = frozenset(model._meta.db_table for model in (BudgetLine, Appearance, NamedPart, Project, ProjectPart))
PLANNED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


class Plans:
    """The statements that read a growing table from end to end, as the engine plans them."""

    def __init__(self) -> None:
        self.whole: list[str] = []
        self.count = 0
        self.is_planning = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if PLANNED.match(sql) and not many and not self.is_planning:
            self.is_planning, self.count = True, self.count + 1
            tables = set(read_whole(sql, params)) & GROWING
            self.whole += [f"{table}: {sql[:1000]}" for table in tables]
            self.is_planning = False
        return execute(sql, params, many, context)


def read_whole(sql: str, params: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (found,) = cursor.fetchone()
            yield from scanned(json.loads(found) if isinstance(found, str) else found)
            return
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        for *_, step in cursor.fetchall():
            if step.startswith("SCAN "):
                name = step.split()[1]
                aliased = re.search(rf'"?(\w+)"? (?:AS )?"?{re.escape(name)}"?[ ,)]', sql)
                yield aliased[1] if aliased and name not in GROWING else name


def scanned(plan: Any) -> Iterator[str]:
    """The tables that a plan of PostgreSQL reads without a condition on an index."""
    match plan:
        case list():
            for one in plan:
                yield from scanned(one)
        case dict():
            if plan.get("Node Type") in ("Seq Scan", "Index Scan", "Index Only Scan") and "Index Cond" not in plan:
                yield plan["Relation Name"]
            for one in plan.values():
                yield from scanned(one)


@contextmanager
def planned() -> Iterator[Plans]:
    """Collect plans as for large tables: small ones are read whole because that is quickest."""
    plans = Plans()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so that plans do not depend on the tests before
        if connection.vendor == "postgresql":
            for way in ("seqscan", "hashjoin", "mergejoin"):  # joins that read both sides from end to end
                cursor.execute(f"SET LOCAL enable_{way} = off")
    with connection.execute_wrapper(plans):
        yield plans


def test_saving_and_working_in_a_set_read_no_growing_table_whole() -> None:
    client = sign_in_as(create_user("bureau", Role.BUREAU))
    row = find_line("workation", fiscal_year=2021)
    with planned() as plans:
        edit(client, row, amount_thousand_yen="1")
        edit(client, row, amount_thousand_yen="2")
        edit(client, row.project, name="改めた名")
    assert ChangeSet.objects.get().changes.count() == 2
    assert plans.count > 200
    assert not plans.whole, "\n".join(plans.whole)


def test_renaming_a_department_that_print_names_reads_no_growing_table_whole() -> None:
    client = sign_in_as(create_user("bureau", Role.BUREAU))
    somu = Department.objects.get(code="somu")
    with planned() as plans:
        refused = edit(client, somu, name="総務企画部")
        form = {"aliases-TOTAL_FORMS": "1", "aliases-0-label": "総務部", "aliases-0-position": "1"}
        edit(client, somu, name="総務企画部", **form)
    assert "同じ保存のうちに「総務部」をその別名に入れるか" in refused.content.decode()
    assert ChangeSet.objects.get().changes.count() == 2
    assert not plans.whole, "\n".join(plans.whole)


def test_questions_read_no_growing_table_whole() -> None:
    line = find_line("workation", fiscal_year=2021)

    def add(stage: str, year: int) -> object:
        facts = {"project": line.project, "department": line.department, "amount_thousand_yen": 5}
        return BudgetLine.objects.create(stage=Stage.objects.get(code=stage), fiscal_year=year, **facts)

    odd = BudgetLine.objects.filter(pk=line.pk)
    printed = Appearance.objects.filter(pk=Appearance.objects.filter(printed_amount_thousand_yen__gt=0)[0].pk)
    change_set = make_open_set(
        lambda: odd.update(amount_thousand_yen=1),
        lambda: printed.update(printed_amount_thousand_yen=0),
        lambda: [add(stage, 2022) for stage in ("june", "settlement")],
        lambda: [add(stage, 2102) for stage in ("initial", "revised")],
        lambda: BudgetLine.objects.filter(fiscal_year=2102, stage__code="initial").update(amount_thousand_yen=4),
        lambda: BudgetLine.objects.filter(fiscal_year=2022, stage__code="settlement").update(amount_thousand_yen=6),
    )
    with preview_catalogue(read_differences(change_set)) as unpublished, planned() as plans:
        kinds = {question.kind for question in find_questions(unpublished)}
    assert kinds == set(QuestionKind)
    assert not plans.whole, "\n".join(plans.whole)


def test_a_statement_that_reads_a_growing_table_whole_is_found() -> None:
    with planned() as plans:
        list(BudgetLine.objects.filter(editorial_note="x").order_by())
        list(BudgetLine.objects.filter(pk=find_line("workation", fiscal_year=2021).pk))
    assert [table.split(":")[0] for table in plans.whole] == [BudgetLine._meta.db_table]
