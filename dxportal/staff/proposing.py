"""View decorator for the catalogue's admin: runs a view inside the open set and records its writes as changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from dxportal.changesets.differences import RowDifference
from dxportal.changesets.fields import truncate_text
from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import preview_catalogue, record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, filter_unpublished, replay
from dxportal.changesets.row_values import kind_of
from dxportal.changesets.workflow import WorkflowError, create_set, read_differences, replace_changes
from dxportal.cp932 import describe_replacements
from dxportal.security import RefusedResponse
from dxportal.staff.open_set import enter_set, open_set, signed_in_user
from dxportal.staff.permissions import NotPermittedError, check_may_propose

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Inputs that users do not fill in.
NON_INPUT_FIELDS = ("csrfmiddlewaretoken", "_save", "_continue", "_addanother")


class OutdatedSetError(Exception):
    """The open set can no longer be replayed, after a publication or an upgrade; the text is a sentence for staff."""

    def __init__(self, error: ConflictError | RefusedByCatalogueError) -> None:
        super().__init__(
            "作業中の変更を作ったあとで、同じところが別に公開されました。"
            if isinstance(error, ConflictError)
            else str(error)
        )


def propose_edits(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap a view: it sees the catalogue with the open set applied, and its edits go into that set or a new one."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        change_set = open_set(request)
        try:
            if request.method in SAFE_METHODS:
                return run_read_only(change_set, lambda: view(request, *args, **kwargs))
            return run_and_record(request, change_set, lambda: view(request, *args, **kwargs))
        except OutdatedSetError as error:
            return render_outdated_set(request, cast(ChangeSet, change_set), str(error))
        except IntegrityError:
            return render_refusal(request, str(RefusedByCatalogueError()), status=409)
        except (WorkflowError, RefusedByCatalogueError) as error:
            return render_refusal(request, str(error), status=409)
        except NotPermittedError as error:
            return render_refusal(request, str(error), status=403)

    return wrapper


def run_read_only(change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run a view that only reads, on a preview of the open set."""
    if change_set is None:
        return view()
    try:
        with preview_catalogue(read_differences(change_set)):
            return render_now(view())
    except (ConflictError, RefusedByCatalogueError) as error:
        raise OutdatedSetError(error) from error


def run_and_record(
    request: HttpRequest, change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Run a view that may write, and store the recorded changes in the open set or in a new one.

    The recording starts from the public catalogue: it replays the open set first, so that the result is the net
    difference of the set with the edit.
    """
    open_differences: list[RowDifference] = []
    try:
        with record_changes() as recorder:
            if change_set:
                open_differences = replay_open_set(change_set)
            response = render_now(view())
    finally:
        # Discard the admin's "saved" messages: nothing was saved, only proposed.
        had_messages = discard_messages(request)
    before = list(change_set.changes.all()) if change_set else []
    earlier = as_comparable_set(difference.as_change("", "") for difference in open_differences)
    if earlier == as_comparable_set(recorder.changes):
        if had_messages:
            messages.info(request, "変わったところがないので、何も記録していません。")
        return response  # nothing changed: e.g. a form with errors, or a confirmation page
    check_may_propose(signed_in_user(request), recorder.changes)
    with transaction.atomic():
        is_unnamed = change_set is None or change_set.title == generate_title(before)
        target = change_set or create_set(signed_in_user(request), "", "管理画面")
        updated_set = replace_changes(target, recorder.changes)
        if is_unnamed:
            updated_set.title = generate_title(recorder.changes)
            updated_set.save(update_fields=["title"])
    enter_set(request, updated_set)
    messages.success(request, build_recorded_message(updated_set, len(recorder.changes)))
    earlier_texts = {text for change in before for text in change.texts}
    texts = (text for change in recorder.changes for text in change.texts)
    if note := describe_replacements(text for text in texts if text not in earlier_texts):
        messages.info(request, note)
    return response


def replay_open_set(change_set: ChangeSet) -> list[RowDifference]:
    """Replay an open set and return its differences that are not public yet."""
    try:
        differences = filter_unpublished(read_differences(change_set))
        replay(differences)
        return differences
    except (ConflictError, RefusedByCatalogueError) as error:
        raise OutdatedSetError(error) from error


def render_outdated_set(request: HttpRequest, change_set: ChangeSet, reason: str) -> HttpResponseBase:
    """Send the user to the page of the set to resolve it; a submitted form is listed, so that its input is not lost."""
    if request.method in SAFE_METHODS:
        messages.warning(request, f"{reason}先にここで決めてください。決めると、続きを作れます。")
        return redirect(change_set)
    context = {
        "title": "作業中の変更を、先に直してください",
        "change_set": change_set,
        "reason": reason,
        "submitted_fields": read_submitted_input(request),
    }
    return render(request, "staff/moved.html", admin.site.each_context(request) | context, status=409)


def render_refusal(request: HttpRequest, reason: str, status: int) -> HttpResponseBase:
    """Render the reason of a refusal, with the submitted input to be copied."""
    context = {"title": "この変更は記録できません", "reason": reason, "submitted_fields": read_submitted_input(request)}
    page = render_to_string("staff/refused.html", admin.site.each_context(request) | context, request)
    return RefusedResponse(page, reason, status=status)


def read_submitted_input(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the submitted input as (name, value) pairs."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return [(name, str(value)) for name, value in fields if name not in NON_INPUT_FIELDS]


def discard_messages(request: HttpRequest) -> bool:
    """Discard the queued messages; return whether there were any."""
    queued: list[Any] = cast(Any, messages.get_messages(request))._queued_messages
    had_messages = bool(queued)
    queued.clear()
    return had_messages


def build_recorded_message(change_set: ChangeSet, count: int) -> str:
    return render_to_string("staff/recorded.html", {"change_set": change_set, "count": count})


def render_now(response: HttpResponseBase) -> HttpResponseBase:
    """Render a lazy response now, while the transaction of the preview is open."""
    render_response = getattr(response, "render", None)
    return render_response() if render_response else response


def as_comparable_set(changes: Iterable[Change]) -> set[tuple[Any, ...]]:
    """Return changes as a comparable set."""
    return {(change.model, change.row, repr(sorted(change.fields.items()))) for change in changes}


def generate_title(changes: list[Change]) -> str:
    """Generate a title from counts alone, since a reader may see only a part: `予算額３件、事業１件の変更`."""
    kinds = Counter(kind_of(change.model) for change in sorted(changes, key=lambda change: change.model))
    counts = "、".join(f"{kind}{count}件" for kind, count in kinds.items())
    return truncate_text(f"{counts}の変更") if kinds else "まだ変更のないまとまり"
