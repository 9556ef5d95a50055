"""Property test of the dump: every published catalogue can be dumped, and loads to the same rows."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models, transaction
from django.test import Client
from hypothesis import event, given
from hypothesis import strategies as st

from catalog.models import Printed, SourceDocument
from dxportal.changesets.models import ChangeSet, State
from dxportal.planfiles import schema
from dxportal.planfiles.dumping import dump_catalogue
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import delete_catalogue, load_folder
from dxportal.staff.models import Role
from dxportal.tracked_tables import CATALOGUE
from tests.dxportal.staff.random_edits import Edit, edits
from tests.dxportal.staff.staff_actions import create_user, sign_in_as, take_step
from tests.examples import examples
from tests.folders.generated_plan import generate_folder
from tests.plans import use_plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Rows = dict[tuple[str, ...], dict[str, Any]]


def two_documents() -> None:
    """Load a plan with rows of every table, in two documents."""
    folder = generate_folder(2)
    second = schema.DocumentFile(number=2, label="別冊", title="別冊", page_from=5, page_to=8)
    second.passages.append(schema.PassageRow(code="annex", page=5, text="別冊の文"))
    folder.documents.append(second)
    load_folder(folder, replace=True)


def rows_by_natural_key() -> dict[str, Rows]:
    """Return every row by its natural key; rows that it refers to by theirs; its place among the rows beside it."""
    tables: dict[str, Rows] = {}
    for model in CATALOGUE:
        names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        places: dict[tuple[Any, ...], int] = defaultdict(int)
        found: Rows = {}
        for row in model._default_manager.select_related(*foreign_keys(model)).order_by(*order_of(model)):
            values = {name: plain(getattr(row, name)) for name in names}
            if "position" in values:
                if issubclass(model, Printed) and not any(values.get(name) for name in PARENTS):
                    values["root_of"] = values["document"]
                beside = tuple(str(values.get(name)) for name in SIDE_BY_SIDE if name in values)
                places[beside] += 1
                values["position"] = places[beside]
            found[row.natural_key()] = values
        tables[model._meta.label_lower] = found
    return tables


# Columns that say which rows of a table stand in one list: those of the row above, and others.
PARENTS = (
    "parent",
    "pillar",
    "area",
    "domain",
    "goal",
    "countermeasure",
    "section",
    "heading",
    "measure",
    "sakigake_project",
)
SIDE_BY_SIDE = (*PARENTS, "project", "appearance", "department", "term", "is_reading", "fiscal_year", "root_of")


def foreign_keys(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def order_of(model: type[models.Model]) -> list[Any]:
    years = ["fiscal_year"] if "fiscal_year" in {field.name for field in model._meta.concrete_fields} else []
    return [*years, *model._meta.ordering]


def plain(value: Any) -> Any:
    return value.natural_key() if isinstance(value, models.Model) else value


@pytest.fixture
def bureau() -> User:
    return create_user("bureau", Role.BUREAU)


def publish(client: Client, author: User) -> bool:
    """Propose and publish what was recorded, as the buttons do; tell whether anything is published."""
    change_set = ChangeSet.objects.filter(author=author, state=State.OPEN).first()
    if change_set is None:
        return False
    take_step(client, change_set, "propose")
    take_step(client, change_set, "publish")
    change_set.refresh_from_db()
    return change_set.state == State.PUBLISHED


@use_plans(two_documents)
@examples(20)
@given(st.lists(edits, min_size=1, max_size=4))
def test_what_is_published_is_dumped_and_loads_to_the_same_rows(
    bureau: User, serving: None, chosen: list[Edit]
) -> None:
    with transaction.atomic():
        client = sign_in_as(bureau)
        for edit in chosen:
            edit(client)
        if publish(client, bureau):
            event("published")
            check_closure()
        transaction.set_rollback(True)


def check_closure() -> None:
    before = rows_by_natural_key()
    with tempfile.TemporaryDirectory() as name, transaction.atomic():
        dump_catalogue(Path(name))
        folder = read_folder(Path(name))
        delete_catalogue()
        load_folder(folder)
        after = rows_by_natural_key()
        transaction.set_rollback(True)
    for table, rows in before.items():
        assert after[table].keys() == rows.keys(), table
        for key, values in rows.items():
            assert after[table][key] == values, (table, key)


def test_every_list_of_rows_is_compared_in_order() -> None:
    ordered = [model for model in CATALOGUE if "position" in {field.name for field in model._meta.concrete_fields}]
    assert all(issubclass(model, Printed) or set(foreign_keys(model)) <= {*SIDE_BY_SIDE, "part"} for model in ordered)
    assert SourceDocument not in ordered
