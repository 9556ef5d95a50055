"""Changes in words: what a department head reads, to the character."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import BudgetLine, Stage
from catalog.models import Department, FutureImage, Goal, PillarItem, Plan, SourceDocument
from dxportal.changesets.describe import ChangeDescription, describe_changes
from dxportal.changesets.inline_diff import compute_inline_diff
from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.workflow import create_set, replace_changes
from projects.models import Appearance, NamedPart, Project, ProjectPart
from tests.dxportal.changesets.change_sets import Edit, create_author, make_open_set, publish_edits
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, use_plans(minamihoshi)]


def words(change_set: ChangeSet) -> list[ChangeDescription]:
    return describe_changes(change_set.changes.order_by("model", "key"))


def only(*done: Edit) -> ChangeDescription:
    (one,) = words(make_open_set(*done))
    return one


def sides(one: ChangeDescription) -> dict[str, tuple[str | None, str | None]]:
    return {field.label: (field.before, field.after) for field in one.fields}


def line(**values: object) -> BudgetLine:
    return BudgetLine(
        **{
            "project": Project.objects.get(code="survey"),
            "fiscal_year": 2024,
            "stage": Stage.objects.get(code="june"),
            "department": Department.objects.get(code="life"),
            "amount_thousand_yen": 0,
            **values,
        }
    )


def online() -> BudgetLine:
    return BudgetLine.objects.get(project__code="online", fiscal_year=2023, stage__code="initial")


def test_an_amount_that_changes() -> None:
    one = only(lambda: BudgetLine.objects.filter(pk=online().pk).update(amount_thousand_yen=45_586))
    assert (one.kind, one.action) == ("予算額", "変更")
    assert one.name == "手続オンライン事業（申請書） 2023年度 当初"
    assert one.key == "online forms 2023 initial expenditure"
    assert sides(one) == {"予算額（千円）": ("1,200千円", "45,586千円")}
    (field,) = one.fields
    assert (field.name, field.heading, field.old, field.new) == ("amount_thousand_yen", "予算額", 1200, 45_586)
    assert field.difference == 44_386
    assert one.url == "/projects/online/"
    assert [(d.code, d.name) for d in one.departments] == [("planning", "未来企画局")]


def test_not_stated_and_zero_are_told_apart() -> None:
    stated = Appearance.objects.get(fiscal_year=2023, project__code="counter")
    silent = Appearance.objects.get(fiscal_year=2023, project__code="survey")
    one, other = words(
        make_open_set(
            lambda: Appearance.objects.filter(pk=stated.pk).update(printed_amount_thousand_yen=None, printed_kind=""),
            lambda: Appearance.objects.filter(pk=silent.pk).update(
                printed_amount_thousand_yen=0, printed_kind="lending_limit"
            ),
        )
    )
    assert sides(one) == {"資料に記載の種別": ("予算額", ""), "資料に記載の額（千円）": ("0円", "記載なし")}
    assert sides(other) == {"資料に記載の種別": ("", "融資枠"), "資料に記載の額（千円）": ("記載なし", "0円")}
    assert [field.difference for field in one.fields] == [None, None]
    assert one.url == "/goals/1-1-1/?year=2023#appearance-1-1-1-1-2"


def test_years_marks_choices_and_dates_as_the_site_writes_them() -> None:
    Stage.objects.create(code="both", name="まとめた額", role="initial", position=9)

    def edit() -> None:
        repeated = Appearance.objects.get(is_repeat=True)
        Appearance.objects.filter(pk=repeated.pk).update(is_repeat=False, fiscal_year=2023)
        Stage.objects.filter(code="both").update(role="revised")
        Project.objects.filter(code="survey").update(nature="project")
        Plan.objects.update(updated_on="2027-01-05", period_to=2027)

    found: dict[str, tuple[str | None, str | None]] = {}
    for one in words(make_open_set(edit)):
        found |= sides(one)
    assert found == {
        "再掲": ("再掲", "なし"),
        "年度": ("令和６年度（2024年度）", "令和５年度（2023年度）"),
        "種類": ("活動", "事業"),
        "更新日": ("2026年11月23日", "2027年1月5日"),
        "対象期間の終わり（年度、西暦）": ("令和８年度（2026年度）", "令和９年度（2027年度）"),
    }


def test_a_new_row_tells_every_field_in_which_something_stands() -> None:
    one = only(lambda: line(editorial_note="仮の額").save(force_insert=True))
    assert one.action == "追加"
    assert sides(one) == {
        "事業": (None, "島の声を聞く活動"),
        "年度": (None, "令和６年度（2024年度）"),
        "予算区分": (None, "６月補正"),
        "種別": (None, "予算額"),
        "予算額（千円）": (None, "0円"),
        "所管部局": (None, "くらし局"),
        "編集注": (None, "仮の額"),
    }
    assert [field.new for field in one.fields][:3] == ["survey", 2024, "june"]
    assert one.url == ""  # not there yet


def test_a_row_that_goes_tells_what_it_was_and_leads_nowhere() -> None:
    def delete() -> None:
        BudgetLine.objects.filter(fiscal_year=2023, project__code="online", stage__code="initial").delete()

    one = only(delete)
    assert one.action == "削除"
    assert sides(one)["内訳"] == ("申請書", None)
    assert sides(one)["予算額（千円）"] == ("1,200千円", None)
    assert one.url == "/projects/online/"  # only proposed: it is still there
    (gone,) = words(publish_edits(delete))
    assert sides(gone) == sides(one)
    assert gone.url == ""
    assert [d.code for d in gone.departments] == ["planning"]


def test_what_nobody_would_miss_is_left_out_of_new_rows_but_never_of_changes() -> None:
    part = ProjectPart(project=Project.objects.get(code="survey"), code="t", name="聞き取り", position=7)
    assert list(sides(only(lambda: part.save(force_insert=True)))) == ["事業", "コード", "内訳の名"]
    assert sides(only(lambda: ProjectPart.objects.filter(code="forms").update(position=9))) == {"並び順": ("1", "9")}


def test_rows_that_exist_in_the_set_alone_have_names_and_departments() -> None:
    def edit() -> None:
        department = Department.objects.create(code="new", name="新しい局", position=9)
        project = Project.objects.create(code="fresh", name="新規事業", department=department)
        part = ProjectPart.objects.create(project=project, code="p", name="その一", position=1)
        line(project=project, part=part, department=department, amount_thousand_yen=10).save(force_insert=True)

    new_line, _, _, part = words(make_open_set(edit))
    assert sides(new_line)["事業"] == (None, "新規事業")
    assert sides(new_line)["内訳"] == (None, "その一")
    assert [(d.code, d.name) for d in new_line.departments] == [("new", "新しい局")]
    assert [d.code for d in part.departments] == ["new"]
    assert {field.name: field.new for field in new_line.fields}["part"] == "fresh p"


def test_rows_that_are_gone_since_are_still_called_by_name() -> None:
    stage = Stage.objects.create(code="september", name="９月補正", role="supplementary", position=9)
    moved = publish_edits(lambda: BudgetLine.objects.filter(pk=online().pk).update(stage=stage))
    publish_edits(lambda: BudgetLine.objects.filter(stage=stage).update(stage=Stage.objects.get(code="initial")))
    publish_edits(stage.delete)
    (one,) = words(moved)
    assert sides(one) == {"予算区分": ("当初", "９月補正")}
    (field,) = one.fields
    assert (field.old, field.new) == ("initial", "september")


def test_a_change_of_a_row_that_was_deleted_later_keeps_its_department() -> None:
    row = online()
    changed = publish_edits(lambda: BudgetLine.objects.filter(pk=row.pk).update(amount_thousand_yen=1))
    publish_edits(lambda: BudgetLine.objects.filter(pk=row.pk).delete())
    (one,) = words(changed)
    assert one.row is None
    assert [d.name for d in one.departments] == ["未来企画局"]


def test_a_row_that_nobody_knows_has_its_identity_for_a_name() -> None:
    identity = uuid4()
    change = Change(
        model="budgets.budgetline",
        row=online().pk,
        key="k",
        name="n",
        action="update",
        before={"stage_id": str(identity)},
        after={"stage_id": None},
    )
    ((field,),) = (one.fields for one in words(replace_changes(create_set(create_author(), "試み", "試験"), [change])))
    assert (field.before, field.after) == (f"今はない行（{identity}）", "")
    assert field.old == str(identity)


def test_a_proposed_deletion_is_no_reason_to_name_a_row_that_is_gone() -> None:
    """Only published changes and the changes that are told themselves are looked at."""
    stage = Stage.objects.create(code="canary", name="カナリア", role="supplementary", position=9)
    identity = stage.pk
    make_open_set(lambda: Stage.objects.filter(pk=identity).delete())
    Stage.objects.filter(pk=identity).delete()
    change = Change(
        model="budgets.budgetline",
        row=online().pk,
        action="update",
        before={"stage_id": str(identity)},
        after={"stage_id": None},
    )
    ((field,),) = (one.fields for one in words(replace_changes(create_set(create_author(), "試み", "試験"), [change])))
    assert field.before == f"今はない行（{identity}）"


def test_departments_stand_in_their_order_and_both_sides_are_concerned() -> None:
    online_project = Project.objects.get(code="online")
    life = Department.objects.get(code="life")
    one = only(lambda: Project.objects.filter(pk=online_project.pk).update(department=life))
    assert sides(one) == {"所管部局": ("未来企画局", "くらし局")}
    assert [d.code for d in one.departments] == ["planning", "life"]
    named = only(lambda: NamedPart.objects.filter(label="支払い").update(label="お支払い"))
    assert [d.code for d in named.departments] == ["industry"]  # of the appearance, not of the project
    assert only(lambda: Goal.objects.filter(code="1-1-1").update(text="文")).departments == []
    assert [d.code for d in only(lambda: Department.objects.filter(code="life").update(contact="0")).departments] == [
        "life"
    ]


def test_a_row_of_another_plan_leads_nowhere() -> None:
    document = SourceDocument.objects.get()
    Plan.objects.update(is_current=False)
    goal = only(lambda: Goal.objects.filter(code="1-1-1").update(text="文"))
    named = only(lambda: NamedPart.objects.filter(label="支払い").update(label="お支払い"))
    assert (goal.url, named.url) == ("", "")
    assert sides(only(lambda: SourceDocument.objects.filter(pk=document.pk).update(title="題"))) == {
        "題名": ("南星県デジタル推進プラン", "題")
    }


def test_every_table_is_told_with_a_fixed_number_of_queries() -> None:
    def edit() -> None:
        NamedPart.objects.update(detail="内容")
        Appearance.objects.update(note="添え書き")
        BudgetLine.objects.update(amount_thousand_yen=9)
        Goal.objects.update(text="文")
        FutureImage.objects.update(text="文")
        PillarItem.objects.update(text="文")
        Project.objects.update(department=Department.objects.get(code="life"))
        ProjectPart.objects.update(name=Concat(F("code"), Value("の名")))

    changes = list(make_open_set(edit).changes.all())
    one_of_each = list({change.model: change for change in changes}.values())
    assert len(changes) > 2 * len(one_of_each) == 16

    def queries(some: list[Change]) -> int:
        with CaptureQueriesContext(connection) as captured:
            for one in describe_changes(some):
                assert one.fields
                assert one.url.startswith("/")
        return len(captured)

    assert queries(changes) <= queries(one_of_each) <= 4
    assert describe_changes([]) == []


def test_a_long_text_is_given_whole_with_its_difference_marked() -> None:
    old = Goal.objects.get(code="1-1-1").text
    one = only(lambda: Goal.objects.filter(code="1-1-1").update(text="すべての手続と相談がオンラインになる。"))
    (field,) = one.fields
    assert (field.before, field.after) == (old, "すべての手続と相談がオンラインになる。")
    diff = field.inline_diff
    assert diff is not None
    assert (diff.start, diff.before, diff.after) == (
        "すべての手続",
        "",
        "と相談",
    )
    rewritten = only(lambda: Goal.objects.filter(code="1-1-1").update(text="まったく別の文。"))
    assert rewritten.fields[0].inline_diff is None


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("令和３年度", "令和４年度", ("令和", "３", "４", "年度")),
        ("約85,000件", "約85,001件", ("約", "85,000", "85,001", "件")),
        ("約1,234円", "約5,634円", ("約", "1,234", "5,634", "円")),
        ("DX推進", "DS推進", ("", "DX", "DS", "推進")),
        ("ああ", "あああ", ("ああ", "", "あ", "")),
        ("葛\U000e0100城", "葛\U000e0101城", ("", "葛\U000e0100", "葛\U000e0101", "城")),
        ("同じ", "同じ", ("同じ", "", "", "")),
        ("", "新", ("", "", "新", "")),
    ],
)
def test_a_difference_is_marked_without_tearing_numbers_and_words(
    before: str, after: str, wanted: tuple[str, str, str, str]
) -> None:
    found = compute_inline_diff(before, after)
    assert (found.start, found.before, found.after, found.end) == wanted


@given(st.text("あい12a,"), st.text("あい12a,"))
def test_what_is_marked_is_the_text(before: str, after: str) -> None:
    found = compute_inline_diff(before, after)
    assert found.start + found.before + found.end == before
    assert found.start + found.after + found.end == after
