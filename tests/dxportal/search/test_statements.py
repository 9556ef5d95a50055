"""Bytes are read as the database keeps them, on both engines."""

from __future__ import annotations

from struct import pack

import pytest
from django.db import DatabaseError, transaction
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

    def test_nothing_is_read_in_a_transaction_that_has_failed(self) -> None:
        with transaction.atomic():
            transaction.set_rollback(True)
            with pytest.raises(transaction.TransactionManagementError):
                [*contents(ROWS)]


@given(rows=st.lists(st.tuples(NUMBERS, st.binary(max_size=300)), max_size=5), behind_head=st.binary(max_size=9))
def test_copied_rows_are_taken_apart(rows: list[tuple[int, bytes]], behind_head: bytes) -> None:
    """As PostgreSQL documents them at COPY; a head may be longer than it is today."""
    copied = b"".join(pack(">hii", 2, 4, number) + pack(">i", len(content)) + content for number, content in rows)

    assert [*rows_of(SIGNATURE + pack(">ii", 0, len(behind_head)) + behind_head + copied + pack(">h", -1))] == rows


@pytest.mark.parametrize(
    "row",
    [
        pack(">hiii", 2, 4, 1, -1),  # NULL
        pack(">hiqi", 2, 8, 1, 0),  # a larger number
        pack(">hii", 1, 4, 1) + pack(">i", 0),  # another number of columns
    ],
)
def test_other_columns_are_refused(row: bytes) -> None:
    with pytest.raises(TypeError):
        [*rows_of(SIGNATURE + pack(">ii", 0, 0) + row + pack(">hii", 2, 4, 1) + pack(">i", 0) + pack(">h", -1))]
