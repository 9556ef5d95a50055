"""The catalogue as it was at an earlier revision: whoever edited it there is compared with what they saw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from dxportal.changesets.differences import Difference
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.refusals import NotReplayableError
from dxportal.changesets.replaying import rewrite
from dxportal.changesets.workflow import differences_of
from dxportal.revisions.locks import share_catalogue
from dxportal.revisions.publish import current


class NoSuchRevisionError(Exception):
    """A revision to which no publications lead back.

    It never was, the catalogue has been loaded anew since, or an upgrade has changed data or removed fields.
    """


@contextmanager
def as_it_was(revision: int) -> Iterator[None]:
    """Run the block with the catalogue of a revision; everything is undone at its end."""
    with transaction.atomic():
        share_catalogue()
        for step in steps_back(revision):
            rewrite(step)
        yield
        transaction.set_rollback(True)


def steps_back(revision: int) -> list[list[Difference]]:
    """What leads from now to a revision, one published set after the other, each reversed."""
    since = list(ChangeSet.objects.filter(revision__gt=revision).order_by("-revision"))
    if revision < 0 or len(since) != current() - revision:
        raise NoSuchRevisionError
    try:
        return [[one.reversed for one in differences_of(change_set)] for change_set in since]
    except NotReplayableError as error:
        raise NoSuchRevisionError from error
