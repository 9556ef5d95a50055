"""Restore the catalogue as of an earlier revision, in a transaction that is rolled back.

An edit that was made against that revision can then be compared with what its author saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from dxportal.changesets.differences import Difference
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.refusals import NotReplayableError
from dxportal.changesets.replaying import rewrite
from dxportal.changesets.workflow import differences_of
from dxportal.revisions.locks import take_shared_lock
from dxportal.revisions.publish import current_revision


class NoSuchRevisionError(Exception):
    """A revision that cannot be reached by undoing publications.

    It never existed, a plan has been loaded since, or an upgrade has changed data or removed columns since.
    """


@contextmanager
def as_it_was(revision: int) -> Iterator[None]:
    """Run the block on the catalogue as of a revision, then roll back; raises NoSuchRevisionError."""
    with transaction.atomic():
        take_shared_lock()
        for step in steps_back(revision):
            rewrite(step)
        yield
        transaction.set_rollback(True)


def steps_back(revision: int) -> list[list[Difference]]:
    """Return the reversed differences of the sets published since a revision, the latest set first."""
    since = list(ChangeSet.objects.filter(revision__gt=revision).order_by("-revision"))
    if revision < 0 or len(since) != current_revision() - revision:
        raise NoSuchRevisionError
    try:
        return [[one.reversed for one in differences_of(change_set)] for change_set in since]
    except NotReplayableError as error:
        raise NoSuchRevisionError from error
