"""Horizontal bars drawn on the server: for each a line with its label and its figure, and the bar below.

Amounts are in thousand yen, lengths in units of the SVG's viewBox. All bars of a chart share one scale, from 0 to the
largest amount drawn, so that lengths can be compared. The figure always stands in words beside its bar.
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
LONGEST = WIDTH - 2 * MARGIN
CHARACTERS = LONGEST // FONT - 1  # of full width in a line; one more closing mark may hang behind them
HALF_WIDTH = 0.65  # of a full-width character: what the wider Latin letters take
HANGING = frozenset("、。，．・：；！？ー〜…）〕］｝」』】》)]}!?,.:;")


@dataclass(frozen=True)
class Bar:
    """An amount with its name and its figure in words; None where nothing is stated, which is never 0.

    `whole`: a larger amount that the bar is a part of, drawn as an outline behind it.
    """

    label: str
    amount: int | None
    text: str
    href: str = ""
    whole: int | None = None


@dataclass(frozen=True)
class Line:
    text: str
    y: int


@dataclass(frozen=True)
class Row:
    """A bar in its place. `width` and `whole` are None where there is nothing to draw; a tick stands for 0."""

    labels: list[Line]
    texts: list[Line]
    href: str
    y: int
    width: float | None
    whole: float | None

    @property
    def ticked(self) -> bool:
        """Whether the amount is 0, or too small to be seen, so that a thin line has to show where the bar would be."""
        return self.width is not None and self.width < MARGIN


@dataclass(frozen=True)
class BarChart:
    """A chart to be drawn by _components/bar_chart.html; `id` tells several charts of one page apart."""

    width: ClassVar[int] = WIDTH
    margin: ClassVar[int] = MARGIN
    right: ClassVar[int] = WIDTH - MARGIN
    bar_height: ClassVar[int] = BAR_HEIGHT

    id: str
    title: str
    description: str
    height: int
    rows: list[Row]

    @classmethod
    def of(cls, title: str, description: str, bars: Iterable[Bar], id: str) -> BarChart:
        """Bars from top to bottom in the order given; what is drawn is told in words behind the description."""
        bars = list(bars)
        largest = max((amount for bar in bars for amount in (bar.amount, bar.whole) if amount is not None), default=0)
        rows, y = [], 0
        for bar in bars:
            row, y = placed(bar, y, largest)
            rows.append(row)
        return cls(id, title, f"{description}{in_words(bars)}", max(y - ROW_GAP, 0) + 2 * MARGIN, rows)

    @property
    def is_linked(self) -> bool:
        """Whether there are links inside; a picture (role img) would hide them from screen readers."""
        return any(row.href for row in self.rows)


def placed(bar: Bar, top: int, largest: int) -> tuple[Row, int]:
    """The row whose first line begins at `top`, and where the next row begins."""
    labels = wrapped(bar.label)
    texts = wrapped(text_of(bar))
    beside = measure(labels[-1]) + 1 + measure(texts[0]) <= LONGEST / FONT
    first = len(labels) - 1 if beside else len(labels)
    y = top + LINE_HEIGHT * (first + len(texts))
    width, whole = length(bar.amount, largest), length(bar.whole, largest)
    row = Row(lines(labels, top), lines(texts, top + LINE_HEIGHT * first), bar.href, y + BAR_GAP, width, whole)
    drawn = BAR_GAP + BAR_HEIGHT if width is not None or whole is not None else 0
    return row, y + drawn + ROW_GAP


def text_of(bar: Bar) -> str:
    """The figure in words; without an amount it is 記載なし, whatever the caller wrote."""
    return bar.text if bar.amount is not None else money(None)


def length(amount: int | None, largest: int) -> float | None:
    if amount is None:
        return None
    return LONGEST * amount / largest if largest else 0.0


def lines(texts: Iterable[str], top: int) -> list[Line]:
    return [Line(text, top + BASELINE + LINE_HEIGHT * row) for row, text in enumerate(texts)]


@lru_cache(maxsize=1000)
def measure(text: str) -> float:
    """About how wide a text is, in full-width characters; charts label the same again and again."""
    return sum(1 if east_asian_width(character) in "WFA" else HALF_WIDTH for character in text)


def wrapped(text: str) -> list[str]:
    """A text in lines that fit; a closing mark hangs behind its line rather than begin the next."""
    if measure(text) <= CHARACTERS:
        return [text]
    found, line = [], ""
    for character in text:
        if line and measure(line + character) > CHARACTERS + (character in HANGING):
            found.append(line)
            line = ""
        line += character
    return [*found, line]


def in_words(bars: Sequence[Bar]) -> str:
    """What a reader sees at once: which bar is the longest, and how many state nothing."""
    stated = [bar for bar in bars if bar.amount is not None]
    count, missing = len(bars), len(bars) - len(stated)
    if not bars:
        return gettext("示すものはありません。")
    if not stated:
        return gettext("%(count)s件のどれにも額の記載がありません。") % {"count": count}
    largest = max(bar.amount or 0 for bar in stated)
    first, *others = [bar for bar in stated if bar.amount == largest]
    values = {"label": first.label, "others": len(others), "text": first.text, "count": count, "missing": missing}
    name = gettext("%(label)sほか%(others)s件の%(text)s") if others else gettext("%(label)s %(text)s")
    values["largest"] = name % values
    if missing:
        return (
            gettext("%(count)s件のうち、%(largest)sがいちばん大きく、額の記載がないものが%(missing)s件あります。")
            % values
        )
    return gettext("%(count)s件のうち、%(largest)sがいちばん大きな額です。") % values
