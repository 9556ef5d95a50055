"""The schema is the one place that names the fields of plan files: everything else has to follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Plan
from dxportal.planfiles.dumping import make_files, to_yaml
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.mapping import FolderBuilder, RowBuilder, build_rows, foreign_keys
from dxportal.planfiles.raw_files import FolderError
from dxportal.planfiles.row_base import PlanFileRow, TrackedModel
from dxportal.planfiles.schema import Folder, PlanFile
from dxportal.tracked_tables import CATALOGUE
from tests.examples import examples
from tests.folders.generated_plan import generate_folder
from tests.plans import MINAMIHOSHI

FOLLOWS = {"id", "position"}  # from the natural key, from the place in the list
UNSAID = {Plan: {"is_current"}}  # a plan in a folder is the one to be published


def shapes(
    shape: type[PlanFileRow] = Folder, heading: tuple[str, ...] = ()
) -> Iterator[tuple[type[PlanFileRow], tuple[str, ...]]]:
    """Each kind of row, with the columns that its heading says."""
    if shape is Folder:
        yield PlanFile, ()
    for child in shape.children().values():
        if child is not shape:
            yield child, heading
            yield from shapes(child, columns(child) if child.is_heading else ())


def columns(shape: type[PlanFileRow]) -> tuple[str, ...]:
    return tuple(name for column in shape.columns().values() for name in (column.name, column.also) if name)


def rows_inside(row: PlanFileRow) -> Iterator[PlanFileRow]:
    yield row
    for name in row.children():
        for child in getattr(row, name):
            yield from rows_inside(child)


@pytest.mark.parametrize("table", CATALOGUE, ids=lambda table: table.__name__)
def test_every_column_is_said_once_or_follows_from_the_nesting(table: TrackedModel) -> None:
    said = [[*columns(shape), *heading] for shape, heading in shapes() if shape.table is table and not shape.is_heading]
    texts = {
        name: [texts.column, *texts.same]
        for shape, _ in shapes()
        for name, texts in shape.texts().items()
        if texts.table is table
    }
    ways = [*said, *texts.values()]
    assert ways, "no file holds this table"
    for way in ways:
        nested = {key for key in foreign_keys(table) if key not in way}
        every = {field.name for field in table._meta.concrete_fields}
        assert sorted([*way, *nested]) == sorted(every - FOLLOWS - UNSAID.get(table, set()))
        assert nested <= {name for name, to in foreign_keys(table).items() if to in {s.table for s, _ in shapes()}}


def test_a_field_more_in_a_class_is_loaded_and_dumped() -> None:
    class Longer(PlanFile, table=Plan):
        is_current: bool = True

    folder = read_folder(MINAMIHOSHI)
    longer = Longer(**folder.plan.model_dump(), is_current=False)
    assert RowBuilder(folder).values(longer, {})["is_current"] is False
    plan = Plan(**folder.plan.model_dump(exclude={"format"}), is_current=False)
    assert FolderBuilder([plan]).build_row(Longer, plan) == longer


SAMPLES: dict[object, object] = {str: "添え書き", bool: True, int: 3, NoneType: None}


def values_of(annotation: Any) -> Iterator[object]:
    """A value of each kind that a field may have."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) is Annotated:
        yield from values_of(get_args(annotation)[0])
    elif get_args(annotation):
        for one in get_args(annotation):
            yield from values_of(one)
    else:
        yield SAMPLES[annotation]


def optional_values(shape: type[PlanFileRow]) -> dict[str, list[object]]:
    """Return a strategy for the values of each optional field; fields that identify the row stay."""
    return {
        name: [info.default, *values_of(info.annotation)]
        for name, info in shape.model_fields.items()
        if name in shape.columns() and not info.is_required() and not shape.columns()[name].within
    }


@examples(25)
@given(st.integers(1, 2), st.integers(0, 2**32))
@pytest.mark.on_no_database
def test_what_is_loaded_is_dumped_whatever_the_fields_say(size: int, seed: int) -> None:
    folder, chance = generate_folder(size), Random(seed)  # noqa: S311  # no secret
    for row in rows_inside(folder):
        for name, values in optional_values(type(row)).items():
            setattr(row, name, chance.choice(values))
        if getattr(row, "amount_thousand_yen", 0) is None:
            row.kind = "expenditure"  # type: ignore[attr-defined]  # nothing is stated, so nothing is said of it
    folder.put_in_order()
    [plan, *rows] = build_rows(folder)
    assert isinstance(plan, Plan)
    assert make_files(FolderBuilder([plan, *rows]).build_folder(plan)) == make_files(folder)


def first_of(shape: type[PlanFileRow], data: Any, within: type[PlanFileRow]) -> dict[str, Any] | None:
    """The first mapping of a shape in the plain content of a file."""
    for item in data if isinstance(data, list) else [data]:
        if within is shape:
            return item  # type: ignore[no-any-return]
        for name, child in within.children().items():
            if name in item and (found := first_of(shape, item[name], child)):
                return found
    return None


REFERENCES = [
    (shape, name)
    for shape in dict.fromkeys(shape for shape, _ in shapes())
    for name, column in shape.columns().items()
    if {column.name, column.also} & set(foreign_keys(shape.table))
]


@pytest.mark.on_no_database
@pytest.mark.parametrize(("shape", "name"), REFERENCES, ids=lambda value: getattr(value, "__name__", value))
def test_a_reference_to_nothing_is_a_problem(tmp_path: Path, shape: type[PlanFileRow], name: str) -> None:
    edited = False
    for file, data in make_files(generate_folder(1)).items():
        within = next((s for n, s in Folder.children().items() if file == f"{n}.yaml"), Folder.children()["documents"])
        if not edited and file != "plan.yaml" and (row := first_of(shape, data, within)):
            row[name] = 9 if name == "document" else "nobody"
            edited = True
        (tmp_path / file).write_text(to_yaml(data), encoding="utf-8")
    assert edited
    with pytest.raises(FolderError) as caught:
        read_folder(tmp_path)
    assert [problem for problem in caught.value.problems if problem.path.endswith(f".{name}")]
