"""Bulk insert writes the rows that models would write."""

from uuid import UUID, uuid4

import pytest

from dxportal.bulk_insert import BatchSizes, insert
from dxportal.search.models import PostingRow
from projects.models import Project

CHUNK = 99  # has no rows yet

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
def test_all_rows_are_written_however_many_there_are(count: int) -> None:
    rows = [(number, CHUNK, bytes([number])) for number in range(count)]
    assert insert(PostingRow, ("bucket", "chunk", "lists"), iter(rows), BatchSizes(6, 4)) == count
    stored = PostingRow.objects.filter(chunk=CHUNK).order_by("bucket").values_list("bucket", "chunk", "lists")
    assert [(bucket, chunk, bytes(lists)) for bucket, chunk, lists in stored] == rows
