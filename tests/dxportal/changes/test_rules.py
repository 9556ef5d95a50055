"""What must hold between rows holds whatever door an edit comes in by."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from budgets.models import BudgetLine, Stage
from dxportal.changes.recording import recorded
from dxportal.changes.rules import RefusedByCatalogueError
from projects.models import NamedPart, ProjectPart

pytestmark = pytest.mark.django_db


def a_part_of_another_project() -> object:
    line = BudgetLine.objects.filter(part__isnull=True)[0]
    part = ProjectPart.objects.exclude(project=line.project)[0]
    return BudgetLine.objects.filter(pk=line.pk).update(part=part)


def a_part_that_moves() -> object:
    part = NamedPart.objects.select_related("part")[0].part
    other = ProjectPart.objects.exclude(project=part.project)[0].project
    return ProjectPart.objects.filter(pk=part.pk).update(project=other, code="moved")


def separate_beside_combined() -> object:
    line = BudgetLine.objects.filter(stage__is_combined=True)[0]
    stage = Stage.objects.create(code="june", name="６月補正", position=9)
    return BudgetLine.objects.create(
        project=line.project,
        fiscal_year=line.fiscal_year,
        stage=stage,
        kind=line.kind,
        amount_thousand_yen=1,
        department=line.department,
    )


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (a_part_of_another_project, "の内訳が、ほかの事業のものです。"),
        (a_part_that_moves, "の内訳が、ほかの事業のものです。"),
        (separate_beside_combined, "合わせた区分と個別の区分が並んでいます。"),
    ],
)
def test_it_is_refused_when_it_is_recorded(edit: Callable[[], object], words: str) -> None:
    with pytest.raises(RefusedByCatalogueError, match=words), recorded():
        edit()
