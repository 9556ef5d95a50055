"""Invented budget lines: their number, stages, kinds, parts and amounts, from the request to the settlement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from budgets.models import Stage
from projects.models import AmountKind, ProjectPart

SHARE_SILENT = 0.25  # of projects state no amount in a year; the next one then has more lines
SHARE_LENDING = 0.03  # of projects state lending limits
SHARE_LENDING_AND_SPENDING = 0.3  # of their years with several lines state expenditure, too
SHARE_SEPARATE = 0.2  # of projects have an initial budget that is not combined with other stages
SHARE_WITHOUT_INITIAL = 0.05  # of past years with few lines: a supplement, a balance or a settlement stands alone
MAX_AVERAGE = 2  # lines on the average of a project and year; two and a half times as many fit
SMALLEST, LARGEST = 2.0, 6.5  # decimal logarithms of amounts in thousand yen
SHARE_ZERO = 0.005  # of amounts are stated to be nothing
LEAST_BASE = 1000  # thousand yen of which a supplement is a share at least

# How readily a project's year states a stage besides the initial budget, by code; in the order of the year.
WEIGHTS_OF_LATEST = {"request": 1.0, "june": 1.5, "september": 1.0, "adjustment": 0.5}
WEIGHTS_OF_PAST = {
    "request": 0.7,
    "june": 1.0,
    "september": 0.7,
    "revised": 0.5,
    "february": 1.0,
    "adjustment": 0.5,
    "carried-in": 0.0,
    "settlement": 3.0,
    "carried-out": 1.0,
}
ALONE = ("june", "revised", "settlement")  # what a year without an initial budget begins with


@dataclass(frozen=True)
class Stages:
    """The stages of budget lines: one that combines several, and separate ones by code, `initial` among them."""

    combined: Stage
    separate: Mapping[str, Stage]


class InventedLine(NamedTuple):
    """A budget line of a project's year; the amount is in thousand yen."""

    stage: Stage
    kind: AmountKind
    part: ProjectPart | None
    amount: int


@dataclass(frozen=True)
class InventedYear:
    """The circumstances of a project's year: number of lines, what was carried in, what may become of it."""

    lines: int
    is_past: bool
    carried_in: int | None  # thousand yen
    may_carry_out: bool


def split_lines(random: Random, cells: int, lines: int) -> Iterator[int]:
    """Yield the number of lines of each project and year: about the same or none, `lines` in total."""
    given = 0
    for cell in range(1, cells + 1):
        due = lines * cell // cells - given
        share = 0 if cell < cells and due <= MAX_AVERAGE + 1 and random.random() < SHARE_SILENT else due
        given += share
        yield share


def shuffle(random: Random, counts: list[int]) -> list[int]:
    """Return the counts in any order, so that several lines follow not only a year without any."""
    for place in range(len(counts) - 1, 0, -1):
        other = int(random.random() * (place + 1))
        counts[place], counts[other] = counts[other], counts[place]
    return counts


def draw_lines(
    random: Random,
    year: InventedYear,
    kind: AmountKind,
    parts: Sequence[ProjectPart],
    initial: Stage,
    stages: Stages,
) -> list[InventedLine]:
    """Draw the lines of a project's year; `initial` is the stage of its initial budget, of the whole or of its parts.

    Nothing is stated twice: each stage occurs once, and parts have an initial budget alone.
    """
    if not year.lines:
        return []
    if year.lines == len(parts):
        return [InventedLine(initial, AmountKind.EXPENDITURE, part, draw_amount(random)) for part in parts]
    lines, extra = [], 0
    if kind is AmountKind.LENDING_LIMIT and year.lines > 1 and random.random() < SHARE_LENDING_AND_SPENDING:
        lines.append(InventedLine(initial, AmountKind.EXPENDITURE, None, draw_amount(random)))
        extra = 1
    codes = draw_codes(random, year, year.lines - extra)
    amounts = draw_amounts(random, codes, year.carried_in)
    stage_by_code = {**stages.separate, "initial": initial}
    return lines + [InventedLine(stage_by_code[code], kind, None, amounts[code]) for code in codes]


def draw_codes(random: Random, year: InventedYear, count: int) -> list[str]:
    """Draw the codes of as many stages, in the order of the year."""
    weights = dict(WEIGHTS_OF_PAST if year.is_past else WEIGHTS_OF_LATEST)
    chosen = ["initial"]
    if year.is_past and count <= MAX_AVERAGE and year.carried_in is None and random.random() < SHARE_WITHOUT_INITIAL:
        chosen = [ALONE[int(random.random() * len(ALONE))]]
        weights = {code: weights[code] for code in ("request", "settlement")}
    elif year.carried_in is not None:
        chosen.append("carried-in")
    if not year.may_carry_out:
        weights.pop("carried-out", None)
    ranks = {code: weight * random.random() for code, weight in weights.items() if weight and code not in chosen}
    chosen += sorted(ranks, key=lambda code: -ranks[code])[: max(0, count - len(chosen))]
    order = ["request", "initial", *(code for code in WEIGHTS_OF_PAST if code != "request")]
    return sorted(chosen[:count], key=order.index)


def draw_amounts(random: Random, codes: Sequence[str], carried_in: int | None) -> dict[str, int]:
    """Draw amounts that belong together: a balance that its movements reach, no more spent than there was."""
    base = draw_amount(random)
    amounts: dict[str, int] = {}
    current = 0

    def share(of: int, least: float, most: float) -> int:
        return int(of * (least + (most - least) * random.random()))

    for code in codes:
        if code == "request":
            amounts[code] = share(base, 1, 1.5)
        elif code == "initial":
            amounts[code] = current = base
        elif code == "revised":
            amounts[code] = current = current if "initial" in codes else base
        elif code == "carried-in":
            amounts[code] = carried_in or 0
        elif code == "carried-out":
            amounts[code] = share(current, 0, 0.2)
        elif code == "settlement":
            available = current + amounts.get("carried-in", 0) if set(codes) - {"request", "settlement"} else base
            amounts[code] = share(available, 0.6, 0.8) if "carried-out" in codes else share(available, 0.8, 1)
        else:
            is_reduction = code == "february" or (code != "june" and random.random() < 0.5)
            moved = -share(base, 0.02, 0.2) if is_reduction else share(max(base, LEAST_BASE), 0.05, 0.3)
            amounts[code], current = moved, current + moved
    return amounts


def draw_amount(random: Random) -> int:
    """Draw an amount in thousand yen; small amounts are more frequent than large ones."""
    if random.random() < SHARE_ZERO:
        return 0
    return int(10 ** (SMALLEST + (LARGEST - SMALLEST) * random.random()))
