"""docs/plan-folder.md names each field of each file, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dxportal.planfiles.row_base import PlanFileRow
from dxportal.planfiles.schema import Folder, PlanFile

pytestmark = pytest.mark.on_no_database

PAGE = Path(__file__).parents[3] / "docs" / "plan-folder.md"


def outline() -> str:
    """Each file with its fields, a field that may be left out with a question mark, lists of rows below."""
    lines = ["plan.yaml: " + fields(PlanFile)]
    for name, shape in Folder.children().items():
        lines += rows("document-<n>.yaml" if name == "documents" else f"{name}.yaml", shape)
    return "\n".join(lines)


def fields(shape: type[PlanFileRow]) -> str:
    names = [(name, info) for name, info in shape.model_fields.items() if name not in shape.children()]
    return " ".join(name if info.is_required() else f"{name}?" for name, info in names)


def rows(name: str, shape: type[PlanFileRow]) -> Iterator[str]:
    yield f"{name}: {fields(shape)}"
    for inner, child in shape.children().items():
        yield from (f"  {line}" for line in ([f"{inner}: likewise"] if child is shape else rows(inner, child)))


def test_the_page_names_every_field() -> None:
    assert f"```\n{outline()}\n```" in PAGE.read_text(encoding="utf-8")
