"""Invented budget lines: their number, stages, kinds, parts and amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from budgets.models import Stage
from projects.models import AmountKind, ProjectPart

SHARE_SILENT = 0.1  # of projects state no amount in a year; the next one then has more lines
SHARE_LENDING = 0.03  # of projects and years state a lending limit
SHARE_SEPARATE = 0.2  # of single lines are of a separate stage
MAX_AVERAGE = 2  # lines on the average of a project and year; three times as many fit
SMALLEST, LARGEST = 2.0, 6.5  # decimal logarithms of amounts in thousand yen
SHARE_ZERO = 0.005  # of amounts are stated to be nothing


@dataclass(frozen=True)
class Stages:
    """The stages of budget lines: one that combines several, and separate ones."""

    combined: Stage
    separate: Sequence[Stage]


Slot = tuple[Stage, AmountKind, ProjectPart | None]


def split_lines(random: Random, cells: int, lines: int) -> Iterator[int]:
    """Yield the number of lines of each project and year: about the same or none, `lines` in total."""
    given = 0
    for cell in range(1, cells + 1):
        due = lines * cell // cells - given
        share = 0 if cell < cells and due <= MAX_AVERAGE + 1 and random.random() < SHARE_SILENT else due
        given += share
        yield share


def draw_slots(random: Random, count: int, parts: Sequence[ProjectPart], stages: Stages) -> list[Slot]:
    """Draw stage, kind and part for each line of a project and year.

    Stages are all combined or all separate, and amounts are of the whole or of its parts, so that nothing counts twice.
    """
    if count and count == len(parts):
        return [(stages.combined, AmountKind.EXPENDITURE, part) for part in parts]
    kinds = (AmountKind.LENDING_LIMIT, AmountKind.EXPENDITURE) if random.random() < SHARE_LENDING else tuple(AmountKind)
    if count == 1 and random.random() >= SHARE_SEPARATE:
        return [(stages.combined, kinds[0], None)]
    separate: list[Slot] = [(stage, kind, None) for kind in kinds for stage in stages.separate]
    return separate[:count]


def draw_amount(random: Random) -> int:
    """Draw an amount in thousand yen; small amounts are more frequent than large ones."""
    if random.random() < SHARE_ZERO:
        return 0
    return int(10 ** (SMALLEST + (LARGEST - SMALLEST) * random.random()))
