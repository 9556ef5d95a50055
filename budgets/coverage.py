"""The rule that no amount is stated twice: which stages and years a budget line covers, and which lines overlap.

A line covers its stage in its fiscal year or, if the stage is combined, the components of that. Two lines of one
project and kind must not cover the same stage and year of the same part; a line of the whole project covers all parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budgets.models import StageComponent

# The (component, year offset) of each combined stage.
Components = Mapping[Any, Sequence[tuple[Any, int]]]


@dataclass(frozen=True)
class Claim:
    """Statement of a budget line; `line` identifies it for the caller, stages are primary keys or codes."""

    line: Any
    project: Hashable
    kind: Hashable
    part: Hashable | None
    stage: Hashable
    fiscal_year: int

    def covers(self, components: Components) -> list[tuple[Hashable, int]]:
        """Return the plain stages and fiscal years that the line covers."""
        covered = components.get(self.stage) or ((self.stage, 0),)
        return [(stage, self.fiscal_year + offset) for stage, offset in covered]


@dataclass(frozen=True)
class Overlap:
    """Two lines that state the same stage and fiscal year; `later` comes after `earlier` among the claims."""

    earlier: Claim
    later: Claim
    stage: Any
    fiscal_year: int


def find_overlaps(claims: Iterable[Claim], components: Components) -> Iterator[Overlap]:
    """Yield each pair of overlapping lines once."""
    seen: dict[tuple[Hashable, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        overlapping: dict[int, Overlap] = {}
        for stage, year in claim.covers(components):
            others = seen[claim.project, claim.kind, stage, year]
            for other in others:
                if claim.part is None or other.part is None or claim.part == other.part:
                    overlapping.setdefault(id(other), Overlap(other, claim, stage, year))
            others.append(claim)
        yield from overlapping.values()


def read_components() -> Components:
    """Return the components of all combined stages by primary key; one query."""
    components: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    for stage, component, offset in StageComponent.objects.order_by().values_list("stage", "component", "year_offset"):
        components[stage].append((component, offset))
    return components
