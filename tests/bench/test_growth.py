"""Growth is the median of how much longer the large catalogue takes, round by round."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.growth import LONG, ROUNDS, Renderer, compared, pairs

pytestmark = pytest.mark.on_no_database


def took(ms: float, queries: int = 5, *, given_up: bool = False) -> dict[str, Any]:
    return {"ms": ms, "queries": queries, "given_up": given_up}


class Answers:
    """A renderer that has been asked before."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = [*answers]

    def render(self, path: str) -> dict[str, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def asked(small: Answers, large: Answers) -> Any:
    return pairs("/", cast(Renderer, small), cast(Renderer, large))


def test_the_first_round_is_to_warm_up() -> None:
    found = asked(Answers(took(900), took(10)), Answers(took(900), took(12)))
    assert found == [(took(10), took(12))] * ROUNDS


def test_a_page_that_takes_very_long_is_rendered_once() -> None:
    slow, given_up = took(1000 * LONG + 1), took(5, given_up=True)
    assert asked(Answers(took(10)), Answers(slow)) == [(took(10), slow)]
    assert asked(Answers(took(10)), Answers(given_up)) == [(took(10), given_up)]


def test_the_ratio_is_of_each_round_and_held_to_its_bound() -> None:
    ratio = compared("home", [(took(10), took(16)), (took(10), took(14, 6)), (took(20), took(20, 6))])
    assert ratio.values == [1.6, 1.4, 1.0]
    assert ratio.holds
    assert ratio.measured == "10 → 16 ms, 5 → 6 queries"
    assert not compared("home", [(took(10), took(21))]).holds
