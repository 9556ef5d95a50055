"""Concurrent writer: commits change sets of CHANGES changes each, and prints a line for each of them.

python -m tests.dxportal.operations.backups.writing     with DATABASE_URL; until it is stopped
"""

from __future__ import annotations

import os
from itertools import count
from uuid import UUID

import django

CHANGES = 3


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.db import transaction

    from dxportal.changesets.models import ChangeSet

    author, _ = User.objects.get_or_create(username="writer")
    for number in count():
        with transaction.atomic():
            change_set = ChangeSet.objects.create(title=f"written {number}", author=author, source="test")
            for place in range(CHANGES):
                row = {"model": "catalog.goal", "row": UUID(int=place), "key": "k", "name": "n"}
                change_set.changes.create(**row, action="create", after={"n": number})
        print(number, flush=True)


if __name__ == "__main__":
    main()
