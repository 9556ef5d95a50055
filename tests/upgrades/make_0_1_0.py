"""Make the databases of version 0.1.0 that later versions have to upgrade: run with the code of that version.

Version 0.1.0 is commit db2cfe9. From a clone of the repository:

    git worktree add /tmp/dxportal-0.1.0 db2cfe9
    cp tests/upgrades/make_0_1_0.py /tmp/dxportal-0.1.0/
    cd /tmp/dxportal-0.1.0 && PYTHONPATH=. PYTHON make_0_1_0.py FOLDER     # PYTHON: one with what 0.1.0 requires

It writes `0.1.0.sqlite3.xz`, `0.1.0.postgresql.sql.xz` (PostgreSQL has to be installed), the plan folder that 0.1.0
dumps of them, `0.1.0.plan.tar.xz`, and two sheets that it handed out. They are never made anew: a later version has to
upgrade these very files.

They hold the shipped plan and a history: change sets in every state, users with each duty (their password is
`PASSWORD`, used nowhere else), uploads with each result, sessions, failed attempts to sign in. The published set
`EVERY_TABLE` changes a row of every table, adds rows and deletes some. Two sets, `REMOVED` and `REMOVED_OPEN`, hold a
change of a field that no version has: 「担当課」 of a budget line. They stand for a field that a version has removed
without a counterpart, which is stored under its label from then on (`remove_field` in `converting.py`). It is
put into the stored changes by hand at the end, after they were made and published without it.

Derived tables are emptied: `serve` derives them again after each upgrade.
"""

from __future__ import annotations

import lzma
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from uuid import NAMESPACE_URL, UUID, uuid5

PASSWORD = "only-in-the-fixture-of-0.1.0"  # noqa: S105  # of users of these test data alone
HOST = "127.0.0.1"
BEGAN = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)


def main(folder: Path) -> None:
    from tests import postgres

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "db.sqlite3"
        fill_by_child(f"sqlite:///{file}", folder)
        save(folder / "0.1.0.sqlite3.xz", file.read_bytes())
    with postgres.run_cluster() as url:
        fill_by_child(url, None)
        pg_dump = postgres.find_binaries() / "pg_dump"  # type: ignore[operator]  # there is one: it runs the cluster
        options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=200", f"--dbname={url}"]
        dump = subprocess.run([pg_dump, *options], check=True, capture_output=True, text=True).stdout
        # Commands of psql, which no driver understands.
        save(folder / "0.1.0.postgresql.sql.xz", re.sub(r"(?m)^\\(un)?restrict .*\n", "", dump).encode())


def save(file: Path, data: bytes) -> None:
    file.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    print(file.name, len(data), "→", file.stat().st_size)


def fill_by_child(url: str, folder: Path | None) -> None:
    """Fill the database in a process of its own: settings are read once in each."""
    arguments = [sys.executable, __file__, "--fill", *([str(folder)] if folder else [])]
    subprocess.run(arguments, check=True, env={**os.environ, "DATABASE_URL": url})


@contextmanager
def steady_clock() -> Iterator[None]:
    """A clock that goes a minute further each time it is read."""
    minutes = count()
    with mock.patch("django.utils.timezone.now", side_effect=lambda: BEGAN + timedelta(minutes=next(minutes))):
        yield


def identity(*of: object) -> UUID:
    return uuid5(NAMESPACE_URL, " ".join(["dxportal 0.1.0", *map(str, of)]))


def fill(folder: Path | None) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "dxportal.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", verbosity=0, interactive=False)  # the page of signing in has styles
    call_command("migrate", verbosity=0)
    with steady_clock():
        call_command("load_plan", "fixtures/yamaguchi-2021")
        Story(folder).tell()
    if folder:
        save_plan(folder / "0.1.0.plan.tar.xz")
    call_command("check_plan", "fixtures/yamaguchi-2021", stdout=open(os.devnull, "w"))  # noqa: SIM115
    call_command("check_search")
    empty_derived_tables()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode = DELETE")
            cursor.execute("VACUUM")
    connection.close()


def save_plan(file: Path) -> None:
    from django.core.management import call_command

    def without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = int(BEGAN.timestamp())
        return member

    with TemporaryDirectory() as scratch:
        call_command("dump_plan", f"{scratch}/plan")
        with tarfile.open(file, "w:xz", preset=9) as archive:
            archive.add(f"{scratch}/plan", "plan", filter=without_owner)


