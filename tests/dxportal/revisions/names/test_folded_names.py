"""No word means two rows: whatever is published, undone, loaded or upgraded."""

from __future__ import annotations

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import Stage
from catalog.models import Department, DepartmentAlias, Term, TermWord
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.refusals import DuplicateNameError
from dxportal.changesets.time_travel import travel_to_revision
from dxportal.changesets.workflow import WorkflowError, undo
from dxportal.normalize import fold_text
from dxportal.revisions.names.folded_names import (
    are_folded_names_fresh,
    derive_folded_names,
    name_key,
    refresh_folded_names,
)
from dxportal.revisions.names.models import FoldedName
from dxportal.revisions.publish import current_revision
from dxportal.sheets.parsed_file import fold_cell
from projects.models import Appearance, Project, ProjectPart
from tests import derived_tables
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.dxportal.changesets.edits import snapshot
from tests.examples import examples
from tests.plans import MINAMIHOSHI, minamihoshi, use_plans

LETTERS = st.text("ａaＡAｶﾞガがカか６6①¹ー－- 　ﾞ゛々㈱(株)①ﬁﬁ㌔", max_size=5)


@given(st.lists(LETTERS | st.text(max_size=4), min_size=2, max_size=2))
@pytest.mark.on_no_database
def test_what_sheets_take_for_one_word_is_one_here(words: list[str]) -> None:
    one, other = words
    if fold_cell(one) == fold_cell(other):
        assert fold_text(one) == fold_text(other)


@pytest.mark.on_no_database
def test_spellings_that_are_one() -> None:
    for words in (["６月補正", "6月補正", "6 月 補正"], ["ＤＸ推進局", "dx推進局"], ["ｼｽﾃﾑ", "システム", "しすてむ"]):
        assert len({fold_text(word) for word in words}) == 1


def names() -> list[FoldedName]:
    """The table; every name of the catalogue is in it, and no name means two rows."""
    assert are_folded_names_fresh()
    found = list(FoldedName.objects.all())
    assert max(Counter(name_key(name) for name in found).values()) == 1
    assert not any(name.is_known_double for name in found)
    return found


def doubles() -> list[str]:
    """The words that mean two rows of the catalogue."""
    count = Counter(name_key(name) for name in derive_folded_names(None))
    return [word for (_, word), rows in count.items() if rows > 1]


# Publishing and undoing

NAMES = ("６月補正", "6月補正", "九月補正", "九 月補正", "ＪＵＮＥ")
Edit = tuple[str, int, int]
EDITS = st.lists(
    st.tuples(st.sampled_from(("stage", "part", "alias", "word")), st.integers(0, 2), st.integers(0, 4)),
    min_size=1,
    max_size=4,
)


def named(kind: str, number: int, name: str) -> object:
    """The row of this kind and number comes under this name, gets it, or goes."""
    there = {
        "stage": lambda: Stage.objects.filter(code=f"s{number}"),
        "part": lambda: ProjectPart.objects.filter(code=f"p{number}"),
        "alias": lambda: DepartmentAlias.objects.filter(position=900 + number),
        "word": lambda: TermWord.objects.filter(position=900 + number),
    }[kind]()
    field = {"stage": "name", "part": "name", "alias": "label", "word": "text"}[kind]
    if there.filter(**{field: name}).exists():
        return there.delete()
    if there.exists():
        return there.update(**{field: name})
    more = {
        "stage": {"code": f"s{number}", "position": 9},
        "part": {"code": f"p{number}", "position": 9, "project": Project.objects.get(code="online")},
        "alias": {"position": 900 + number, "department": Department.objects.all()[number % 2]},
        "word": {"position": 900 + number, "term": Term.objects.all()[number % 2]},
    }[kind]
    return there.model._default_manager.create(**{field: name}, **more)


@pytest.mark.django_db
@use_plans(minamihoshi)
@examples(25)
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_nothing_that_is_published_or_undone_leaves_two_rows_with_one_name(sets: list[list[Edit]]) -> None:
    with transaction.atomic():
        done: list[tuple[ChangeSet, object]] = []
        for edits in sets:
            before = snapshot()
            try:
                with transaction.atomic():
                    change_set = publish_edits(*(lambda e=e: named(e[0], e[1], NAMES[e[2]]) for e in edits))
                done.append((change_set, before))
            except (DuplicateNameError, WorkflowError, IntegrityError):  # a double, no change, one label twice
                assert snapshot() == before
            names()
        for change_set, before in reversed(done):
            undo(change_set, create_author())
            assert snapshot() == before
            names()
        transaction.set_rollback(True)


