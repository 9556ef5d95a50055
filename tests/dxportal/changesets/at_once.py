"""Run as a process of its own, over a database of its own: several people at once, and one that is killed.

python -m tests.dxportal.changesets.at_once <what>     with DATABASE_URL; prints what came of it as JSON
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
    django.setup()
    print(json.dumps(globals()[sys.argv[1]]()))


def line() -> Any:
    from budgets.models import BudgetLine

    return BudgetLine.objects.get(project__code="workation")


def proposed(amount: int, note: str = "") -> Any:
    from django.contrib.auth.models import User

    from budgets.models import BudgetLine
    from dxportal.changesets.recording import record_changes
    from dxportal.changesets.workflow import create_set, propose, replace_changes

    author, _ = User.objects.get_or_create(username="author")
    with record_changes() as recorder:
        BudgetLine.objects.filter(pk=line().pk).update(amount_thousand_yen=amount)
        if note:
            BudgetLine.objects.update(editorial_note=note)
    return propose(replace_changes(create_set(author, f"{amount}", "試験"), recorder.changes)), author


def in_threads(*tasks: Callable[[], str]) -> list[str]:
    from django.db import connection

    results = [""] * len(tasks)

    def run(number: int) -> None:
        try:
            results[number] = tasks[number]()
        except Exception as error:
            results[number] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def published(change_set: Any, author: Any) -> str:
    from dxportal.changesets.workflow import publish

    publish(change_set, author)
    return "published"


def publish_one_field_by_two() -> Any:
    first, second = proposed(1), proposed(2)
    results = in_threads(lambda: published(*first), lambda: published(*second))
    return {"results": sorted(results), "amount": line().amount_thousand_yen}


def publish_one_name_by_two() -> Any:
    """Each set is sound by itself; together they would make a double."""
    from django.contrib.auth.models import User

    from budgets.models import Stage
    from dxportal.changesets.recording import record_changes
    from dxportal.changesets.refusals import RefusedByCatalogueError
    from dxportal.changesets.workflow import create_set, propose, publish, replace_changes

    author, _ = User.objects.get_or_create(username="author")

    def named(code: str, name: str) -> Any:
        with record_changes() as recorder:
            Stage.objects.create(code=code, name=name, role="supplementary", position=9)
        return propose(replace_changes(create_set(author, name, "試験"), recorder.changes))

    def publishing(change_set: Any) -> str:
        try:
            publish(change_set, author)
        except RefusedByCatalogueError as error:
            return str(error)
        return "published"

    first, second = named("wide", "第３号補正"), named("narrow", "第3号補正")
    results = in_threads(lambda: publishing(first), lambda: publishing(second))
    return {"results": sorted(results), "stages": Stage.objects.filter(code__in=("wide", "narrow")).count()}


def publish_one_set_twice() -> Any:
    one = proposed(3)
    return {"results": sorted(in_threads(lambda: published(*one), lambda: published(*one)))}


def amend_while_publishing() -> Any:
    """The author takes a set back and amends it in the moment in which it is published: one of the two is told."""
    from budgets.models import BudgetLine
    from dxportal.changesets.models import ChangeSet
    from dxportal.changesets.recording import record_changes
    from dxportal.changesets.workflow import reopen, replace_changes

    one, author = proposed(4)

    def amended() -> str:
        opened = reopen(ChangeSet.objects.get(pk=one.pk))
        with record_changes() as recorder:
            BudgetLine.objects.filter(pk=line().pk).update(amount_thousand_yen=5)
        replace_changes(opened, recorder.changes)
        return "amended"

    results = in_threads(lambda: published(one, author), amended)
    return {"results": results, "amount": line().amount_thousand_yen}


def record_beside_a_publication() -> Any:
    """Somebody else's publication falls into the time of a recording, and is no part of what is recorded."""
    from budgets.models import BudgetLine
    from dxportal.changesets.recording import record_changes
    from projects.models import Project

    one, author = proposed(6)
    recorded_changes: list[Any] = []
    began = threading.Event()

    def recording() -> str:
        with record_changes() as recorder:
            Project.objects.filter(code="workation").update(kana="わ")
            BudgetLine.objects.filter(project__code="sns-consultation").update(amount_thousand_yen=9)
            began.set()
            time.sleep(1.5)
        recorded_changes.extend(f"{change.model} {sorted(change.fields)}" for change in recorder.changes)
        return "recorded"

    def publishing() -> str:
        began.wait()
        return published(one, author)

    results = in_threads(recording, publishing)
    return {"results": results, "recorded": sorted(recorded_changes), "amount": line().amount_thousand_yen}


def be_killed_while_publishing() -> Any:
    """The process dies between what it takes out of the tables and what it puts back."""
    from django.db import connection

    one, author = proposed(7, note="途中")

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith("INSERT"):
            print(json.dumps("about to die"), flush=True)
            os._exit(9)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die):
        published(one, author)
    return "still alive"


def state() -> Any:
    from budgets.models import BudgetLine
    from dxportal.changesets.models import ChangeSet

    return {
        "lines": BudgetLine.objects.count(),
        "notes": BudgetLine.objects.filter(editorial_note="途中").count(),
        "amount": line().amount_thousand_yen,
        "states": sorted(ChangeSet.objects.values_list("state", flat=True)),
    }


if __name__ == "__main__":
    main()
