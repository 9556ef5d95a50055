"""The index is what the tables give, from one publication to the next, and holds nothing that is not published."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from budgets.models import BudgetLine, Stage
from catalog.models import Area, Countermeasure, Department, DepartmentAlias, Goal, Passage, PillarItem, Plan, Term
from catalog.row_changes import RowChange
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.workflow import propose, read_differences, undo
from dxportal.planfiles.loading import load_folder
from dxportal.planfiles.mapping import read_catalogue
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.search import document_sources
from dxportal.search.document_sources import DOCUMENT_SOURCES
from dxportal.search.indexing import find_wrong_documents, refresh_index, stored_contents
from dxportal.search.models import PostingRow, SearchDocument
from dxportal.search.queries import Query
from dxportal.search.site_index import site_index
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, NamedPart, Project
from tests import derived_tables
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits, rename_department
from tests.dxportal.changesets.edits import Edit, edits
from tests.dxportal.search.full_scan import search_index
from tests.examples import examples
from tests.folders.generated_plan import generate_folder
from tests.timing import time_ratio

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EVERYTHING = [source.model._meta.label_lower for source in DOCUMENT_SOURCES]


def titles(query: str) -> list[str]:
    return [document.title for document in search_index(Query.parse(query))]


def rename(code: str, name: str) -> Edit:
    return lambda: Project.objects.filter(code=code).update(name=name)


def test_the_index_of_a_loaded_plan_is_what_the_tables_give() -> None:
    assert find_wrong_documents() == ([], [])
    assert SearchDocument.objects.count() > 600
    assert SearchDocument.objects.filter(model="projects.project").count() == Project.objects.count() == 94


def test_what_is_proposed_is_not_found_what_is_published_is_and_what_is_undone_no_longer() -> None:
    before = stored_contents(EVERYTHING)
    edit = rename("workation", "ふしぎな名の事業")
    propose(make_open_set(edit))
    assert titles("ふしぎな名") == []
    assert stored_contents(EVERYTHING) == before
    one = publish_edits(edit)
    assert titles("ふしぎな名") == ["ふしぎな名の事業"]
    assert find_wrong_documents() == ([], [])
    undo(one, create_author())
    assert titles("ふしぎな名") == []
    assert stored_contents(EVERYTHING) == before


def test_a_proposal_is_found_while_it_is_previewed_and_not_after() -> None:
    one = make_open_set(rename("workation", "ふしぎな名の事業"))
    wanted = read_differences(one)
    with preview_catalogue(wanted):
        refresh_derived_tables(wanted)
        assert titles("ふしぎな名") == ["ふしぎな名の事業"]
    assert titles("ふしぎな名") == []


@examples(15)
@given(done=edits)
def test_after_any_edits_the_index_is_what_a_rebuild_would_make(minamihoshi: object, done: list[Edit]) -> None:
    before = stored_contents(EVERYTHING)
    one = make_open_set(*done)
    if one.changes.exists():
        published_set = publish_edits(*done)
        assert find_wrong_documents() == ([], [])
        assert site_index.wrong_chunks() == []
        undo(published_set, create_author())
    assert stored_contents(EVERYTHING) == before
    assert site_index.wrong_chunks() == []


def test_another_name_reaches_everything_that_stands_under_it() -> None:
    publish_edits(lambda: Goal.objects.filter(code="1-4-1").update(keyword="かしこい畑"))
    places = SearchDocument.objects.filter(place__contains="かしこい畑").values_list("kind", flat=True)
    assert set(places) == {"countermeasure", "listing"}
    publish_edits(rename_department("norin-suisan", "畑と海の部"))
    assert SearchDocument.objects.filter(place__contains="畑と海の部").exists()
    publish_edits(lambda: Area.objects.filter(code="1").update(name="畑維新"))
    assert SearchDocument.objects.get(model="catalog.goal", code="1-4-1").place.startswith("Ⅰ 畑維新 › ")
    assert find_wrong_documents() == ([], [])


def rows_concerned(change: RowChange) -> dict[type[models.Model], Any]:
    return {
        source.model: rows for source in DOCUMENT_SOURCES if (rows := source.affected_rows([change])) is None or rows
    }


def test_a_change_makes_only_those_documents_anew_that_are_made_of_it() -> None:
    line = BudgetLine.objects.all()[0]
    assert rows_concerned(derived_tables.update_row(line, amount_thousand_yen=7)) == {}
    assert rows_concerned(derived_tables.update_row(line, editorial_note="注")) == {Project: {line.project_id}}
    assert rows_concerned(derived_tables.deletion_of(line)) == {Project: {line.project_id}, Stage: {line.stage_id}}
    assert rows_concerned(derived_tables.update_row(Term.objects.all()[0], code="another")) == {}
    goal = Goal.objects.get(code="1-4-1")
    below = rows_concerned(derived_tables.update_row(goal, keyword="かしこい畑"))
    assert below[Goal] == {goal.pk}
    assert below.keys() == {Goal, Countermeasure, Appearance, Project}
    assert below[Appearance] == set(Appearance.objects.filter(countermeasure__goal=goal).values_list("pk", flat=True))
    department = Department.objects.get(code="kyoiku")
    assert rows_concerned(derived_tables.update_row(department, contact="電話")).keys() == {Department}
    assert rows_concerned(derived_tables.update_row(department, name="まなびの部")).keys() == {Department, Project}
    assert len(rows_concerned(derived_tables.update_row(Plan.objects.get(), sakigake_label="先がけ"))) > 10


@pytest.mark.usefixtures("minamihoshi")
@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.__name__)
def test_a_change_of_any_column_reaches_every_document_that_is_made_of_it(model: type[models.Model]) -> None:
    for row in model._default_manager.order_by("pk")[:3]:
        for field in model._meta.concrete_fields:
            with suppress(IntegrityError), transaction.atomic():
                change = derived_tables.update_row(row, **{field.attname: another(row, field)})
                refresh_index([change])
                assert find_wrong_documents() == ([], []), field
                transaction.set_rollback(True)


def test_of_very_many_rows_all_documents_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_sources, "MAX_AFFECTED_ROWS", 1)
    change = derived_tables.update_row(Area.objects.all()[0], name="別の維新")
    assert None in rows_concerned(change).values()
    refresh_index([change])
    assert find_wrong_documents() == ([], [])


def another(row: models.Model, field: Any) -> Any:
    """Another value of a row's column."""
    value = getattr(row, field.attname)
    if field.primary_key or isinstance(field, models.DateField):
        return value
    if field.related_model:
        others = field.related_model._default_manager.exclude(pk=value).order_by("pk")
        return others.values_list("pk", flat=True).first() or value
    if field.choices:
        return next(choice for choice, _ in field.choices if choice != value)
    if isinstance(field, models.BooleanField):
        return not value
    return (value or 0) + 1 if isinstance(field, models.IntegerField) else f"xx{value}"[: field.max_length]


