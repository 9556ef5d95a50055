from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, call_command
from django.db.models import Count, F
from django.test import Client

from bench.generated import project_names
from bench.generated.catalogue_generator import CannotGenerateError, Size, generate_catalogue
from bench.management.commands.generate_catalogue import Command
from budgets.coverage import Claim, find_overlaps, read_components
from budgets.models import BudgetLine, ChangeReason, Stage, StageRole
from budgets.models.measures import MOVEMENTS
from budgets.reconciliation import Reconciliation
from budgets.totals import fiscal_years
from catalog.models import Plan, SourceDocument
from dxportal.changesets.differences import diff_tables
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.questions import QuestionKind, find_questions
from dxportal.changesets.row_values import read_rows
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import delete_catalogue, load_folder
from dxportal.revisions.publish import current_revision
from dxportal.search.indexing import find_wrong_documents
from dxportal.tracked_tables import CATALOGUE
from projects.models import AmountKind, Appearance, Project
from tests.conftest import ROOT, YAMAGUCHI
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SMALL = Size(projects=60, lines=250, years=4, seed=1)


def small() -> None:
    generate_catalogue(SMALL)


def run(command: str | BaseCommand, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def catalogue_rows() -> dict[str, set[tuple[Any, ...]]]:
    return {model._meta.label: set(model._default_manager.values_list()) for model in CATALOGUE}


@pytest.mark.parametrize(("settings", "is_there"), [("bench.settings", True), ("dxportal.settings", False)])
def test_the_command_is_none_of_a_site(settings: str, is_there: bool) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    command = [sys.executable, "manage.py", "generate_catalogue", "--help"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ("--projects" in done.stdout, "Unknown command" in done.stderr) == (is_there, not is_there)


def test_it_adds_what_was_asked_for_and_touches_nothing_of_the_plan() -> None:
    before, revision = catalogue_rows(), current_revision()
    output = run(Command(), "--projects", "60", "--lines", "250", "--years", "4")
    after = catalogue_rows()
    assert all(before[label] <= after[label] for label in before)
    added = {label: len(after[label] - before[label]) for label in before if after[label] != before[label]}
    assert added == {
        "catalog.SourceDocument": 1,
        "catalog.Area": 1,
        "catalog.Domain": 4,
        "catalog.Goal": 20,
        "catalog.Countermeasure": 20,
        "projects.Project": 60,
        "projects.ProjectPart": added["projects.ProjectPart"],
        "projects.SakigakeProject": 2,
        "projects.Appearance": 3 * (121 + 45),  # as many as the plan prints, for each earlier year
        "budgets.Stage": 10,
        "budgets.PrintedStage": 1,
        "budgets.BudgetLine": 250,
        "budgets.ChangeReason": added["budgets.ChangeReason"],
    }
    assert added["projects.ProjectPart"] > 0
    assert output.startswith("架空の数字を書き込みます。")
    assert "予算額 250\n" in output
    assert current_revision() == revision + 1


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    plan = read_folder(YAMAGUCHI)
    generate_catalogue(SMALL)
    first = catalogue_rows()
    load_folder(plan, replace=True)
    generate_catalogue(SMALL)
    assert catalogue_rows() == first
    load_folder(plan, replace=True)
    generate_catalogue(Size(SMALL.projects, SMALL.lines, SMALL.years, seed=2))
    assert catalogue_rows() != first


@use_plans(small)
def test_nothing_is_inconsistent_and_the_index_follows() -> None:
    output = run("check_plan", str(YAMAGUCHI))
    assert output.endswith("\n矛盾（0件）\n")
    assert "2018年度 資料の額と集計額の違い（0件）" in output
    assert find_wrong_documents() == ([], [])


def test_lines_are_of_many_years_and_kinds_and_leave_some_projects_silent() -> None:
    generate_catalogue(Size(projects=300, lines=3000, years=10, seed=1))
    assert fiscal_years() == list(range(2021, 2011, -1))
    lines = BudgetLine.objects.filter(project__code__startswith="g")
    years = lines.order_by().values("fiscal_year").annotate(count=Count("pk"))
    assert {250 <= year["count"] <= 350 for year in years} == {True}
    assert 40 <= lines.filter(kind=AmountKind.LENDING_LIMIT).count() <= 160
    assert 600 <= 300 * 10 - len(set(lines.values_list("project", "fiscal_year"))) <= 900
    assert lines.filter(part__isnull=False).exists()
    assert lines.filter(stage__components__isnull=False).exists()
    assert lines.filter(stage__components__isnull=True).exists()
    assert not lines.exclude(department=F("project__department")).exists()


def test_most_lines_are_of_an_initial_budget_and_the_others_of_every_role() -> None:
    generate_catalogue(Size(projects=300, lines=3000, years=10, seed=1))
    lines = BudgetLine.objects.filter(project__code__startswith="g").order_by()
    roles = Counter(lines.values_list("stage__role", flat=True))
    assert set(roles) == set(StageRole)
    assert 2000 <= roles[StageRole.INITIAL] <= 2500
    latest = set(lines.filter(fiscal_year=2021).values_list("stage__role", flat=True))
    assert latest <= {StageRole.REQUEST, *MOVEMENTS, StageRole.CARRIED_IN}, "nothing of the latest year is settled"
    reductions = lines.filter(amount_thousand_yen__lt=0)
    assert 20 <= reductions.count() <= 300
    assert set(reductions.values_list("stage__role", flat=True)) == {StageRole.SUPPLEMENTARY, StageRole.ADJUSTMENT}
    carried = lines.filter(stage__role=StageRole.CARRIED_OUT).values_list("project", "fiscal_year")
    carried_in = lines.filter(stage__role=StageRole.CARRIED_IN).values_list("project", "fiscal_year")
    assert carried
    assert {(project, year + 1) for project, year in carried} == set(carried_in)
    assert ChangeReason.objects.exists()


def test_nothing_is_stated_twice_and_only_what_stands_alone_is_odd() -> None:
    generate_catalogue(Size(projects=300, lines=3000, years=10, seed=1))
    claims = (
        Claim(line.pk, line.project_id, line.kind, line.part_id, line.stage_id, line.fiscal_year)
        for line in BudgetLine.objects.all()
    )
    assert list(find_overlaps(claims, read_components())) == []
    rows = diff_tables({BudgetLine: {}}, {BudgetLine: read_rows(BudgetLine)})
    assert {question.kind for question in find_questions(rows)} <= {QuestionKind.NO_INITIAL, QuestionKind.YEAR}


@use_plans(small)
def test_what_is_printed_is_what_is_counted() -> None:
    for year in (2018, 2019, 2020):
        reconciliation = Reconciliation.of(year)
        assert reconciliation.findings == 0
        assert reconciliation.all_projects.expenditure.printed


@use_plans(small)
def test_no_page_of_the_plan_has_more_on_it() -> None:
    generated = SourceDocument.objects.get(title="架空の過年度資料")
    plan = SourceDocument.objects.exclude(pk=generated.pk)
    assert generated.page_from == max(document.page_to for document in plan) + 1
    old = Appearance.objects.filter(fiscal_year__lt=2021)
    assert set(old.values_list("document", flat=True)) == {generated.pk}
    rows = Counter(old.values_list("page", flat=True))
    assert set(rows) == set(generated.pages) - {generated.page_from}
    assert max(rows.values()) == 10


@use_plans(small)
def test_its_pages_say_that_all_of_it_is_invented(client: Client) -> None:
    note = "generate_catalogue が作った架空の内容です。"
    for path in ("/projects/g000001/", "/areas/g/", "/sakigake/11/?year=2020", "/sources/6/28/"):
        assert note in client.get(path).content.decode(), path


@use_plans(small)
def test_twice_is_refused() -> None:
    with pytest.raises(CommandError, match="架空の事業がもうあります"):
        run(Command())
    assert Project.objects.filter(code__startswith="g0").count() == 60


def test_a_catalogue_on_which_staff_have_worked_is_refused() -> None:
    ChangeSet.objects.create(title="案", author=User.objects.create(username="hana"), source="管理画面")
    with pytest.raises(CommandError, match="変更のまとまり"):
        run(Command())


def test_a_catalogue_without_a_plan_is_refused() -> None:
    delete_catalogue()
    with pytest.raises(CommandError, match="公開中の計画がありません"):
        run(Command())


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (Size(0, 0, 1, 1), "--projects 0 は使えません。1〜999,999 の"),
        (Size(1, 0, 51, 1), "--years 51"),
        (Size(10, 41, 2, 1), "--lines 41 は使えません。0〜40 の"),
    ],
)
def test_sizes_that_are_impossible(size: Size, words: str) -> None:
    with pytest.raises(CannotGenerateError, match=words):
        generate_catalogue(size)


@pytest.mark.parametrize(("projects", "lines", "years"), [(1, 0, 1), (1, 2, 1), (3, 60, 10), (7, 3, 2)])
def test_lines_are_exactly_as_many_as_asked_for(projects: int, lines: int, years: int) -> None:
    assert generate_catalogue(Size(projects, lines, years, 5))[BudgetLine] == lines


@use_plans(minamihoshi)
def test_a_plan_without_stages_that_add_up_others_gets_one() -> None:
    generate_catalogue(SMALL)
    combined = Stage.objects.filter(components__isnull=False).distinct().get()
    assert combined.code == "g-combined"
    assert [one.component.code for one in combined.components.all()] == ["g-initial", "g-june"]
    assert Plan.objects.get().code == "minamihoshi-2023"
    assert Appearance.objects.filter(code__startswith="g-").exists()


def test_no_name_comes_twice() -> None:
    names = {project_names.project_name(number) for number in range(50_000)}
    assert len(names) == 50_000
    assert project_names.project_name(0) == (
        "新たな子育てデジタル化推進事業",
        "あらたなこそだてでじたるかすいしんじぎょう",
    )