def empty_derived_tables() -> None:
    from django.apps import apps
    from django.db import connection

    from dxportal.planfolder.rows import CATALOGUE

    stored = {model._meta.db_table for model in CATALOGUE}
    derived = {
        model._meta.db_table
        for name in ("catalog", "projects", "budgets", "search")
        for model in apps.get_app_config(name).get_models()
    } - stored
    with connection.cursor() as cursor:
        for table in sorted(derived):
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  # names of our own models


class Story:
    """The history of a site of version 0.1.0. Each step is done as the staff site does it."""

    def __init__(self, folder: Path | None) -> None:
        from django.contrib.auth.models import User

        from catalog.models import Department
        from dxportal.desk.models import Duty, Role

        self.folder = folder
        names = ("administrator", "bureau", "editor", "viewer")
        self.users = {name: User.objects.create_user(name, f"{name}@example.jp", PASSWORD) for name in names}
        User.objects.update(is_staff=True)
        User.objects.filter(username="administrator").update(is_superuser=True)
        for user in self.users.values():
            user.refresh_from_db()
        self.bureau, self.editor = self.users["bureau"], self.users["editor"]
        kyoiku = Department.objects.get(code="kyoiku")
        Duty.objects.create(user=self.bureau, role=Role.BUREAU)
        Duty.objects.create(user=self.editor, role=Role.EDITOR, department=kyoiku)
        Duty.objects.create(user=self.users["viewer"], role=Role.VIEWER, department=kyoiku)

    def tell(self) -> None:
        from dxportal.changes import life

        self.sign_in()
        self.published("EVERY_TABLE", change_every_table)
        life.undo(self.published("UNDONE", lambda: rename("workation", "改めて取り消した名")), self.bureau)
        self.save_sheet("sheet-of-revision-4.xlsx")
        removed = self.published("REMOVED", lambda: add_to_amount("museum-exhibition", 1000))
        self.save_sheet("sheet-of-revision-5.xlsx")
        self.made("OPEN", lambda: add_to_amount("ict-advanced-education", 2000))
        self.upload()
        rejected = self.proposed("REJECTED", lambda: add_to_amount("ict-advanced-education", 9), self.editor)
        life.reject(rejected, self.bureau, "出典を確かめてください。")
        life.discard(self.made("DISCARDED", lambda: rename("education-computers", "使わない名"), self.editor))
        self.proposed("PROPOSED", lambda: change_text("3-1-1", "提案された文。"), self.bureau)
        removed_open = self.made("REMOVED_OPEN", lambda: add_to_amount("museum-exhibition", 5), self.bureau)
        for change_set in (removed, removed_open):
            put_removed_field(change_set)

    def made(self, title: str, edit: Any, author: Any = None) -> Any:
        from dxportal.changes.life import begin, keep
        from dxportal.changes.recording import recorded

        with recorded() as recorder:
            edit()
        return keep(begin(author or self.editor, title, "管理画面"), recorder.changes)

    def proposed(self, title: str, edit: Any, author: Any = None) -> Any:
        from dxportal.changes.life import propose

        return propose(self.made(title, edit, author))

    def published(self, title: str, edit: Any) -> Any:
        from dxportal.changes.life import publish

        return publish(self.proposed(title, edit, self.bureau), self.bureau)

    def sign_in(self) -> None:
        """A session for each user, and attempts of a stranger that fail."""
        from django.test import Client

        for name in (*self.users, "stranger", "stranger"):
            client = Client(SERVER_NAME=HOST)
            client.get("/admin/login/")
            client.post("/admin/login/", {"username": name, "password": PASSWORD, "next": "/admin/"})

    def save_sheet(self, name: str) -> None:
        """The sheet of kyoiku with an amount written into it, as the department could have kept it."""
        from openpyxl import load_workbook

        book = load_workbook(BytesIO(self.sheet()))
        cell_of(book, "industrial-education-equipment", "予算額（千円）").value = 45678
        if self.folder:
            book.save(self.folder / name)

    def sheet(self) -> bytes:
        from catalog.models import Department
        from dxportal.imports.sheets import Sheet

        file = BytesIO()
        Sheet(2021, Department.objects.get(code="kyoiku")).write_excel(file)
        return file.getvalue()

    def upload(self) -> None:
        """A sheet that becomes a proposed set, one with a wrong amount, one without changes, and a PDF."""
        from openpyxl import load_workbook

        from catalog.models import Department
        from dxportal.changes.life import propose
        from dxportal.changes.models import ChangeSet
        from dxportal.desk.roles import check
        from dxportal.imports.uploading import Sender, receive

        own = list(Department.objects.filter(code="kyoiku"))
        sender = Sender(self.editor, own, lambda changes: check(self.editor, changes))
        for name, value in (("教育庁.xlsx", 50001), ("額の誤り.xlsx", "およそ5万"), ("そのまま.xlsx", None)):
            book = load_workbook(BytesIO(self.sheet()))
            if value is not None:
                cell_of(book, "industrial-education-equipment", "予算額（千円）").value = value
            file = BytesIO()
            book.save(file)
            receive(sender, name, file.getvalue())
        receive(sender, "文書.pdf", b"%PDF-1.7\n")
        change_set = ChangeSet.objects.get(upload__file_name="教育庁.xlsx")
        ChangeSet.objects.filter(pk=change_set.pk).update(title="SHEET")
        propose(ChangeSet.objects.get(pk=change_set.pk))


