"""The rule that no amount is stated twice: which stages and years a budget line covers, and which lines overlap.

A line covers its stage in its fiscal year or, if the stage is combined, the components of that. Two lines of one
project and kind must not cover the same stage and year of the same part; a line of the whole project covers all parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from budgets.models import Measure, Stage, StageComponent
from budgets.models.measures import roles_counted_by
from catalog.compiled_queries import compiled_query

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


@dataclass(frozen=True)
class CoverageMark:
    """A plain stage and year offset, and the primary keys of the stages whose lines cover it."""

    component: Any
    year_offset: int
    stages: list[Any]


def read_coverage_marks(measure: Measure) -> list[CoverageMark]:
    """Return what the amounts of a measure may cover and others of it not, by which two years are compared; one query.

    An initial budget covers its plain stages. The other measures take in whatever a year has decided so far; of them
    only stages of another year make a difference.
    """
    covering: dict[tuple[Any, int], list[Any]] = defaultdict(list)
    stages = Stage.objects.filter(role__in=roles_counted_by(measure)).order_by()
    for stage, component, offset in stages.values_list("pk", "components__component", "components__year_offset"):
        if offset or measure is Measure.INITIAL:
            covering[component or stage, offset or 0].append(stage)
    return [CoverageMark(*covered, stages) for covered, stages in covering.items()]


@dataclass(frozen=True)
class CombinedStage:
    """A combined stage and the names and year offsets of what it covers, in the order of time."""

    name: str
    components: list[tuple[str, int]]


def find_combined_stages(stages: Container[Any]) -> list[CombinedStage]:
    """Return those of the stages, given by primary key, that are combined; one query."""
    combined: dict[Any, CombinedStage] = {}
    for stage, name, _, component, offset in read_component_names():
        if stage in stages:
            combined.setdefault(stage, CombinedStage(name, [])).components.append((component, offset))
    return list(combined.values())


def read_covered_before() -> dict[Any, dict[Any, str]]:
    """Map each combined stage to the stages of the year before that it covers, with their names; one query."""
    covered: dict[Any, dict[Any, str]] = defaultdict(dict)
    for stage, _, component, name, offset in read_component_names():
        if offset == -1:
            covered[stage][component] = name
    return covered


@compiled_query
def read_component_names() -> QuerySet[StageComponent, tuple[Any, str, Any, str, int]]:
    return StageComponent.objects.values_list("stage", "stage__name", "component", "component__name", "year_offset")
