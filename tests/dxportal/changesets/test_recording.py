"""Whatever a statement looks like, what is recorded is what whole tables before and after would show."""

# ruff: noqa: S608  # names of tables

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, OuterRef, ProtectedError, Subquery, Value, When
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Goal, Term
from dxportal.bulk_insert import insert_instances
from dxportal.changesets.differences import RowDifference, diff_tables
from dxportal.changesets.recording import Recorder
from dxportal.changesets.references import check_changed_references
from projects.models import Appearance, Project, ProjectPart
from tests.dxportal.changesets.edits import KINDS, Edit, identity, pick, snapshot
from tests.examples import examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("minamihoshi")]

LINES = BudgetLine._meta.db_table
GOALS = Goal._meta.db_table
PARTS = ProjectPart._meta.db_table


def execute(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))


def stored(value: Any) -> Any:
    """A primary key as the engine's driver takes it."""
    return value if connection.vendor == "postgresql" else value.hex


def sorted_values(names: list[str], **values: Any) -> list[Any]:
    return [values[name] for name in names if name in values]


def new_project(number: int, amount: int, **values: Any) -> Project:
    code = f"p{number}-{amount}"
    made = {"code": code, "name": "新しい事業", "department": pick(Department.objects, number)}
    return Project(**{"pk": identity(code), **made, **values})


def set_what_is_asked(number: int, amount: int) -> object:
    return BudgetLine.objects.filter(amount_thousand_yen__gte=number * 20).update(amount_thousand_yen=amount % 500)


def set_by_subquery(number: int, amount: int) -> object:
    named = Project.objects.filter(pk=pick(Project.objects, number).pk)
    return BudgetLine.objects.filter(project__in=named).update(editorial_note=f"% {amount}")


def set_from_other_rows(number: int, amount: int) -> object:
    names = Department.objects.filter(pk=OuterRef("department")).values("name")[:1]
    return Project.objects.filter(code__lt=f"s{number}").update(kana=Subquery(names))


def set_many(number: int, amount: int) -> object:
    lines = list(BudgetLine.objects.order_by("pk")[: number % 7])
    for place, line in enumerate(lines):
        line.amount_thousand_yen = amount + place
    return BudgetLine.objects.bulk_update(lines, ["amount_thousand_yen"])


def set_by_cases(number: int, amount: int) -> object:
    field = BudgetLine._meta.get_field("amount_thousand_yen")
    low = When(amount_thousand_yen__lt=number * 30, then=Value(amount, field))
    amounts = Case(low, default=F("amount_thousand_yen"))
    return BudgetLine.objects.exclude(part=None).update(amount_thousand_yen=amounts)


def add_many(number: int, amount: int) -> object:
    projects = [new_project(number, amount + place) for place in range(1 + number % 4)]
    return Project.objects.bulk_create(projects, ignore_conflicts=True)


def add_in_one_statement(number: int, amount: int) -> object:
    return insert_instances(Project, [new_project(number, amount + place) for place in range(1 + number % 4)])


def add_or_change_by_key(number: int, amount: int) -> object:
    """An upsert whose row is found by a unique value, under another primary key than the one sent."""
    old = pick(Project.objects, number)
    new = [new_project(number, amount, code=old.code, name="上書き"), new_project(number, amount + 1)]
    if new[1].code == old.code:  # PostgreSQL writes no row twice in one statement
        new.pop()
    return Project.objects.bulk_create(new, update_conflicts=True, unique_fields=["code"], update_fields=["name"])


def add_by_select(number: int, amount: int) -> object:
    stage = Stage._meta.db_table
    values = {"id": "%s", "code": "%s", "name": "%s"}
    names = [field.column for field in Stage._meta.concrete_fields]
    return execute(
        f"INSERT INTO {stage} ({', '.join(names)}) SELECT {', '.join(values.get(name, name) for name in names)} "
        f"FROM {stage} WHERE code = '{pick(Stage.objects, number).code}'",
        *sorted_values(names, id=stored(identity("stage", amount)), code=f"s{amount}", name=f"段階{amount}"),
    )


def add_with_literals(number: int, amount: int) -> object:
    """A row of which not one value is a parameter."""
    key, project = identity("part", amount), pick(Project.objects, number).pk
    keys = [f"'{stored(pk)}'" for pk in (key, project)]
    row = f"{', '.join(keys)}, 'l{amount}', '内訳{amount}', {amount % 9 + 50}"
    return execute(f"INSERT INTO {PARTS} (id, project_id, code, name, position) VALUES ({row})")


def add_one_by_one(number: int, amount: int) -> object:
    old = [pick(Goal.objects, number + place).pk for place in range(2)]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {GOALS} SET keyword = %s WHERE id = %s",
            [(f"語{amount + place}", stored(pk)) for place, pk in enumerate(old)],
        )
    return None


def give_another_key(number: int, amount: int) -> object:
    line = pick(BudgetLine.objects, number)
    new = identity("key", amount)
    return execute(f"UPDATE {LINES} SET id = %s WHERE id = %s", stored(new), stored(line.pk))


