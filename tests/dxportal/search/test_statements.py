"""Bytes are read as the database keeps them, on both engines."""

from __future__ import annotations

from struct import pack

import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.models import Posting
from dxportal.search.statements import contents, rows_of

ROWS = "SELECT bucket, lists FROM search_posting WHERE chunk = 99 ORDER BY bucket"
KEPT = {-5: bytes(range(256)), 0: b"", 7: "農業".encode(), 2**31 - 1: b"\xff" * 100_000}

NUMBERS = st.integers(-(2**31), 2**31 - 1)
SIGNATURE = b"PGCOPY\n\xff\r\n\0"


@pytest.mark.django_db
class TestContents:
    def test_are_those_that_were_written(self) -> None:
        Posting.objects.bulk_create(Posting(bucket=bucket, chunk=99, lists=lists) for bucket, lists in KEPT.items())

        assert [*contents(ROWS)] == [*KEPT.items()]

    def test_of_no_rows_are_none(self) -> None:
        assert [*contents(ROWS)] == []

    def test_a_statement_counts_as_one(self, django_assert_num_queries: object) -> None:
        assert callable(django_assert_num_queries)
        with django_assert_num_queries(1):
            [*contents(ROWS)]

    def test_what_fails_fails_as_with_all_statements(self) -> None:
        with pytest.raises(DatabaseError):
            [*contents("SELECT bucket, lists FROM nowhere")]


@given(
    st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.binary(max_size=300)), max_size=5), st.binary(max_size=9)
)
def test_copied_rows_are_taken_apart(rows: list[tuple[int, bytes]], behind_head: bytes) -> None:
    """As PostgreSQL documents them at COPY; a head may be longer than it is today."""
    copied = SIGNATURE + pack(">ii", 0, len(behind_head)) + behind_head
    for number, content in rows:
        copied += pack(">h", 2) + pack(">ii", 4, number) + pack(">i", len(content)) + content

    assert [*rows_of(copied + pack(">h", -1))] == rows
