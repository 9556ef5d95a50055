"""Rules between rows hold for edits of every origin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from budgets.models import BudgetLine, Stage
from catalog.models import Department, DepartmentAlias, Term, TermWord
from dxportal.changesets.recording import record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
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


def stages_that_differ_in_width() -> object:
    return Stage.objects.bulk_create(
        [Stage(code="june", name="６月補正", position=8), Stage(code="second", name="6月補正", position=9)]
    )


def an_alias_that_is_another_department() -> object:
    somu = Department.objects.get(code="somu")
    other = Department.objects.exclude(pk=somu.pk)[0]
    return DepartmentAlias.objects.create(department=other, label=f" {somu.name}　", position=9)


def parts_of_one_name() -> object:
    part = ProjectPart.objects.all()[0]
    return ProjectPart.objects.create(project=part.project, code="again", name=part.name, position=9)


def words_of_two_terms() -> object:
    return TermWord.objects.create(term=Term.objects.get(code="childcare"), text="ai", position=9)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (a_part_of_another_project, "の内訳が、ほかの事業のものです。"),
        (a_part_that_moves, "の内訳が、ほかの事業のものです。"),
        (separate_beside_combined, "合算した予算区分と個別の予算区分が並んでいます。"),
        (stages_that_differ_in_width, "「(６|6)月補正」（コード (june|second)）と予算区分「(６|6)月補正」"),
        (an_alias_that_is_another_department, "と部局「.*」（コード .*）の「 .*　」は、同じ名とみなされます"),
        (parts_of_one_name, "（コード .* again）は、同じ名とみなされます"),
        (words_of_two_terms, "「ai」の「ＡＩ」と同義語「childcare」の「ai」は、同じ名とみなされます"),
    ],
)
def test_it_is_refused_when_it_is_recorded(edit: Callable[[], object], words: str) -> None:
    with pytest.raises(RefusedByCatalogueError, match=words), record_changes():
        edit()
