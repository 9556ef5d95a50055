"""Rows by plain statements are those that the models would have written."""

from uuid import UUID, uuid4

import pytest

from dxportal import bulk_insert
from dxportal.bulk_insert import insert
from dxportal.search.models import PostingRow
from projects.models import Project

CHUNK = 99  # of which there are no rows

pytestmark = pytest.mark.django_db


def test_values_come_back_as_the_models_know_them() -> None:
    row = uuid4()
    there = Project.objects.earliest("pk")
    values = (row.hex, "new", "新しい事業", there.department_id.hex, "", "project", "")
    names = ("id", "code", "name", "department_id", "kana", "nature", "editorial_note")
    assert insert(Project, names, [values]) == 1
    [project] = Project.objects.filter(pk=row)
    assert (project.pk, project.code, project.name) == (row, "new", "新しい事業")
    assert isinstance(project.pk, UUID)
    assert project.department == there.department


@pytest.mark.parametrize("count", [0, 1, 6, 7, 20])
def test_all_rows_are_written_however_many_there_are(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(bulk_insert, "BATCH", 6)
    monkeypatch.setattr(bulk_insert, "IN_A_STATEMENT", 4)
    rows = [(number, CHUNK, bytes([number])) for number in range(count)]
    assert insert(PostingRow, ("bucket", "chunk", "lists"), iter(rows)) == count
    stored = PostingRow.objects.filter(chunk=CHUNK).order_by("bucket").values_list("bucket", "chunk", "lists")
    assert [(bucket, chunk, bytes(lists)) for bucket, chunk, lists in stored] == rows