@pytest.mark.django_db
@use_plans(minamihoshi)
class TestPublishing:
    def test_two_names_change_places_in_one_set(self) -> None:
        first, second = Stage.objects.all()[:2]

        def swap() -> None:
            Stage.objects.filter(pk=first.pk).update(name="仮")
            Stage.objects.filter(pk=second.pk).update(name=first.name)
            Stage.objects.filter(pk=first.pk).update(name=second.name)

        publish_edits(swap)
        meant = {name.label: name.owner for name in names() if name.scope == "budgets.stage"}
        assert (meant[second.name], meant[first.name]) == (first.pk, second.pk)

    def test_two_sets_that_would_make_a_double_are_told_apart_at_the_second(self) -> None:
        one = make_open_set(lambda: Stage.objects.create(code="a", name="９月補正", role="supplementary", position=8))
        publish_edits(lambda: Stage.objects.create(code="b", name="9月補正", role="supplementary", position=9))
        with pytest.raises(DuplicateNameError, match="「9月補正」（コード b）と予算区分「９月補正」（コード a）"):
            publish_now(one)
        assert not Stage.objects.filter(code="a").exists()
        names()

    def test_an_undoing_that_would_make_a_double_says_so(self) -> None:
        renamed = publish_edits(lambda: Stage.objects.filter(code="june").update(name="夏の補正"))
        publish_edits(lambda: Stage.objects.create(code="again", name="6月補正", role="supplementary", position=9))
        with pytest.raises(WorkflowError, match=r"取り消すと、名が重なります。.*「6月補正」（コード again）"):
            undo(renamed, create_author())
        names()

    def test_a_department_may_have_its_own_name_in_another_width_as_an_alias(self) -> None:
        life = Department.objects.get(code="life")
        planning = Department.objects.get(code="planning")
        Appearance.objects.update(printed_department=planning.name, department=planning)  # print names no other
        publish_edits(lambda: DepartmentAlias.objects.create(department=life, label="くらし 局", position=1))
        publish_edits(lambda: Department.objects.filter(pk=life.pk).update(name="くらしと安全局"))
        with pytest.raises(DuplicateNameError, match="「くらし 局」"):
            publish_edits(lambda: Department.objects.filter(code="industry").update(name="クラシ局"))
        publish_edits(lambda: DepartmentAlias.objects.filter(department=life).delete())
        publish_edits(lambda: Department.objects.filter(code="industry").update(name="クラシ局"))
        names()

    def test_an_alias_goes_over_to_another_department(self) -> None:
        life = Department.objects.get(code="life")
        Appearance.objects.filter(printed_department="企画課").update(printed_department="未来企画局")
        publish_edits(lambda: DepartmentAlias.objects.filter(label="企画課").update(department=life))
        (alias,) = [name for name in names() if name.label == "企画課"]
        assert alias.owner == life.pk

    def test_parts_of_two_projects_may_have_one_name_and_two_terms_one_reading(self) -> None:
        def edit() -> None:
            for project in Project.objects.all()[:2]:
                ProjectPart.objects.create(project=project, code="hall", name="会場", position=9)
            for term in Term.objects.all()[:2]:
                TermWord.objects.create(term=term, text="よみ", is_reading=True, position=9)

        publish_edits(edit)
        names()

    def test_a_change_costs_what_it_changes(self) -> None:
        project = Project.objects.get(code="counter")

        def add(number: int) -> None:
            ProjectPart.objects.bulk_create(
                ProjectPart(project=project, code=f"n{number}-{n}", name=f"新しい内訳{number}の{n}", position=n)
                for n in range(number)
            )

        def costs(number: int) -> int:
            others = list(FoldedName.objects.values_list("pk", flat=True))
            with transaction.atomic():
                add(number)
                rows = [
                    derived_tables.creation_of(row)
                    for row in ProjectPart.objects.filter(code__startswith=f"n{number}-")
                ]
                with CaptureQueriesContext(connection) as captured:
                    refresh_folded_names(rows)
            assert set(others) < set(FoldedName.objects.values_list("pk", flat=True))  # nothing else was written anew
            return len(captured)

        assert costs(2) == costs(30) <= 10
        with CaptureQueriesContext(connection) as captured:
            refresh_folded_names([derived_tables.creation_of(project)])
        assert not captured
        names()


def publish_now(change_set: ChangeSet) -> ChangeSet:
    from dxportal.changesets.workflow import propose, publish

    return publish(propose(change_set), create_author())


