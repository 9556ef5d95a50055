"""Rules between rows hold for edits of every origin."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db.models import F, QuerySet
from pytest_django import DjangoAssertNumQueries

from budgets.models import BudgetLine, Stage, StageComponent, StageRole
from catalog.models import (
    Department,
    DepartmentAlias,
    Goal,
    Passage,
    Pillar,
    PillarItem,
    Plan,
    SourceDocument,
    Term,
    TermWord,
)
from catalog.row_changes import RowChange
from dxportal.changesets.integrity_rules import check_rules
from dxportal.changesets.recording import record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
from projects.models import Appearance, NamedPart, ProjectPart, SakigakeProject

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
    line = BudgetLine.objects.filter(stage__code="initial-with-february")[0]
    return add_beside(line, fiscal_year=line.fiscal_year - 1, stage=Stage.objects.get(code="february"))


def a_part_beside_the_whole() -> object:
    line = BudgetLine.objects.filter(part__isnull=True, project__parts__isnull=False)[0]
    return add_beside(line, part=line.project.parts.all()[0])


def a_stage_that_covers_one_more() -> object:
    line = BudgetLine.objects.filter(stage__code="initial-with-february")[0]
    june = Stage.objects.get(code="june")
    add_beside(line, stage=june)
    return StageComponent.objects.create(stage=line.stage, component=june)


def a_combined_stage_within_another() -> object:
    combined = Stage.objects.get(code="initial-with-february")
    return StageComponent.objects.create(stage=Stage.objects.get(code="june"), component=combined)


def a_balance_of_components() -> object:
    return Stage.objects.filter(code="initial-with-february").update(role=StageRole.REVISED)


def a_reduction_of_the_initial_budget() -> object:
    line = BudgetLine.objects.filter(stage__code="initial-with-february")[0]
    return BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=-1)


def a_role_in_which_nothing_is_reduced() -> object:
    line = BudgetLine.objects.filter(stage__code="initial-with-february")[0]
    june = Stage.objects.get(code="june")
    add_beside(line, stage=june, amount_thousand_yen=-1)
    return Stage.objects.filter(pk=june.pk).update(role=StageRole.SETTLEMENT)


def add_beside(line: BudgetLine, **values: object) -> BudgetLine:
    """A line beside another, with other values."""
    columns = ("project", "part", "fiscal_year", "stage", "kind", "department")
    same = {name: getattr(line, name) for name in columns}
    return BudgetLine.objects.create(**{**same, "amount_thousand_yen": 1, **values})


def stages_that_differ_in_width() -> object:
    return Stage.objects.bulk_create(
        [
            Stage(code="third", name="第３号補正", role="supplementary", position=98),
            Stage(code="other", name="第3号補正", role="supplementary", position=99),
        ]
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


def a_page_of_another_document() -> object:
    return Goal.objects.filter(code="1-1-1").update(page=17)


def a_continuation_beyond_the_document() -> object:
    return Goal.objects.filter(code="1-1-1").update(page_to=16)


def an_overview_outside_the_document() -> object:
    return SakigakeProject.objects.filter(number=1).update(overview_page=3)


def a_line_on_a_page_of_another_document() -> object:
    return BudgetLine.objects.filter(project__code="workation").update(page=1)


def a_shorter_document() -> object:
    return SourceDocument.objects.filter(number=2).update(page_to=14)


def a_renamed_department_that_print_names() -> object:
    return Department.objects.filter(code="somu").update(name="総務企画部")


def an_alias_that_print_uses_deleted() -> object:
    return alias_in_print().delete()


def an_alias_that_print_uses_given_away() -> object:
    return alias_in_print().update(department=Department.objects.get(code="somu"))


def alias_in_print() -> QuerySet[DepartmentAlias]:
    printed = Appearance.objects.exclude(printed_department=F("department__name")).values("printed_department")
    return DepartmentAlias.objects.filter(label__in=printed[:1])


def a_printed_row_of_another_department() -> object:
    return Appearance.objects.filter(code="s1-1").update(department=Department.objects.get(code="somu"))


def an_alias_that_is_the_name() -> object:
    somu = Department.objects.get(code="somu")
    return DepartmentAlias.objects.create(department=somu, label=somu.name, position=9)


def an_item_of_another_pillar_than_its_parent() -> object:
    return PillarItem.objects.filter(code="3-3-1").update(pillar=Pillar.objects.get(code="1"))


def passages_in_a_circle() -> object:
    first, second = Passage.objects.filter(parent=None)[:2]
    Passage.objects.filter(pk=first.pk).update(parent=second)
    return Passage.objects.filter(pk=second.pk).update(parent=first)


def a_word_twice_in_a_term() -> object:
    return TermWord.objects.create(term=Term.objects.get(code="dx"), text="DX", position=9, is_reading=True)


def no_vision() -> object:
    return Passage.objects.filter(code="vision").update(code="dream")


def no_current_plan() -> object:
    return Plan.objects.update(is_current=False)


def a_second_plan() -> object:
    plan = Plan.objects.get()
    plan.pk, plan.code, plan.is_current = uuid4(), "second", False
    return Plan.objects.bulk_create([plan])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (a_page_of_another_document, "目標「1-1-1 .*」のページが、資料２の範囲（4〜15）にありません。"),
        (a_continuation_beyond_the_document, "目標「1-1-1 .*」のページが、資料２の範囲（4〜15）にありません。"),
        (an_overview_outside_the_document, "プロジェクト「1 .*」のページが、資料４の範囲（17〜22）にありません。"),
        (a_line_on_a_page_of_another_document, "予算額「ワーケーション.*」のページが、資料４の範囲"),
        (a_shorter_document, "のページが、資料２の範囲（4〜14）にありません。"),
        (a_renamed_department_that_print_names, "「総務部」が、所管の「総務企画部」の名でも別名でもなくなります。"),
        (an_alias_that_print_uses_deleted, "の名でも別名でもなくなります。"),
        (an_alias_that_print_uses_given_away, "の名でも別名でもなくなります。"),
        (a_printed_row_of_another_department, "「健康福祉部」が、所管の「総務部」の名でも別名でもなくなります。"),
        (an_alias_that_is_the_name, "「総務部」は、もうその部局の名です。"),
        (a_part_beside_the_whole, "どちらも2020年度「２月補正」の額を含んでいて"),
        (an_item_of_another_pillar_than_its_parent, "の柱が、その上の項目の柱と違います。"),
        (passages_in_a_circle, "の上をたどると、その行に戻ります。"),
        (a_word_twice_in_a_term, "が、一つの同義語に二度あります"),
        (no_vision, "ビジョンの文章（コード vision）がなくなります。"),
        (no_current_plan, "公開中の計画が一つもなくなります。"),
        (a_second_plan, "計画は、一つのサイトに一つです。"),
        (a_part_of_another_project, "の内訳が、ほかの事業のものです。"),
        (a_part_that_moves, "の内訳が、ほかの事業のものです。"),
        (separate_beside_combined, "どちらも2020年度「２月補正」の額を含んでいて、二重に数えることになります。"),
        (a_reduction_of_the_initial_budget, "は減額です。減額（△）を入れられるのは"),
        (a_role_in_which_nothing_is_reduced, "は減額です。減額（△）を入れられるのは"),
        (a_stage_that_covers_one_more, "どちらも2021年度「６月補正」の額を含んでいて"),
        (a_combined_stage_within_another, "「６月補正」に「当初（前年度２月補正を含む）」を含めることはできません。"),
        (a_balance_of_components, "「当初（前年度２月補正を含む）」に「(当初|２月補正)」を含めることはできません。"),
        (stages_that_differ_in_width, "「第(３|3)号補正」（コード (third|other)）と予算区分「第(３|3)号補正」"),
        (an_alias_that_is_another_department, "と部局「.*」（コード .*）の「 .*　」は、同じ名とみなされます"),
        (parts_of_one_name, "（コード .* again）は、同じ名とみなされます"),
        (words_of_two_terms, "「ai」の「ＡＩ」と同義語「childcare」の「ai」は、同じ名とみなされます"),
    ],
)
def test_it_is_refused_when_it_is_recorded(edit: Callable[[], object], words: str) -> None:
    with pytest.raises(RefusedByCatalogueError, match=words), record_changes():
        edit()


def test_a_department_is_renamed_with_its_printed_name_as_an_alias() -> None:
    somu = Department.objects.get(code="somu")
    with record_changes() as recorder:
        Department.objects.filter(pk=somu.pk).update(name="総務企画部")
        DepartmentAlias.objects.create(department=somu, label="総務部", position=9)
    assert len(recorder.changes) == 2


def test_a_document_that_grows_is_not_looked_through(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    document = SourceDocument.objects.get(number=5)
    change = RowChange(SourceDocument, document.pk, {"page_to": 27}, {"page_to": 30})
    with django_assert_num_queries(0):
        check_rules([change])
