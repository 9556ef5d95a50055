"""Bounds on the medians of all ratios: below a floor or above a ceiling `make bench` fails."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """A bound on the median of a ratio; a floor, or else a ceiling."""

    value: float
    is_floor: bool = True

    def holds(self, median: float) -> bool:
        return median >= self.value if self.is_floor else median <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.is_floor else '≤'} {self.value:g}"


def floor(value: float) -> Bound:
    return Bound(value)


def ceiling(value: float) -> Bound:
    return Bound(value, is_floor=False)


# Keys are the group and the row of its table. A ratio without a bound is only reported.
BOUNDS: dict[str, Bound] = {
    # published pages, answers for each second of the server's processor
    "pages: nginx": floor(0.20),
    "pages: WhiteNoise": floor(4),
    "pages: Wagtail": floor(200),
    "pages: Datasette": floor(350),
    "pages: 304 and 200": floor(1),
    # pages rendered afresh: answers against those of Wagtail's page of like size
    "cold: each kind": floor(0.5),
    "cold: median of all kinds": floor(0.8),
    # exports, time for each row
    "exports: CSV, PostgreSQL": ceiling(3),
    "exports: CSV, SQLite": ceiling(4),
    "exports: finished file": ceiling(0.3),
    "exports: XLSX": ceiling(1.2),
    "exports: first byte, seconds": ceiling(0.1),
    "exports: memory, MB": ceiling(30),
    # pages of the generated catalogue against those of the plan alone
    "growth: time": ceiling(2),
    "growth: queries": ceiling(1),
    # the first page of a search
    "search: 95th percentile, ms": ceiling(20),
    "search: recall": floor(1),
    "search: precision": floor(1),
    # what staff do, at the size of the generated catalogue
    "writes: seconds": ceiling(0.5),
    "writes: seconds, a row that moves others": ceiling(2),
    "writes: seconds, a sheet": ceiling(5),
    "writes: memory, MB": ceiling(50),
    "writes: queries": ceiling(1),
    "writes: rows": ceiling(1000),
    "writes: wait, seconds": ceiling(1),
}