@pytest.mark.usefixtures("minamihoshi")
@pytest.mark.parametrize("model", [NamedPart, DepartmentAlias, BudgetLine, Appearance, PillarItem])
def test_a_row_that_goes_reaches_every_document_that_was_made_of_it(model: type[models.Model]) -> None:
    for row in model._default_manager.order_by("pk")[:5]:
        with transaction.atomic():
            below = [*NamedPart.objects.filter(appearance=row.pk), *PillarItem.objects.filter(parent=row.pk)]
            for one in (*below, row):
                rows = type(one)._default_manager.filter(pk=one.pk)
                rows._raw_delete(rows.db)
            refresh_index([derived_tables.deletion_of(one) for one in (*below, row)])
            assert find_wrong_documents() == ([], [])
            transaction.set_rollback(True)


def test_a_plan_that_is_not_published_is_not_found() -> None:
    refresh_index([derived_tables.update_row(Plan.objects.get(), is_current=False)])
    kinds = set(SearchDocument.objects.values_list("kind", flat=True))
    assert kinds == {"project", "department", "stage"}
    assert not SearchDocument.objects.filter(facets__contains="area ").exists()


def test_queries_do_not_grow_with_the_catalogue() -> None:
    def queries(size: int) -> int:
        load_folder(generate_folder(size), replace=True)
        with CaptureQueriesContext(connection) as captured:
            refresh_index(None)
        return len(captured)

    assert queries(1) == queries(3) <= 40


def test_following_costs_a_moment(serving: None) -> None:
    """Five to six times as long as reading the catalogue for a plan folder, where no collector interrupts either."""
    assert time_ratio(lambda: refresh_index(None), read_catalogue, times=5) < 8


def test_the_commands_rebuild_and_check() -> None:
    said = StringIO()
    call_command("check_search", stdout=said)
    assert "索引は公開されている内容と同じです" in said.getvalue()
    SearchDocument.objects.filter(model="catalog.area").update(title="別の題")
    one = SearchDocument.objects.filter(model="projects.appearance").first()
    SearchDocument.objects.filter(pk=one.pk).update(facets=one.facets.replace("department", "area"))
    lost = Passage.objects.first()
    Passage.objects.filter(pk=lost.pk).update(position=99)
    with pytest.raises(CommandError, match="不足または相違 6件"):
        call_command("check_search")
    call_command("rebuild_search", stdout=said)
    assert "作り直しました" in said.getvalue()
    assert find_wrong_documents() == ([], [])


def test_the_check_tells_of_wrong_posting_lists() -> None:
    PostingRow.objects.filter(bucket__gte=0).first().delete()
    with pytest.raises(CommandError, match=r"索引の表が項目と違います（1区間）。rebuild_search"):
        call_command("check_search")
    call_command("rebuild_search", stdout=StringIO())
    call_command("check_search", stdout=StringIO())
