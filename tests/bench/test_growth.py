"""Growth is the median of how much longer the large catalogue takes, round by round."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.growth import RENDER_ONCE_ABOVE, ROUNDS, Renderer, render_in_turns, time_ratio

pytestmark = pytest.mark.on_no_database


def page_figures(ms: float, queries: int = 5, *, given_up: bool = False) -> dict[str, Any]:
    return {"ms": ms, "queries": queries, "given_up": given_up}


class FakeRenderer:
    """A renderer that has been asked before."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = [*answers]

    def render(self, path: str) -> dict[str, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def render_on_both(small: FakeRenderer, large: FakeRenderer) -> Any:
    return render_in_turns("/", cast(Renderer, small), cast(Renderer, large))


def test_the_first_round_is_to_warm_up() -> None:
    pairs = render_on_both(
        FakeRenderer(page_figures(900), page_figures(10)), FakeRenderer(page_figures(900), page_figures(12))
    )
    assert pairs == [(page_figures(10), page_figures(12))] * ROUNDS


def test_a_page_that_takes_very_long_is_rendered_once() -> None:
    slow, given_up = page_figures(1000 * RENDER_ONCE_ABOVE + 1), page_figures(5, given_up=True)
    assert render_on_both(FakeRenderer(page_figures(10)), FakeRenderer(slow)) == [(page_figures(10), slow)]
    assert render_on_both(FakeRenderer(page_figures(10)), FakeRenderer(given_up)) == [(page_figures(10), given_up)]


def test_the_ratio_is_of_each_round_and_held_to_its_bound() -> None:
    ratio = time_ratio(
        "home",
        [
            (page_figures(10), page_figures(16)),
            (page_figures(10), page_figures(14, 6)),
            (page_figures(20), page_figures(20, 6)),
        ],
    )
    assert ratio.values == [1.6, 1.4, 1.0]
    assert ratio.holds
    assert ratio.measured == "10 → 16 ms, 5 → 6 queries"
    assert not time_ratio("home", [(page_figures(10), page_figures(21))]).holds