def cell_of(book: Any, project: str, header: str) -> Any:
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index(header) + 1
    row = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[2].value == project)
    return sheet.cell(row, column)


def line_of(project: str) -> Any:
    from budgets.models import BudgetLine

    return BudgetLine.objects.order_by("pk").filter(project__code=project, fiscal_year=2021)[0]


def add_to_amount(project: str, more: int) -> None:
    line = line_of(project)
    line.amount_thousand_yen += more
    line.save()


def rename(project: str, name: str) -> None:
    from projects.models import Project

    Project.objects.filter(code=project).update(name=name)


def change_text(goal: str, text: str) -> None:
    from catalog.models import Goal

    Goal.objects.filter(code=goal).update(text=text)


def change_every_table() -> None:
    """Change a row of every table, add rows to the tables of projects, words and money, and delete a few."""
    from budgets.models import BudgetLine, Stage
    from catalog.models import Department, DepartmentAlias, Initiative, Plan, Term, TermWord
    from dxportal.planfolder.rows import CATALOGUE
    from projects.models import NamedPart, Project, ProjectPart

    for model in CATALOGUE:
        names = {field.name for field in model._meta.concrete_fields}
        if "editorial_note" in names:
            row = model._default_manager.order_by("pk")[0]
            model._default_manager.filter(pk=row.pk).update(editorial_note="0.1.0 で書いた注。")
    Plan.objects.update(updated_on="2021-04-01")
    part = ProjectPart.objects.order_by("pk")[0]
    ProjectPart.objects.filter(pk=part.pk).update(name="改めた内訳の名")
    alias = DepartmentAlias.objects.order_by("pk")[0]
    DepartmentAlias.objects.filter(pk=alias.pk).update(position=9)
    word = TermWord.objects.order_by("pk").filter(is_reading=True)[0]
    TermWord.objects.filter(pk=word.pk).update(text="あらためたよみ")
    named = NamedPart.objects.order_by("pk")[0]
    NamedPart.objects.filter(pk=named.pk).update(detail="改めた説明")

    department = Department.objects.get(code="kyoiku")
    project = Project.objects.create(
        pk=identity("project"),
        code="made-in-0-1-0",
        name="0.1.0で足した事業",
        kana="たしたじぎょう",
        department=department,
    )
    new = ProjectPart.objects.create(pk=identity("part"), project=project, code="t1", name="足した内訳", position=1)
    BudgetLine.objects.create(
        pk=identity("line"),
        project=project,
        part=new,
        fiscal_year=2021,
        stage=Stage.objects.order_by("position")[0],
        amount_thousand_yen=1234,
        department=department,
        editorial_note="資料にない。",
    )
    DepartmentAlias.objects.create(pk=identity("alias"), label="足した別名", department=department, position=8)
    term = Term.objects.create(pk=identity("term"), code="made-in-0-1-0", position=999)
    for position, text in enumerate(("足したことば", "同じ意味のことば"), 1):
        TermWord.objects.create(pk=identity("word", position), term=term, text=text, position=position)

    BudgetLine.objects.filter(pk=line_of("workation").pk).delete()
    last = Initiative.objects.order_by("measure", "-position")[0]
    Initiative.objects.filter(pk=last.pk).delete()


def put_removed_field(change_set: Any) -> None:
    change = change_set.changes.get()
    change.before["担当課"], change.after["担当課"] = "文化財課", "文化振興課"
    change.save()


if __name__ == "__main__":
    if sys.argv[1] == "--fill":
        fill(Path(sys.argv[2]) if sys.argv[2:] else None)
    else:
        main(Path(sys.argv[1]))
