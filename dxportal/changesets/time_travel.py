"""Restore the catalogue as of an earlier revision, in a transaction that is rolled back.

An edit that was made against that revision can then be compared with what its author saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.refusals import NotReplayableError
from dxportal.changesets.replaying import write_rows
from dxportal.changesets.workflow import read_differences
from dxportal.revisions.locks import take_shared_lock
from dxportal.revisions.publish import current_revision


class NoSuchRevisionError(Exception):
    """A revision that cannot be reached by undoing publications.

    It never existed, a plan has been loaded since, or an upgrade has changed data or removed columns since.
    """


@contextmanager
def travel_to_revision(revision: int) -> Iterator[None]:
    """Run the block on the catalogue as of a revision, then roll back; raises NoSuchRevisionError."""
    with transaction.atomic():
        take_shared_lock()
        for step in reverse_publications(revision):
            write_rows(step)
        yield
        transaction.set_rollback(True)


def reverse_publications(revision: int) -> list[list[RowDifference]]:
    """Return the reversed differences of the sets published since a revision, the latest set first."""
    since = list(ChangeSet.objects.filter(revision__gt=revision).order_by("-revision"))
    if revision < 0 or len(since) != current_revision() - revision:
        raise NoSuchRevisionError
    try:
        return [[difference.reversed for difference in read_differences(change_set)] for change_set in since]
    except NotReplayableError as error:
        raise NoSuchRevisionError from error
