"""Workflow of a change set: its state transitions, each in a transaction and guarded by state and version."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import category

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalog.hidden_characters import find_hidden, normalize_line_breaks
from dxportal.changesets.departments import store_concerns
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import Change, ChangeSet, State
from dxportal.changesets.refusals import BrokenRuleError, DuplicateNameError, RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, filter_unpublished, replay
from dxportal.changesets.row_values import label_of
from dxportal.revisions.locks import take_exclusive_lock
from dxportal.revisions.publish import advance_revision

NOTHING_TO_PUBLISH = (
    "この変更は、今公開されている内容と同じなので、公開するものがありません。"
    "要らなければ破棄し、ほかに変えるところがあれば続きを作ってください。"
)


class WorkflowError(Exception):
    """A transition that the set does not allow now, often because of a concurrent one; the text is for staff."""


class HiddenCharacterError(WorkflowError):
    """A title or reason with an invisible character; the user can correct it and try again."""


def to_single_line(text: str) -> str:
    """Collapse whitespace to single spaces and drop control and format characters."""
    return " ".join("".join(c for c in text if c.isspace() or not category(c).startswith("C")).split())


def check_visible(text: str, label: str) -> str:
    """Return a typed text with line breaks normalised to LF; raises HiddenCharacterError for invisible characters."""
    text = normalize_line_breaks(text)
    if hidden := find_hidden(text):
        raise HiddenCharacterError(f"{label}の{hidden}")
    return text


def create_set(author: User, title: str, source: str) -> ChangeSet:
    """Create an empty open set."""
    return ChangeSet.objects.create(author=author, title=title, source=source)


def replace_changes(change_set: ChangeSet, changes: Iterable[Change]) -> ChangeSet:
    """Replace the changes of an open set; WorkflowError unless it still has the version of `change_set`."""
    with transaction.atomic():
        locked_set = lock_set(change_set.pk, change_set.version, State.OPEN)
        locked_set.changes.all().delete()
        for change in (changes := list(changes)):
            change.change_set = locked_set
        Change.objects.bulk_create(changes)
        store_concerns(changes)
        locked_set.version += 1
        locked_set.save()
    return locked_set


def change_title(change_set: ChangeSet, title: str) -> ChangeSet:
    """Change the title, which is public once the set is published; allowed in every unpublished state but discarded."""
    if not (title := to_single_line(check_visible(title, "題"))):
        raise WorkflowError("題を書いてください。")
    with transaction.atomic():
        renamed = lock_set(change_set.pk, change_set.version, State.OPEN, State.PROPOSED, State.REJECTED)
        renamed.title = title
        renamed.version += 1
        renamed.save()
    return renamed


def propose(change_set: ChangeSet) -> ChangeSet:
    """Submit an open set for review; WorkflowError if it has no changes."""
    with transaction.atomic():
        proposed = lock_set(change_set.pk, change_set.version, State.OPEN)
        if not proposed.changes.exists():
            raise WorkflowError("変更がまだ一つもないので、提案できません。")
        proposed.state, proposed.proposed_at, proposed.reason = State.PROPOSED, timezone.now(), ""
        proposed.save()
    return proposed


def reopen(change_set: ChangeSet) -> ChangeSet:
    """Reopen a proposed or rejected set."""
    with transaction.atomic():
        opened = lock_set(change_set.pk, change_set.version, State.PROPOSED, State.REJECTED)
        opened.state, opened.proposed_at = State.OPEN, None
        opened.save()
    return opened


def discard(change_set: ChangeSet) -> ChangeSet:
    """Discard an open or rejected set; it stays as a record."""
    with transaction.atomic():
        discarded = lock_set(change_set.pk, change_set.version, State.OPEN, State.REJECTED)
        discarded.state = State.DISCARDED
        discarded.save()
    return discarded


def reject(change_set: ChangeSet, by: User, reason: str) -> ChangeSet:
    """Send a proposed set back to its author, with a reason."""
    if not (reason := check_visible(reason, "理由").strip()):
        raise WorkflowError("差し戻しの理由を書いてください。")
    with transaction.atomic():
        rejected = lock_set(change_set.pk, change_set.version, State.PROPOSED)
        rejected.state, rejected.reviewed_by, rejected.reason = State.REJECTED, by, reason
        rejected.save()
    return rejected


def publish(change_set: ChangeSet, by: User) -> ChangeSet:
    """Publish the reviewed version of a proposed set, atomically.

    Raises WorkflowError, ConflictError or RefusedByCatalogueError, and changes nothing then.
    """
    with transaction.atomic():
        take_exclusive_lock()
        published = lock_set(change_set.pk, change_set.version, State.PROPOSED)
        differences = filter_unpublished(read_differences(published))
        if not differences:
            raise WorkflowError(NOTHING_TO_PUBLISH)
        replay(differences)
        reduce_to_applied(published, differences)
        published.state, published.reviewed_by, published.published_at = State.PUBLISHED, by, timezone.now()
        published.revision = advance_revision(differences)
        published.save()
    return published


def reduce_to_applied(change_set: ChangeSet, applied: Iterable[RowDifference]) -> None:
    """Reduce a set to the differences that publishing it applied, so that undoing it reverts nothing else."""
    by_row = {(label_of(difference.model), difference.row): difference for difference in applied}
    for change in change_set.changes.all():
        difference = by_row.get((change.model, change.row))
        if difference is None:
            change.delete()
        elif change.before != difference.before:
            change.before, change.after = difference.before, difference.after
            change.save()
            store_concerns([change])


def undo(change_set: ChangeSet, by: User) -> ChangeSet:
    """Revert a published set: create the reverse set and publish it, atomically.

    Raises WorkflowError, naming the later set if one has changed the same rows since.
    """
    with transaction.atomic():
        take_exclusive_lock()
        undone = lock_set(change_set.pk, change_set.version, State.PUBLISHED)
        changes = list(undone.changes.all())
        differences = [RowDifference.of(change).reversed for change in changes]
        try:
            with transaction.atomic():  # else PostgreSQL, after a refusal, would not answer which later set it was
                replay(differences)
        except DuplicateNameError as error:
            raise WorkflowError(f"取り消すと、名が重なります。{error}") from error
        except BrokenRuleError as error:
            raise WorkflowError(f"取り消すと、カタログの決まりに反します。{error}") from error
        except (ConflictError, RefusedByCatalogueError) as error:
            raise WorkflowError(
                f"あとから公開された{describe_later_set(undone)}ので、取り消せません。先にそれを取り消してください。"
            ) from error
        reverse = ChangeSet.objects.create(
            title=f"取り消し：{undone.title}",
            author=by,
            source=undone.source,
            state=State.PUBLISHED,
            undoes=undone,
            reviewed_by=by,
            proposed_at=timezone.now(),
            published_at=timezone.now(),
            revision=advance_revision(differences),
        )
        reversed_changes = [
            difference.as_change(change.key, change.name)
            for difference, change in zip(differences, changes, strict=True)
        ]
        for change in reversed_changes:
            change.change_set = reverse
        Change.objects.bulk_create(reversed_changes)
        store_concerns(reversed_changes)
        undone.state = State.UNDONE
        undone.save()
    return reverse


def describe_later_set(change_set: ChangeSet) -> str:
    """Describe, for staff, the latest published set that changed a row of this one after it was published."""
    rows = change_set.changes.values("row")
    later = ChangeSet.objects.published().filter(
        state=State.PUBLISHED, published_at__gt=change_set.published_at, changes__row__in=rows
    )
    latest = later.first()
    return f"「{latest.title}」が同じところを変えている" if latest else "変更がこれを使っている"


def read_differences(change_set: ChangeSet) -> list[RowDifference]:
    return [RowDifference.of(change) for change in change_set.changes.all()]


def lock_set(pk: int, version: int, *states: State) -> ChangeSet:
    """Lock the row of a set (SELECT FOR UPDATE); WorkflowError unless it has this version and one of these states."""
    change_set = ChangeSet.objects.select_for_update().get(pk=pk)
    if change_set.state not in states:
        raise WorkflowError(f"この変更は今「{change_set.get_state_display()}」です。画面を開き直してください。")
    if change_set.version != version:
        raise WorkflowError("この変更は、画面を開いたあとで書き換えられています。開き直して確かめてください。")
    return change_set
