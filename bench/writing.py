"""A member of staff at work: each step through its view, with what it took as JSON.

    DATABASE_URL=… .venv/bin/python -m bench.writing steps
    DATABASE_URL=… .venv/bin/python -m bench.writing waiting

The database is changed: publications are undone, but stay in its record.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

YEAR = 2021
ROUNDS = 3  # and one before them, to warm up
SHEET_ROWS = 2000
PREVIEWED = "budgets/?year=2021"
PREVIEWERS = 3
WAITING_ROUNDS = 10

# All rows that were read without an index, of tables of ours.
ROWS_READ = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables"

Figures = dict[str, float]


class Staff:
    """Somebody of the bureau at a browser; `taken` is what each step took, round by round."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User

        self.taken: dict[str, list[Figures]] = {}
        self.user, _ = User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
        self.client = self.signed_in()

    def signed_in(self) -> Any:
        from django.test import Client

        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(self.user)
        return client

    def step(self, name: str, do: Callable[[], Any]) -> Any:
        """Take a step, which has to succeed, and keep seconds, megabytes, queries and rows read without an index."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from bench.processes import forget_peaks, memory
        from bench.processor import spent

        pid, read = os.getpid(), rows_read()
        forget_peaks(pid)
        resident, began = memory(pid), spent()
        with CaptureQueriesContext(connection) as queries:
            answer = do()
        seconds = spent() - began
        peak = memory(pid, "VmHWM") - resident
        if answer.status_code not in (200, 302):
            raise RuntimeError(f"{name}: {answer.status_code} {answer.content.decode()[:2000]}")
        found = {"seconds": seconds, "megabytes": peak / 1024, "queries": len(queries), "rows": rows_read() - read}
        self.taken.setdefault(name, []).append(found)
        return answer

    def change(self, name: str, address: str, values: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Open the form of an address, and save it with other values, as a set of its own."""
        from tests.dxportal.staff.working import fields_of

        shown = fields_of(self.client.get(address).content.decode())
        self.step(name, lambda: self.client.post(address, shown | values(shown) | {"_save": "保存"}))

    def take(self, name: str, step: str) -> None:
        """Press a button of the page of the newest set."""
        number, version = newest_set()
        address = f"/admin/changes/{number}/"
        self.step(name, lambda: self.client.post(address, {"step": step, "version": version}))

    def publish_and_undo(self, what: str) -> None:
        self.take(f"propose {what}", "propose")
        self.step(f"page of the set: {what}", lambda: self.client.get(f"/admin/changes/{newest_set()[0]}/"))
        published = newest_set()[0]
        self.take(f"publish {what}", "publish")
        version = newest_set()[1]
        address = f"/admin/changes/{published}/"
        self.step(f"undo {what}", lambda: self.client.post(address, {"step": "undo", "version": version}))
        if newest_set()[0] == published:
            raise RuntimeError(f"{what} has not been undone.")


def newest_set() -> tuple[int, int]:
    from dxportal.changesets.models import ChangeSet

    return ChangeSet.objects.order_by("-pk").values_list("pk", "version")[0]


def rows_read() -> int:
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(ROWS_READ)
        return int(cursor.fetchone()[0])


def a_line(project: str) -> Any:
    """The line of a project of the plan, which is the same in every database."""
    from budgets.models import BudgetLine

    return BudgetLine.objects.get(project__code=project, fiscal_year=YEAR)


def more(field: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda shown: {field: str(int(shown[field].replace(",", "")) + 1)}


def one_round(staff: Staff) -> None:
    from tests.dxportal.staff.working import address

    line, loan = a_line("workation"), a_line("sme-loan")
    page, project = address(line), address(line.project)
    staff.change("save one amount", page, more("amount_thousand_yen"))
    inside = f"/admin/changes/{newest_set()[0]}/preview/"
    staff.step("page in an open set", lambda: staff.client.get(page))
    staff.step("preview of a public page", lambda: staff.client.get(f"{inside}{PREVIEWED}"))
    staff.publish_and_undo("one amount")
    # An amount of a kind that its project does not have, and its department does.
    new = {"project": str(loan.project_id), "stage": str(loan.stage_id), "department": str(loan.department_id)}
    new |= {"fiscal_year": str(YEAR), "kind": "expenditure", "amount_thousand_yen": "1"}
    staff.change("add a row", address(loan, "add"), lambda shown: new)
    staff.publish_and_undo("an added row")
    staff.change("rename a project", project, lambda shown: {"name": f"{shown['name']}（改）"})
    staff.publish_and_undo("a renamed project")


def one_sheet(staff: Staff) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from budgets.models import BudgetLine

    lines = BudgetLine.objects.filter(fiscal_year=YEAR).select_related("project", "part", "stage", "department")
    rows = ["行キー,年度,事業コード,予算額（千円）"]
    for line in lines.order_by("pk")[:SHEET_ROWS]:
        key = "/".join(str(word) for word in key_of(line))
        rows.append(f"{key},{YEAR},{line.project.code},{line.amount_thousand_yen + 1}")
    data = "\r\n".join(rows).encode("utf-8-sig")
    file = SimpleUploadedFile("シート.csv", data, "text/csv")
    before = newest_set()
    staff.step("upload a sheet", lambda: staff.client.post("/admin/sheets/", {"sheet": file}))
    if newest_set() == before:
        raise RuntimeError("The sheet has not been kept.")
    staff.publish_and_undo("a sheet")


def key_of(line: Any) -> list[Any]:
    part = [line.part.code] if line.part else []
    return [line.project.code, *part, line.fiscal_year, line.stage.code, line.kind]


def steps() -> dict[str, list[Figures]]:
    """The figures of each step, round by round."""
    from bench.processor import on_one_core

    on_one_core()
    staff = Staff()
    one_round(staff)
    staff.taken.clear()
    for _ in range(ROUNDS):
        one_round(staff)
    one_sheet(staff)
    return staff.taken


def waiting() -> list[float]:
    """How long a publication has to wait for the catalogue, in seconds, each time while previews are being made."""
    from django.db import transaction

    from dxportal.revisions.locks import own_catalogue
    from tests.dxportal.staff.working import address

    staff = Staff()
    staff.change("save one amount", address(a_line("workation")), more("amount_thousand_yen"))
    preview = f"/admin/changes/{newest_set()[0]}/preview/{PREVIEWED}"
    clients, waited = [staff.signed_in() for _ in range(PREVIEWERS)], []
    with ThreadPoolExecutor(PREVIEWERS) as readers:
        for _ in range(WAITING_ROUNDS):
            shown = [readers.submit(client.get, preview) for client in clients]
            while not all(one.done() for one in shown):
                began = time.monotonic()
                with transaction.atomic():
                    own_catalogue()
                waited.append(time.monotonic() - began)
                time.sleep(0.01)
            if {one.result().status_code for one in shown} != {200}:
                raise RuntimeError("A preview has failed.")
    return waited


def main(what: str) -> None:
    django.setup()
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection

    logging.disable()
    with connection.cursor() as cursor:  # the rows of a copied database have come without its sequences
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
    print(json.dumps({"steps": steps, "waiting": waiting}[what]()))


if __name__ == "__main__":
    main(sys.argv[1])
