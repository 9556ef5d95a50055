"""The budget lines that printed amounts are held against: those of the stage that their document prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from budgets.models import BudgetSum, Measure, Stage, StageRole
from budgets.models.measures import select_addends, sum_in_memory
from catalog.compiled_queries import compiled_query
from projects.models import AmountKind, Appearance

SumOfStage = tuple[str, Any, Any, str, int, int]  # measure, department, stage, kind, rows, thousand yen


@dataclass(frozen=True)
class StageSum:
    """A stage with the sum of its amounts of one kind in a year (thousand yen) and the number of these lines."""

    stage: Stage
    kind: AmountKind
    thousand_yen: int
    rows: int


@dataclass(frozen=True)
class HeldStages:
    """The budget lines that printed amounts are held against.

    `by_document`: for a document whose amounts of the year have a stage, the primary keys of that stage's lines; of a
    balance (revised) those of its addends up to it, as a balance is compared with its movements. `others`: of a
    document without a stage, or that prints no amount of the year, those of the addends of the year's measure; None if
    there is no such document.
    `summed_stages`: the stages held, each with the measure in which its lines are counted.
    """

    by_document: Mapping[Any, Set[Any]]
    others: Set[Any] | None
    summed_stages: Mapping[Any, Measure]
    stages: Mapping[Any, Stage]

    @classmethod
    def of(cls, appearances: Iterable[Appearance], lines: Iterable[Any], measure: Measure) -> HeldStages:
        """Tell against which lines the appearances' amounts are held; one query."""
        lines, appearances = list(lines), list(appearances)
        documents = {appearance.document_id for appearance in appearances}
        printing = {each.document_id for each in appearances if each.printed_amount_thousand_yen is not None}
        rows = read_stages_with_documents()
        stages = {stage.pk: stage for stage in rows}
        order = {stage: place for place, stage in enumerate(stages)}
        printed = {stage.printed_document: stage.pk for stage in rows if stage.printed_document in printing}
        summed = {stage: Measure.ALL for stage in printed.values() if stages[stage].role != StageRole.REVISED}
        by_document: dict[Any, Set[Any]] = {}
        for document, stage in printed.items():
            if stage in summed:
                by_document[document] = {line.pk for line in lines if line.stage_id == stage}
                continue
            until = [line for line in lines if order[line.stage_id] <= order[stage]]
            by_document[document] = find_addends(Measure.CURRENT, until, stages)
            summed = {each: Measure.CURRENT for each in stages if order[each] <= order[stage]} | summed
        if documents and not documents - printed.keys():
            return cls(by_document, None, summed, stages)
        summed = dict.fromkeys(stages, measure) | summed
        return cls(by_document, find_addends(measure, lines, stages), summed, stages)

    def is_held_against(self, appearance: Appearance, line: Any) -> bool:
        """Tell whether what an appearance prints is held against a line that it refers to."""
        return line.pk in self.by_document.get(appearance.document_id, self.others or ())

    def is_held(self, line: Any) -> bool:
        """Tell whether any printed amount of the year could be held against a line."""
        return any(line.pk in lines for lines in (*self.by_document.values(), self.others or ()))

    def sum_by_department(self, sums: Iterable[SumOfStage]) -> dict[Any, dict[str, int]]:
        """Sum the held lines by department and kind."""
        by_department: dict[Any, dict[str, int]] = defaultdict(dict)
        for summed, department, stage, kind, _, amount in sums:
            if summed == self.summed_stages.get(stage):
                by_kind = by_department[department]
                by_kind[kind] = by_kind.get(kind, 0) + amount
        return by_department

    def find_later_stages(self, sums: Iterable[SumOfStage]) -> list[StageSum]:
        """Return the stages of which no line is held, in the order of the year, each kind of amount apart.

        A request comes before print, and a balance adds nothing to what print is held against.
        """
        sums = list(sums)
        held = {stage for summed, _, stage, *_ in sums if summed == self.summed_stages.get(stage)}
        amounts: dict[tuple[Any, str], list[int]] = defaultdict(list)
        rows: dict[tuple[Any, str], int] = defaultdict(int)
        for summed, _, stage, kind, count, amount in sums:
            if summed == Measure.ALL and stage not in held:
                amounts[stage, kind].append(amount)
                rows[stage, kind] += count
        return [
            StageSum(stage, kind, sum_in_memory(amounts[pk, kind.value]) or 0, rows[pk, kind.value])
            for pk, stage in self.stages.items()
            for kind in AmountKind
            if (pk, kind.value) in amounts
            and stage.role != StageRole.REQUEST
            and not (stage.role == StageRole.REVISED and pk in self.summed_stages)
        ]


@compiled_query
def sums_of_stages(fiscal_year: int, measure: Measure) -> QuerySet[BudgetSum, Any]:
    """Select the sums of a year as `SumOfStage`, of all lines, of the current budget and of a measure."""
    measures = (Measure.ALL, Measure.CURRENT, measure)
    sums = BudgetSum.objects.filter(fiscal_year=fiscal_year, measure__in=measures, kind__isnull=False)
    return sums.values_list("measure", "department", "stage", "kind", "rows", "amount_thousand_yen")


@compiled_query
def read_stages_with_documents() -> QuerySet[Any]:
    """Select the stages in the order of the year, once for each document that prints amounts of them, or for none."""
    return Stage.objects.annotate(printed_document=F("printed_in__document")).order_by("position", "code")


def find_addends(measure: Measure, lines: Iterable[Any], stages: Mapping[Any, Stage]) -> set[Any]:
    """Return the primary keys of the lines of a year that a measure counts."""
    order = {pk: place for place, pk in enumerate(stages)}
    groups: dict[tuple[Any, str], list[tuple[Any, str, int]]] = defaultdict(list)
    for line in lines:
        groups[line.project_id, line.kind].append((line, stages[line.stage_id].role, order[line.stage_id]))
    return {line.pk for group in groups.values() for line in select_addends(measure, group)}
