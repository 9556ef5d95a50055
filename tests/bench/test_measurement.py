"""The median of a ratio decides whether it holds its bound; each turn is taken in every round."""

from __future__ import annotations

from functools import partial

import pytest

from bench.bounds import BOUNDS, ceiling, floor
from bench.measurement import Ratio, run_rounds

pytestmark = pytest.mark.on_no_database


def test_a_floor_and_a_ceiling_hold_at_the_bound_and_not_beyond() -> None:
    assert floor(4).holds(4)
    assert not floor(4).holds(3.99)
    assert ceiling(1.5).holds(1.5)
    assert not ceiling(1.5).holds(1.51)
    assert (str(floor(4)), str(ceiling(1.5))) == ("≥ 4", "≤ 1.5")


def test_a_ratio_is_held_to_its_median() -> None:
    assert Ratio("x", [9, 4, 1], bound=floor(4)).holds
    assert not Ratio("x", [9, 3.9, 1], bound=floor(4)).holds
    assert Ratio("x", [0]).holds


def test_each_has_a_turn_in_each_round() -> None:
    turns: list[str] = []

    def turn(name: str) -> int:
        turns.append(name)
        return len(turns)

    results = run_rounds({name: partial(turn, name) for name in "ab"}, 3)
    assert turns == ["a", "b"] * 3
    assert results == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_bounds_are_those_that_were_asked_for() -> None:
    """A bound is changed here as well, so that no change of it goes unnoticed."""
    assert {name: str(bound) for name, bound in BOUNDS.items()} == {
        "pages: nginx": "≥ 0.2",
        "pages: WhiteNoise": "≥ 4",
        "pages: Wagtail": "≥ 200",
        "pages: Datasette": "≥ 350",
        "pages: 304 and 200": "≥ 1",
        "cold: each kind": "≥ 0.5",
        "cold: median of all kinds": "≥ 0.8",
        "exports: CSV, PostgreSQL": "≤ 3",
        "exports: CSV, SQLite": "≤ 4",
        "exports: finished file": "≤ 0.3",
        "exports: XLSX": "≤ 1.2",
        "exports: first byte, seconds": "≤ 0.1",
        "exports: memory, MB": "≤ 30",
        "growth: time": "≤ 2",
        "growth: queries": "≤ 1",
        "search: 95th percentile, ms": "≤ 20",
        "search: recall": "≥ 1",
        "search: precision": "≥ 1",
        "writes: seconds": "≤ 0.5",
        "writes: seconds, a row that moves others": "≤ 2",
        "writes: seconds, a sheet": "≤ 5",
        "writes: memory, MB": "≤ 50",
        "writes: queries": "≤ 1",
        "writes: rows": "≤ 1000",
        "writes: wait, seconds": "≤ 1",
    }
