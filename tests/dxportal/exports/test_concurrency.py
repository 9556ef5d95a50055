"""Files that are written at the same time: so many, and no more, until they are sent or given up."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from dxportal.exports import concurrency

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_the_transaction_of_the_test")]


@pytest.fixture
def all_taken() -> Iterator[None]:
    """All places, by clients at other addresses than that of the tests."""
    taken = [concurrency.download_limit.acquire(f"192.0.2.{number}") for number in range(concurrency.MAX_DOWNLOADS)]
    yield
    for place in taken:
        place.close()


def are_free() -> bool:
    return not concurrency.download_limit.held


def test_one_address_cannot_take_them_all(client: Client) -> None:
    taken = [concurrency.download_limit.acquire("127.0.0.1") for _ in range(concurrency.MAX_DOWNLOADS_PER_ADDRESS)]
    assert client.get("/budgets.csv?year=2021").status_code == 503
    assert client.get("/budgets.csv?year=2021", REMOTE_ADDR="192.0.2.1").status_code == 200
    taken.pop().close()
    assert client.get("/budgets.csv?year=2021").status_code == 200


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_who_comes_when_all_are_taken_is_asked_to_wait(client: Client, all_taken: None, ending: str) -> None:
    response = client.get(f"/budgets.{ending}?year=2021")
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    said = json.loads(response.content)["errors"][0] if ending == "json" else response.content.decode()
    assert "1分ほどおいて、もう一度お試しください。" in said
    assert client.get("/budgets/?year=2021").status_code == 200


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_a_place_is_held_until_the_answer_is_closed(client: Client, ending: str) -> None:
    response = client.get(f"/budgets.{ending}")
    response.close()
    assert are_free()
    for _ in range(concurrency.MAX_DOWNLOADS_PER_ADDRESS + 1):  # given up before the first piece
        client.get(f"/budgets.{ending}").close()
    assert are_free()


@pytest.mark.parametrize("asked", ["budgets.csv?year=2021&department=nobody", "budgets.csv?encoding=utf-7"])
def test_what_is_refused_holds_no_place(client: Client, asked: str) -> None:
    assert client.get(f"/{asked}").status_code == 400
    assert are_free()
