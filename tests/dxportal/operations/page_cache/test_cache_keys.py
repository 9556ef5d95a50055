"""Which page a request asks for, in which encoding, and which requests are none of memory's business."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.operations.page_cache.cache_keys import (
    MAX_KEY_LENGTH,
    NOT_FOUND,
    CacheKey,
    has_session,
    key_for,
    preferred_encoding,
)
from tests.dxportal.operations.page_cache.asking_site import environ_of


def key(address: str, **headers: str) -> CacheKey | None:
    found = key_for(environ_of(address, **headers))
    return found[0] if found else None


def test_the_parameters_that_a_page_knows_stand_in_one_order() -> None:
    one = CacheKey("/budgets/", "area=3&department=kyoiku&department=somu&year=2021")
    assert key("/budgets/?year=2021&department=kyoiku&area=3&department=somu") == one
    assert key("/budgets/?department=kyoiku&department=somu&area=3&year=2021&utm_source=news&x=%00") == one
    assert (
        key("/budgets/?department=somu&department=kyoiku&area=3&year=2021") != one
    )  # the page says them in this order


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/?year=2021&q=1", "year=2021"),
        ("/plan/?year=2021", ""),
        ("/goals/1-2-1/?year=2021&page=2", "year=2021"),
        ("/strategy/?heading=1&mark=new&year=2021", "heading=1&mark=new"),
        ("/search/?q=%E5%AD%90&page=2&sort=x", "page=2&q=%E5%AD%90"),
        ("/changes/?set=1&page=2&year=2021&department=somu", "department=somu&page=2&set=1"),
        ("/budgets/compare/?base=2020&year=2021&area=1", "base=2020&year=2021"),
        ("/projects/?year=2021&area=1&sort=-listings&page=2", "area=1&page=2&sort=-listings"),
    ],
)
def test_each_page_knows_its_own(address: str, query: str) -> None:
    assert key(address) == CacheKey(address.partition("?")[0], query)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/login/",
        "/healthz",
        "/readyz",
        "/static/css/base.css",
        "/budgets.csv?year=2021",
        "/budgets.xlsx?year=2021",
        "/budgets/compare.csv",
        "/changes.json",
        "/budgets/?year=",
        "/budgets/?year=2021&q=+",
        "/search/?q=%00",
        "/goals/1-2-1",
        f"/search/?q={'a' * MAX_KEY_LENGTH}",
        "/search/?" + "&".join(f"q={number}" for number in range(2000)),
    ],
)
def test_what_django_has_to_answer(address: str) -> None:
    assert key(address) is None


def test_a_whole_table_is_a_finished_file() -> None:
    assert key("/budgets.csv") == key("/budgets.csv?") == CacheKey("/budgets.csv", is_file=True)


@pytest.mark.parametrize("address", ["/no-such-page/", "/wp-login.php", "/.env?x=1", "//", "/%ff/", "/goals/1-2-1/x/"])
def test_all_that_leads_nowhere_is_one_page(address: str) -> None:
    assert key(address) == NOT_FOUND


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver:x", "", "testserver, other", "[::1"])
def test_hosts_are_judged_as_django_does(host: str) -> None:
    assert key("/", HOST=host) is None


def test_without_a_host_or_under_a_prefix_django_answers() -> None:
    assert key_for(environ_of("/", HOST="x") | {"SCRIPT_NAME": "/portal"}) is None
    nameless = environ_of("/") | {"SERVER_NAME": "elsewhere.example"}
    del nameless["HTTP_HOST"]
    assert key_for(nameless) is None


def test_behind_https_only_https_is_answered(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    assert key("/") is None
    assert key("/", X_FORWARDED_PROTO="http") is None
    assert key("/", X_FORWARDED_PROTO="https") == CacheKey("/")


def test_a_session_is_a_cookie_of_its_name(settings: Any) -> None:
    assert has_session({"a": "b", "sessionid": ""})
    assert not has_session({"csrftoken": "x", "mysessionid": "x", "a": "sessionid=x"})
    settings.SESSION_COOKIE_NAME = "other"
    assert not has_session({"sessionid": "x"})


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;Q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.2", "gzip"),
        ("*", "br"),
        ("*;q=0.1, br;q=0", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0", "identity"),
        ("identity;q=0, gzip;q=0, *;q=0", "identity"),
        ("identity;q=0", "identity"),
        ("gzip;q=nan, br;q=2, *;q=-1", "identity"),
        ("gzip;q=", "identity"),
        ("deflate, zstd", "identity"),
        (";;;,,,q=1", "identity"),
        ("gzip;level=9;q=0", "identity"),
        ("ｇｚｉｐ", "identity"),
        ("br," * 50_000, "br"),
    ],
)
def test_encodings(accepted: str, encoding: str) -> None:
    assert preferred_encoding(accepted) == encoding


@given(
    st.lists(
        st.tuples(st.sampled_from(["br", "gzip", "identity", "*", "zstd"]), st.integers(0, 1000)),
        unique_by=lambda item: item[0],
    )
)
def test_nothing_that_is_refused_is_chosen_while_there_is_something_else(weighed: list[tuple[str, int]]) -> None:
    weights = dict(weighed)
    chosen = preferred_encoding(", ".join(f"{name};q={weight / 1000:.3f}" for name, weight in weighed))
    weight_of = {one: weights.get(one, weights.get("*", 0)) for one in ("br", "gzip")}
    best = max(weight_of.values())
    plain = weights.get("identity", weights.get("*"))
    if chosen == "identity":
        assert best <= (plain or 0)
    else:
        assert weight_of[chosen] == best > 0
        assert best >= (plain or 0)


@given(st.text())
def test_any_text_chooses_something(accepted: str) -> None:
    assert preferred_encoding(accepted) in {"br", "gzip", "identity"}