def set_by_plain_sql(number: int, amount: int) -> object:
    """Other ways to write the same: lower case, an alias, a schema, literals, functions, another table."""
    schema, middle = ("public", 0.5) if connection.vendor == "postgresql" else ("main", 0)
    projects = Project._meta.db_table
    ways = (
        f"update {LINES} set editorial_note = %s where fiscal_year > {2020 + number % 6}",
        f"UPDATE {LINES} AS line SET editorial_note = %s WHERE line.fiscal_year > 2023",
        f'UPDATE {schema}."{LINES}" SET editorial_note = %s WHERE fiscal_year > 2023',
        f"UPDATE {LINES} SET editorial_note = %s WHERE kind = 'expenditure' AND editorial_note <> 'WHERE (''x'",
        f"UPDATE {LINES} SET editorial_note = %s FROM {projects} WHERE {projects}.id = project_id AND code > 'm'",
        f"UPDATE {LINES} SET editorial_note = %s WHERE RANDOM() > {middle}",
        f"UPDATE {LINES} SET editorial_note = %s WHERE id IN (SELECT id FROM {LINES} ORDER BY RANDOM() LIMIT 3)",
        f"UPDATE {LINES} SET editorial_note = %s",
        f"UPDATE {LINES} SET (editorial_note, amount_thousand_yen) = (%s, 8) WHERE fiscal_year = 2023",
        f"UPDATE {LINES} SET editorial_note = %s /* WHERE 1 = 0 */ WHERE fiscal_year = 2023",
    )
    return execute(ways[number % len(ways)], f"注{amount}")


def delete_by_plain_sql(number: int, amount: int) -> object:
    ways = (
        f"DELETE FROM {LINES} WHERE fiscal_year > {2020 + number % 6}",
        f"DELETE FROM {LINES} WHERE id IN (SELECT id FROM {LINES} ORDER BY RANDOM() LIMIT 2)",
        f"DELETE FROM {LINES} AS line WHERE line.amount_thousand_yen < {amount % 900}",
        f"DELETE FROM {LINES} WHERE fiscal_year = 2023 RETURNING id",
        f"DELETE FROM {LINES} WHERE id IN (SELECT MAX(other) FROM (SELECT CAST(id AS TEXT) AS other FROM {LINES}) AS o)"
        if connection.vendor == "sqlite"
        else f"DELETE FROM {LINES} USING {Project._meta.db_table} AS p WHERE p.id = project_id AND p.code < 'm'",
        f"DELETE FROM {LINES}",
    )
    return execute(ways[number % len(ways)])


def replace_rows(number: int, amount: int) -> object:
    """SQLite takes out whatever stands in the way of a row; PostgreSQL changes it."""
    old = pick(Stage.objects, number)
    names = [field.column for field in Stage._meta.concrete_fields]
    values = list(Stage.objects.filter(pk=old.pk).values_list(*names)[0])
    values = [
        stored(identity("stage", amount)) if name == "id" else value for name, value in zip(names, values, strict=True)
    ]
    into = f"INTO {Stage._meta.db_table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
    if connection.vendor == "sqlite":
        return execute(f"INSERT OR REPLACE {into}", *values)
    return execute(f"INSERT {into} ON CONFLICT (code) DO UPDATE SET name = 'x' || {Stage._meta.db_table}.name", *values)


def delete_with_what_hangs_on_it(number: int, amount: int) -> object:
    return (pick(Term.objects, number) if number % 2 else pick(Appearance.objects, number)).delete()


def change_and_take_back(number: int, amount: int) -> object:
    with transaction.atomic():
        point = transaction.savepoint()
        set_what_is_asked(number, amount)
        add_many(number, amount)
        transaction.savepoint_rollback(point)
    return None


def add_and_delete(number: int, amount: int) -> object:
    return new_project(number, amount).save(force_insert=True), Project.objects.filter(code__startswith="p").delete()


STATEMENTS = (
    set_what_is_asked,
    set_by_subquery,
    set_from_other_rows,
    set_many,
    set_by_cases,
    add_many,
    add_in_one_statement,
    add_or_change_by_key,
    add_by_select,
    add_with_literals,
    add_one_by_one,
    give_another_key,
    set_by_plain_sql,
    delete_by_plain_sql,
    replace_rows,
    delete_with_what_hangs_on_it,
    change_and_take_back,
    add_and_delete,
)
statements = st.lists(
    st.builds(
        lambda kind, number, amount: lambda: kind(number, amount),
        st.sampled_from((*STATEMENTS, *KINDS)),
        st.integers(0, 50),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=5,
)


def comparable(found: Iterable[RowDifference]) -> set[tuple[object, ...]]:
    return {(one.model, one.row, repr(one.before), repr(one.after)) for one in found}


@examples(150)
@given(done=statements)
def test_what_is_recorded_is_what_whole_tables_show(done: list[Edit]) -> None:
    recorder = Recorder()
    with transaction.atomic():
        before = snapshot()
        with connection.execute_wrapper(recorder):
            for edit in done:
                with suppress(IntegrityError, ObjectDoesNotExist, ProtectedError), transaction.atomic():
                    edit()
        found = recorder.compare()
        assert comparable(found) == comparable(diff_tables(before, snapshot()))
        assert is_refused(lambda: check_changed_references(found)) == is_refused(connection.check_constraints)
        transaction.set_rollback(True)


def is_refused(check: Callable[[], None]) -> bool:
    try:
        with transaction.atomic():
            check()
    except IntegrityError:
        return True
    return False
