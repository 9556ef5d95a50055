"""Rounds in which everybody has a turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from bench.bounds import BOUNDS, Bound

Measured = TypeVar("Measured")


@dataclass(frozen=True)
class Ratio:
    """One figure against another, of each round; `measured`: what the two were, at their median."""

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
    """What a group has measured: of what, the ratios, and what is to be told beside them, in Markdown.

    `title` is the heading under which docs/benchmarks.md keeps it, the same every time.
    """

    group: str
    title: str
    ratios: list[Ratio]
    description: str = ""
    details: str = ""


def run_rounds(turns: Mapping[str, Callable[[], Measured]], count: int) -> dict[str, list[Measured]]:
    """Everybody's turn, A B C A B C …; what each has measured, round by round."""
    results: dict[str, list[Measured]] = {name: [] for name in turns}
    for _ in range(count):
        for name, turn in turns.items():
            results[name].append(turn())
    return results
