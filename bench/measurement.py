"""Measurement in rounds: everything compared takes its turn in each, so that other load affects all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from bench.bounds import BOUNDS, Bound

Measured = TypeVar("Measured")


@dataclass(frozen=True)
class Ratio:
    """A figure divided by another, for each round; `measured` describes the medians of both."""

    name: str
    values: list[float]
    measured: str = ""
    bound: Bound | None = None

    @classmethod
    def of(cls, name: str, values: list[float], measured: str = "", bound: str | None = None) -> Ratio:
        return cls(name, values, measured, BOUNDS.get(bound or name))

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def holds(self) -> bool:
        return self.bound is None or self.bound.holds(self.median)


@dataclass(frozen=True)
class GroupResults:
    """The measurements of a group: its ratios, a description of what was measured, further details in Markdown.

    `title` is the heading of the group's section in docs/benchmarks.md, the same every time.
    """

    group: str
    title: str
    ratios: list[Ratio]
    description: str = ""
    details: str = ""


def run_rounds(turns: Mapping[str, Callable[[], Measured]], count: int) -> dict[str, list[Measured]]:
    """Run the turns in order, A B C A B C …; return the results of each, round by round."""
    results: dict[str, list[Measured]] = {name: [] for name in turns}
    for _ in range(count):
        for name, turn in turns.items():
            results[name].append(turn())
    return results
