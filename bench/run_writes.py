"""Run the steps of a member of staff through their views; print their cost as JSON.

    DATABASE_URL=… .venv/bin/python -m bench.run_writes steps
    DATABASE_URL=… .venv/bin/python -m bench.run_writes waiting

The database is changed: publications are undone, but stay in its history.
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
PREVIEW_PATH = "budgets/?year=2021"
PREVIEWERS = 3
WAITING_ROUNDS = 10

# Rows read by sequential scans of our tables.
ROWS_READ = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables"

Figures = dict[str, float]


class StaffSession:
    """A signed-in user of the digital bureau; `figures` holds the cost of each step, round by round."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User

        self.figures: dict[str, list[Figures]] = {}
        self.user, _ = User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
        self.client = self.new_client()

    def new_client(self) -> Any:
        from django.test import Client

        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(self.user)
        return client

    def measure_step(self, name: str, do: Callable[[], Any]) -> Any:
        """Run a step, and note its seconds, megabytes, queries and rows read without an index; raise if it fails."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from bench.cpu_time import cpu_seconds
        from bench.processes import memory_kilobytes, reset_memory_peaks

        pid, read = os.getpid(), rows_read()
        reset_memory_peaks(pid)
        resident, began = memory_kilobytes(pid), cpu_seconds()
        with CaptureQueriesContext(connection) as queries:
            answer = do()
        seconds = cpu_seconds() - began
        peak = memory_kilobytes(pid, "VmHWM") - resident
        if answer.status_code not in (200, 302):
            raise RuntimeError(f"{name}: {answer.status_code} {answer.content.decode()[:2000]}")
        step_figures = {
            "seconds": seconds,
            "megabytes": peak / 1024,
            "queries": len(queries),
            "rows": rows_read() - read,
        }
        self.figures.setdefault(name, []).append(step_figures)
        return answer

    def save_form(self, name: str, address: str, values: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Open the form of an address and save it with other values, as a new change set."""
        from tests.dxportal.staff.staff_actions import parse_form

        fields = parse_form(self.client.get(address).content.decode())
        self.measure_step(name, lambda: self.client.post(address, fields | values(fields) | {"_save": "保存"}))

    def take_step(self, name: str, step: str) -> None:
        """Press a button on the page of the newest change set."""
        number, version = newest_change_set()
        address = f"/admin/changes/{number}/"
        self.measure_step(name, lambda: self.client.post(address, {"step": step, "version": version}))

    def publish_and_undo(self, what: str) -> None:
        self.take_step(f"propose {what}", "propose")
        self.measure_step(
            f"page of the set: {what}", lambda: self.client.get(f"/admin/changes/{newest_change_set()[0]}/")
        )
        published = newest_change_set()[0]
        self.take_step(f"publish {what}", "publish")
        version = newest_change_set()[1]
        address = f"/admin/changes/{published}/"
        self.measure_step(f"undo {what}", lambda: self.client.post(address, {"step": "undo", "version": version}))
        if newest_change_set()[0] == published:
            raise RuntimeError(f"{what} has not been undone.")


def newest_change_set() -> tuple[int, int]:
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


def budget_line_of(project: str) -> Any:
    """Return the budget line of a project of the plan, which is the same in every database."""
    from budgets.models import BudgetLine

    return BudgetLine.objects.get(project__code=project, fiscal_year=YEAR)


def increase(field: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda shown: {field: str(int(shown[field].replace(",", "")) + 1)}


def run_round(staff: StaffSession) -> None:
    from tests.dxportal.staff.staff_actions import admin_address

    line, loan = budget_line_of("workation"), budget_line_of("sme-loan")
    page, project = admin_address(line), admin_address(line.project)
    staff.save_form("save one amount", page, increase("amount_thousand_yen"))
    inside = f"/admin/changes/{newest_change_set()[0]}/preview/"
    staff.measure_step("page in an open set", lambda: staff.client.get(page))
    staff.measure_step("preview of a public page", lambda: staff.client.get(f"{inside}{PREVIEW_PATH}"))
    staff.publish_and_undo("one amount")
    # An amount of a kind that its project does not have, and its department does.
    new = {"project": str(loan.project_id), "stage": str(loan.stage_id), "department": str(loan.department_id)}
    new |= {"fiscal_year": str(YEAR), "kind": "expenditure", "amount_thousand_yen": "1"}
    staff.save_form("add a row", admin_address(loan, "add"), lambda shown: new)
    staff.publish_and_undo("an added row")
    staff.save_form("rename a project", project, lambda shown: {"name": f"{shown['name']}（改）"})
    staff.publish_and_undo("a renamed project")


def upload_sheet(staff: StaffSession) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from budgets.models import BudgetLine

    lines = BudgetLine.objects.filter(fiscal_year=YEAR).select_related("project", "part", "stage", "department")
    rows = ["行キー,年度,事業コード,予算額（千円）,融資枠（千円）"]
    for line in lines.order_by("pk")[:SHEET_ROWS]:
        key = "/".join(str(word) for word in row_key(line))
        amount = f"{line.amount_thousand_yen + 1}"
        amounts = f",{amount}" if line.kind == "lending_limit" else f"{amount},"
        rows.append(f"{key},{YEAR},{line.project.code},{amounts}")
    data = "\r\n".join(rows).encode("utf-8-sig")
    file = SimpleUploadedFile("シート.csv", data, "text/csv")
    before = newest_change_set()
    staff.measure_step("upload a sheet", lambda: staff.client.post("/admin/sheets/", {"sheet": file}))
    if newest_change_set() == before:
        raise RuntimeError("The sheet has not been kept.")
    staff.publish_and_undo("a sheet")


def row_key(line: Any) -> list[Any]:
    part = [line.part.code] if line.part else []
    return [line.project.code, *part, line.fiscal_year, line.stage.code, line.kind]


def measure_steps() -> dict[str, list[Figures]]:
    """Return the figures of each step, round by round."""
    from bench.cpu_time import pin_to_one_core

    pin_to_one_core()
    staff = StaffSession()
    run_round(staff)
    staff.figures.clear()
    for _ in range(ROUNDS):
        run_round(staff)
    upload_sheet(staff)
    return staff.figures


def measure_waits() -> list[float]:
    """Return the seconds that a publication waits for the catalogue's lock, each while previews are rendered."""
    from django.db import transaction

    from dxportal.revisions.locks import take_exclusive_lock
    from tests.dxportal.staff.staff_actions import admin_address

    staff = StaffSession()
    staff.save_form("save one amount", admin_address(budget_line_of("workation")), increase("amount_thousand_yen"))
    preview = f"/admin/changes/{newest_change_set()[0]}/preview/{PREVIEW_PATH}"
    clients, waits = [staff.new_client() for _ in range(PREVIEWERS)], []
    with ThreadPoolExecutor(PREVIEWERS) as readers:
        for _ in range(WAITING_ROUNDS):
            previews = [readers.submit(client.get, preview) for client in clients]
            while not all(preview_job.done() for preview_job in previews):
                began = time.monotonic()
                with transaction.atomic():
                    take_exclusive_lock()
                waits.append(time.monotonic() - began)
                time.sleep(0.01)
            if {preview_job.result().status_code for preview_job in previews} != {200}:
                raise RuntimeError("A preview has failed.")
    return waits


def main(mode: str) -> None:
    django.setup()
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection

    logging.disable()
    with connection.cursor() as cursor:  # copying a database does not advance its sequences
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
    print(json.dumps({"steps": measure_steps, "waiting": measure_waits}[mode]()))


if __name__ == "__main__":
    main(sys.argv[1])
