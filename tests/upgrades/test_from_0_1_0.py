"""A database of version 0.1.0 is brought to this version, and everything that was begun in it goes on."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from budgets.models import BudgetLine, ChangeReason, PrintedStage, StageComponent
from catalog.models import Goal, Plan
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.row_values import label_of
from dxportal.operations.serving.preparation import rebuild_derived_tables
from dxportal.planfiles.comparing import compare_folders
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.mapping import read_catalogue
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.revisions.publish import current_revision
from dxportal.sheets.models import Upload, UploadResult
from dxportal.tracked_tables import CATALOGUE
from projects.models import Project
from tests import page_paths
from tests.conftest import YAMAGUCHI
from tests.dxportal.staff.staff_actions import admin_address, sign_in_as, take_step
from tests.dxportal.staff.year_steps import fill_in, prepare, propose_and_publish, stored_lines
from tests.two_years import STEPS, Line, Step
from tests.upgrades.databases import FOLDER, connect_to
from tests.upgrades.make_0_1_0 import PASSWORD

Counts = dict[str, int]
# Tables that Django and the search index fill, and tables that an upgrade derives anew.
OF_PROJECTS = ("projects_projectplace", "projects_projectrank", "projects_projectcount")
DERIVED = ("django_", "auth_permission", "search_", "sqlite_", "budgets_budget", *OF_PROJECTS)
REMOVED_FIELD = "担当課"
RECORDED_THEN = ("SHEET", "PROPOSED", "OPEN")  # sets that were not published yet
# The plain stages of a year, which the upgrade adds beside the combined one.
ADDED_STAGES = {
    *("request", "initial", "june", "september", "december", "february", "adjustment", "revised", "carried-in"),
    *("settlement", "carried-out"),
}
ADDED_TABLES = (StageComponent, ChangeReason, PrintedStage)


def counts() -> Counts:
    """The rows of each table that holds what people have done."""
    tables = connection.introspection.table_names()
    counted_tables = [
        table for table in tables if not table.startswith(DERIVED) or table in ("budgets_budgetline", "django_session")
    ]
    with connection.cursor() as cursor:
        row_counts = {}
        for table in counted_tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  # names of our own tables
            row_counts[table] = cursor.fetchone()[0]
    return row_counts


@pytest.fixture(scope="module")
def before(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Counts]:
    """Upgrade the database as `serve` does at its start; yield the number of rows that each table had before.

    The mark `django_db` undoes what each test does, for it begins a transaction of the connection that it finds.
    """
    with django_db_blocker.unblock(), connect_to("0.1.0"):
        row_counts = counts()
        call_command("migrate", verbosity=0, interactive=False)
        rebuild_derived_tables()
        yield row_counts


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before"), pytest.mark.slow]


def user(name: str) -> Client:
    return sign_in_as(User.objects.get(username=name))


def the_set(title: str) -> ChangeSet:
    return ChangeSet.objects.get(title=title)


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def test_every_row_is_there(before: Counts) -> None:
    after = counts()
    added = {"budgets_stage": len(ADDED_STAGES)}
    assert {table: after[table] - added.get(table, 0) for table in before} == before
    assert before["changes_changeset"] == 10
    assert before["imports_upload"] == 4
    assert before["axes_accessattempt"] == 1
    assert before["django_session"] == 4


def test_the_catalogue_is_what_it_was(tmp_path: Path) -> None:
    with tarfile.open(FOLDER / "0.1.0.plan.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    earlier, now = read_folder(tmp_path / "plan"), read_catalogue()
    (combined,) = earlier.stages
    earlier.stages = read_folder(YAMAGUCHI).stages
    next(stage for stage in earlier.stages if stage.code == combined.code).editorial_note = combined.editorial_note
    assert {stage.code for stage in now.stages} == ADDED_STAGES | {"initial-with-february"}
    assert not compare_folders(earlier, now)
    changed = {change.model for change in the_set("EVERY_TABLE").changes.all()}
    assert changed == {label_of(model) for model in CATALOGUE if model not in ADDED_TABLES}
    (row,) = PrintedStage.objects.all()
    assert row.pk == derive_primary_key(PrintedStage, *row.natural_key())
    assert BudgetLine.objects.get(project__code="made-in-0-1-0").amount_thousand_yen == 1234
    assert not BudgetLine.objects.filter(project__code="workation").exists()
    assert Project.objects.get(code="workation").name != "改めて取り消した名"


def test_it_is_consistent_and_can_be_dumped(tmp_path: Path) -> None:
    call_command("check_plan", YAMAGUCHI)
    call_command("check_search")
    call_command("dump_plan", tmp_path / "plan")
    assert not compare_folders(read_folder(tmp_path / "plan"), read_catalogue())
    assert Plan.objects.count() == 1


def test_pages_answer(client: Client) -> None:
    for path in page_paths.ONE_OF_EACH_KIND:
        assert client.get(path).status_code == (404 if path == page_paths.NOT_FOUND else 200), path
    assert "0.1.0で足した事業" in text(client.get("/projects/made-in-0-1-0/"))
    assert "/projects/made-in-0-1-0/" in text(client.get("/search/?q=足した事業"))


def test_passwords_hold(client: Client) -> None:
    page = client.get("/admin/login/")
    sent = {"username": "editor", "password": PASSWORD, "next": "/admin/"}
    assert page.status_code == 200
    assert "教育庁" in text(client.post("/admin/login/", sent, follow=True))


@pytest.mark.parametrize("name", ["administrator", "bureau", "editor", "viewer"])
def test_everybody_reads_what_their_duty_shows(name: str) -> None:
    client = user(name)
    assert client.get("/admin/").status_code == 200
    for change_set in ChangeSet.objects.all():
        seen = client.get(change_set.get_absolute_url()).status_code
        assert seen in (200, 404)
        assert seen == 200 or not (change_set.published_at or name == change_set.author.username)


def test_what_was_published_is_told_in_public(client: Client) -> None:
    html = text(client.get("/changes/"))
    for title in ("EVERY_TABLE", "UNDONE", "取り消し：UNDONE", "REMOVED"):
        assert title in html
    assert "取り消されました" in html
    rows = json.loads(b"".join(client.get("/changes.json")))["rows"]
    assert [row["title"] for row in rows if REMOVED_FIELD in {field["name"] for field in row["fields"]}] == ["REMOVED"]


def test_the_history_of_a_row_goes_on() -> None:
    project = Project.objects.get(code="workation")
    html = text(user("bureau").get(admin_address(project, "history")))
    assert "改めて取り消した名" in html
    assert "EVERY_TABLE" in html  # its line was deleted


def test_what_was_proposed_is_published() -> None:
    bureau, change_set = user("bureau"), the_set("PROPOSED")
    assert "提案された文。" in text(bureau.get(f"{change_set.get_absolute_url()}preview/goals/3-1-1/"))
    assert "公開しました。" in text(take_step(bureau, change_set, "publish"))
    assert Goal.objects.get(code="3-1-1").text == "提案された文。"
    assert the_set("PROPOSED").revision == current_revision() == 6
    sheet = the_set("SHEET")
    take_step(bureau, sheet, "publish")
    assert BudgetLine.objects.get(project__code="industrial-education-equipment").amount_thousand_yen == 50001


def test_what_was_open_is_proposed_and_published() -> None:
    change_set = the_set("OPEN")
    wanted = change_set.changes.get().after["amount_thousand_yen"]
    assert "提案しました。" in text(take_step(user("editor"), change_set, "propose"))
    assert "公開しました。" in text(take_step(user("bureau"), change_set, "publish"))
    assert BudgetLine.objects.get(pk=change_set.changes.get().row).amount_thousand_yen == wanted


def test_what_was_sent_back_is_proposed_again() -> None:
    change_set = the_set("REJECTED")
    assert "出典を確かめてください。" in text(user("editor").get(change_set.get_absolute_url()))
    take_step(user("editor"), change_set, "enter")
    assert "提案しました。" in text(take_step(user("editor"), change_set, "propose"))


def test_what_was_published_is_undone() -> None:
    before = {model: set(model._default_manager.values_list("pk", flat=True)) for model in CATALOGUE}
    change_set = the_set("EVERY_TABLE")
    assert "公開を取り消し、前の姿に戻しました。" in text(take_step(user("bureau"), change_set, "undo"))
    assert the_set("EVERY_TABLE").state == State.UNDONE
    assert not Project.objects.filter(code="made-in-0-1-0").exists()
    assert BudgetLine.objects.filter(project__code="workation").exists()
    created = [change.row for change in change_set.changes.filter(action="create")]
    after = {model: set(model._default_manager.values_list("pk", flat=True)) for model in CATALOGUE}
    assert {row for model in CATALOGUE for row in before[model] - after[model]} == set(created)


def follow_two_years(bureau: Client) -> set[tuple[tuple[str, ...], int]]:
    """Publish every step of the scenario; return its lines by natural key with their amounts."""
    for step in STEPS:
        prepare(bureau, step)
        fill_in(bureau, step)
        propose_and_publish(bureau, bureau)
    return {(line.key, line.amount) for step in STEPS for line in step.adds}


def test_what_was_recorded_then_is_undone_after_two_years_of_budgets(tmp_path: Path) -> None:
    bureau, before = user("bureau"), stored_lines()
    take_step(user("editor"), the_set("OPEN"), "propose")
    for title in RECORDED_THEN:
        take_step(bureau, the_set(title), "publish")
        assert the_set(title).state == State.PUBLISHED
    lines = follow_two_years(bureau)
    for title in RECORDED_THEN:
        assert "公開を取り消し、前の姿に戻しました。" in text(take_step(bureau, the_set(title), "undo"))
        assert the_set(title).state == State.UNDONE
    assert stored_lines() == before | lines
    take_step(bureau, the_set("EVERY_TABLE"), "undo")
    assert the_set("EVERY_TABLE").state == State.UNDONE
    assert not Project.objects.filter(code="made-in-0-1-0").exists()
    assert BudgetLine.objects.filter(project__code="workation", fiscal_year=2021).exists()
    assert lines <= stored_lines()
    call_command("check_plan", YAMAGUCHI)
    call_command("dump_plan", tmp_path / "plan")
    assert not compare_folders(read_folder(tmp_path / "plan"), read_catalogue())


def test_a_line_added_since_stands_in_the_way_of_undoing_which_is_told() -> None:
    bureau, change_set = user("bureau"), the_set("EVERY_TABLE")
    added = Line("made-in-0-1-0", 2022, "june", 5)
    fill_in(bureau, Step("", 2022, (added,)))
    propose_and_publish(bureau, bureau)
    answer = unescape(take_step(bureau, change_set, "undo").content.decode())
    assert "あとから公開された変更がこれを使っているので、取り消せません。先にそれを取り消してください。" in answer
    assert the_set("EVERY_TABLE").state == State.PUBLISHED
    assert (added.key, 5) in stored_lines()


def test_a_removed_field_is_shown_and_says_why_it_cannot_be_undone() -> None:
    bureau, change_set = user("bureau"), the_set("REMOVED")
    html = text(bureau.get(change_set.get_absolute_url()))
    assert f"{REMOVED_FIELD}（今の版にない欄）" in html
    assert "文化［削除］財［追加］振興［以上］課" in re.sub("<[^>]+>", "", html)
    assert f"の欄「{REMOVED_FIELD}」は、今の版のポータルにありません。" in html
    assert 'value="undo"' not in html
    assert "公開も取り消しもできません" in text(take_step(bureau, change_set, "undo"))
    assert the_set("REMOVED").state == State.PUBLISHED


def test_a_removed_field_can_be_left_out_before_it_is_published() -> None:
    bureau, change_set = user("bureau"), the_set("REMOVED_OPEN")
    assert "公開も取り消しもできません" in text(bureau.get(change_set.get_absolute_url()))
    assert "公開も取り消しもできません" in text(take_step(bureau, change_set, "propose"))
    row = str(change_set.changes.get().row)
    take_step(bureau, change_set, "resolve", row=row, field=REMOVED_FIELD, choice="theirs")
    assert "提案しました。" in text(take_step(bureau, change_set, "propose"))
    assert "公開しました。" in text(take_step(bureau, change_set, "publish"))


def send(name: str) -> Upload:
    file = SimpleUploadedFile(name, (FOLDER / name).read_bytes())
    user("editor").post("/admin/sheets/", {"sheet": file}, follow=True)
    return Upload.objects.order_by("pk").last()


@pytest.mark.parametrize("name", ["sheet-of-revision-5.xlsx", "sheet-of-revision-4.xlsx"])
def test_a_sheet_of_the_former_columns_is_refused_in_words(name: str) -> None:
    upload = send(name)
    assert (upload.result, upload.change_set) == (UploadResult.REFUSED, None)
    assert upload.reason == (
        "このシートの形式は、今のポータルでは読めません。シートを受け取り直し、書き込みを写してください。"
    )


def test_marked_copies_and_records_of_uploads_are_read() -> None:
    editor = user("editor")
    for upload in Upload.objects.all():
        assert upload.file_name in text(editor.get(upload.get_absolute_url()))