@pytest.mark.django_db
@use_plans(minamihoshi)
def test_a_sheet_of_before_a_swap_in_two_steps_is_still_compared_with_what_it_saw() -> None:
    start = current_revision()
    publish_edits(lambda: Stage.objects.filter(code="june").update(name="夏の補正"))
    publish_edits(lambda: Stage.objects.filter(code="initial").update(name="6月補正"))
    with travel_to_revision(start):
        assert Stage.objects.get(code="june").name == "６月補正"


# Doubles that were there before


@pytest.fixture
def double(minamihoshi: object) -> Stage:
    """A stage under the name of another, as a catalogue of an earlier version may hold it."""
    stage = Stage.objects.create(code="again", name="6月補正", role="supplementary", position=9)
    refresh_folded_names(None)
    return stage


@pytest.mark.django_db
class TestKnownDoubles:
    def test_they_are_kept_and_stop_nothing(self, double: Stage) -> None:
        assert FoldedName.objects.filter(is_known_double=True).count() == 1
        for code in ("june", "again"):
            publish_edits(lambda code=code: Stage.objects.filter(code=code).update(position=20))
        undo(publish_edits(lambda: Stage.objects.filter(code="again").update(editorial_note="注")), create_author())
        refresh_folded_names(None)
        assert (doubles(), are_folded_names_fresh()) == (["6月補正"], True)
        assert FoldedName.objects.filter(is_known_double=True).count() == 1

    def test_no_third_one_joins_them(self, double: Stage) -> None:
        with pytest.raises(DuplicateNameError, match="「６ 月補正」（コード third）"):
            publish_edits(
                lambda: Stage.objects.create(code="third", name="６ 月補正", role="supplementary", position=9)
            )

    @pytest.mark.parametrize(("mended", "other"), [("june", "again"), ("again", "june")])
    def test_one_that_is_mended_frees_the_name(self, double: Stage, mended: str, other: str) -> None:
        publish_edits(lambda: Stage.objects.filter(code=mended).update(name="夏の補正"))
        names()
        with pytest.raises(DuplicateNameError):
            publish_edits(
                lambda: Stage.objects.create(code="third", name="６月 補正", role="supplementary", position=9)
            )
        publish_edits(lambda: Stage.objects.filter(code=other).update(name="七月補正"))
        publish_edits(lambda: Stage.objects.create(code="third", name="６月 補正", role="supplementary", position=9))
        names()

    def test_a_sheet_of_before_it_was_mended_is_still_compared_with_what_it_saw(self, double: Stage) -> None:
        start = current_revision()
        publish_edits(lambda: Stage.objects.filter(code="again").update(name="夏の補正"))
        with travel_to_revision(start):
            assert doubles() == ["6月補正"]

    def test_they_are_listed_with_both_named(self, double: Stage) -> None:
        out = StringIO()
        with pytest.raises(CommandError, match="矛盾"):
            call_command("check_plan", str(MINAMIHOSHI), stdout=out)
        assert "「again」の「6月補正」は、「june」の名でもあります（「６月補正」" in out.getvalue()
        assert "rebuild_tables" not in out.getvalue()


# The table itself


@pytest.mark.django_db
def test_the_database_holds_no_second_owner_of_a_name() -> None:
    name = FoldedName.objects.filter(scope="budgets.stage")[0]
    name.pk, name.owner = None, Department.objects.all()[0].pk
    with pytest.raises(IntegrityError), transaction.atomic():
        name.save()
    name.is_known_double = True
    name.save()


@pytest.mark.django_db
def test_a_double_that_nobody_has_asked_about_is_not_stored() -> None:
    known = Stage.objects.all()[0]
    other = Stage.objects.create(code="other", name=f" {known.name}", role="supplementary", position=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        refresh_folded_names([derived_tables.creation_of(other)])


@pytest.mark.django_db
def test_the_longest_words_have_room() -> None:
    term = Term.objects.all()[0]
    with preview_catalogue([]):
        word = TermWord.objects.create(term=term, text="ﷺ㍿㌖" * 33, position=9)
        refresh_folded_names([derived_tables.creation_of(word)])
        assert len(FoldedName.objects.get(source=word.pk).folded) > 800


@pytest.mark.django_db
def test_a_table_that_is_not_that_of_the_catalogue_is_found_and_made_anew() -> None:
    FoldedName.objects.filter(scope="budgets.stage").delete()
    assert not are_folded_names_fresh()
    call_command("rebuild_tables", stdout=StringIO())
    names()
