"""Horizontal bar charts as SVG, laid out on the server: for each bar a line with label and figure, and the bar below.

Amounts are in thousand yen, lengths in units of the SVG's viewBox. All bars of a chart share one scale, from 0 to the
largest amount, so that lengths can be compared. Every bar has its figure as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from unicodedata import east_asian_width

from django.utils.translation import gettext

from dxportal.money_and_years import money

WIDTH, MARGIN, FONT = 340, 1, 14
LINE_HEIGHT, BASELINE, BAR_GAP, BAR_HEIGHT, ROW_GAP = 19, 14, 5, 12, 15
MAX_BAR_LENGTH = WIDTH - 2 * MARGIN
CHARACTERS_PER_LINE = MAX_BAR_LENGTH // FONT - 1  # full-width ones; one closing mark more may hang (kinsoku)
HALF_WIDTH = 0.65  # width of a half-width character, in full-width ones: that of the wider Latin letters
HANGING_MARKS = frozenset("、。，．・：；！？ー〜…）〕］｝」』】》)]}!?,.:;")


@dataclass(frozen=True)
class Bar:
    """An amount with its label and its figure as text; None if not stated, which is never 0.

    `whole`: a larger amount that this one is part of, drawn as an outline behind the bar.
    """

    label: str
    amount: int | None
    text: str
    href: str = ""
    whole: int | None = None


@dataclass(frozen=True)
class ChartText:
    text: str
    y: int


@dataclass(frozen=True)
class ChartRow:
    """A bar with its position. `width` and `whole` are None if nothing is drawn; 0 is drawn as a tick."""

    labels: list[ChartText]
    texts: list[ChartText]
    href: str
    y: int
    width: float | None
    whole: float | None

    @property
    def is_ticked(self) -> bool:
        """Whether the bar is too short to be visible, so that a tick marks its position."""
        return self.width is not None and self.width < MARGIN


@dataclass(frozen=True)
class BarChart:
    """A chart for _components/bar_chart.html; `id` must be unique on the page."""

    width: ClassVar[int] = WIDTH
    margin: ClassVar[int] = MARGIN
    right: ClassVar[int] = WIDTH - MARGIN
    bar_height: ClassVar[int] = BAR_HEIGHT

    id: str
    title: str
    description: str
    height: int
    rows: list[ChartRow]

    @classmethod
    def from_bars(cls, title: str, description: str, bars: Iterable[Bar], id: str) -> BarChart:
        """Lay out bars from top to bottom in the given order; a summary of them is appended to the description."""
        bars = list(bars)
        largest = max((amount for bar in bars for amount in (bar.amount, bar.whole) if amount is not None), default=0)
        rows, y = [], 0
        for bar in bars:
            row, y = lay_out_bar(bar, y, largest)
            rows.append(row)
        return cls(id, title, f"{description}{summarize(bars)}", max(y - ROW_GAP, 0) + 2 * MARGIN, rows)

    @property
    def is_linked(self) -> bool:
        """Whether the chart contains links; role="img" would hide them from screen readers."""
        return any(row.href for row in self.rows)


def lay_out_bar(bar: Bar, top: int, largest: int) -> tuple[ChartRow, int]:
    """Return the row that begins at `top`, and the y coordinate of the next row."""
    labels = wrap_label(bar.label)
    texts = wrap_label(figure_text(bar))
    is_one_line = estimate_width(labels[-1]) + 1 + estimate_width(texts[0]) <= MAX_BAR_LENGTH / FONT
    first = len(labels) - 1 if is_one_line else len(labels)
    y = top + LINE_HEIGHT * (first + len(texts))
    width, whole = bar_length(bar.amount, largest), bar_length(bar.whole, largest)
    row = ChartRow(
        lay_out_texts(labels, top), lay_out_texts(texts, top + LINE_HEIGHT * first), bar.href, y + BAR_GAP, width, whole
    )
    bar_space = BAR_GAP + BAR_HEIGHT if width is not None or whole is not None else 0
    return row, y + bar_space + ROW_GAP


def figure_text(bar: Bar) -> str:
    """Return the figure as text; without an amount always 記載なし, whatever the caller passed."""
    return bar.text if bar.amount is not None else money(None)


def bar_length(amount: int | None, largest: int) -> float | None:
    if amount is None:
        return None
    return MAX_BAR_LENGTH * max(amount, 0) / largest if largest > 0 else 0.0  # a reduction has its figure alone


def lay_out_texts(texts: Iterable[str], top: int) -> list[ChartText]:
    return [ChartText(text, top + BASELINE + LINE_HEIGHT * line) for line, text in enumerate(texts)]


@lru_cache(maxsize=1000)
def estimate_width(text: str) -> float:
    """Estimate the width of a text in full-width characters; cached, because labels recur."""
    return sum(1 if east_asian_width(character) in "WFA" else HALF_WIDTH for character in text)


def wrap_label(text: str) -> list[str]:
    """Break a text into lines that fit; a closing mark hangs at the end rather than begin a line (kinsoku)."""
    if estimate_width(text) <= CHARACTERS_PER_LINE:
        return [text]
    lines, line = [], ""
    for character in text:
        if line and estimate_width(line + character) > CHARACTERS_PER_LINE + (character in HANGING_MARKS):
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]


def summarize(bars: Sequence[Bar]) -> str:
    """Summarise the chart as text: which bar is the longest, and how many state no amount."""
    stated = [bar for bar in bars if bar.amount is not None]
    count, missing = len(bars), len(bars) - len(stated)
    if not bars:
        return gettext("示すものはありません。")
    if not stated:
        return gettext("%(count)s件のどれにも額の記載がありません。") % {"count": count}
    largest = max(bar.amount or 0 for bar in stated)
    first, *ties = [bar for bar in stated if bar.amount == largest]
    values = {"label": first.label, "others": len(ties), "text": first.text, "count": count, "missing": missing}
    name = gettext("%(label)sほか%(others)s件の%(text)s") if ties else gettext("%(label)s %(text)s")
    values["largest"] = name % values
    if missing:
        return (
            gettext("%(count)s件のうち、%(largest)sがいちばん大きく、額の記載がないものが%(missing)s件あります。")
            % values
        )
    return gettext("%(count)s件のうち、%(largest)sがいちばん大きな額です。") % values
