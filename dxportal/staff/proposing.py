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

from dxportal.changesets.differences import Difference
from dxportal.changesets.fields import shortened
from dxportal.changesets.models import Change, ChangeSet
from dxportal.changesets.recording import as_it_would_be, recorded
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, outstanding, replay
from dxportal.changesets.row_values import kind_of
from dxportal.changesets.workflow import NotNowError, begin, differences_of, keep
from dxportal.cp932 import describe_replacements
from dxportal.security import RefusedResponse
from dxportal.staff.open_set import enter, open_set, user_of
from dxportal.staff.permissions import NotYoursError, check

View = Callable[..., HttpResponseBase]
READING = ("GET", "HEAD", "OPTIONS")
# Inputs that users do not fill in.
UNTYPED = ("csrfmiddlewaretoken", "_save", "_continue", "_addanother")


class MovedError(Exception):
    """The open set can no longer be replayed, after a publication or an upgrade; the text is a sentence for staff."""

    def __init__(self, error: ConflictError | RefusedByCatalogueError) -> None:
        super().__init__(
            "作業中の変更を作ったあとで、同じところが別に公開されました。"
            if isinstance(error, ConflictError)
            else str(error)
        )


def proposing(view: View) -> View:
    """Wrap a view: it sees the catalogue with the open set applied, and its edits go into that set or a new one."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        change_set = open_set(request)
        try:
            if request.method in READING:
                return looked_at(change_set, lambda: view(request, *args, **kwargs))
            return edited(request, change_set, lambda: view(request, *args, **kwargs))
        except MovedError as error:
            return moved(request, cast(ChangeSet, change_set), str(error))
        except IntegrityError:
            return refused(request, str(RefusedByCatalogueError()), status=409)
        except (NotNowError, RefusedByCatalogueError) as error:
            return refused(request, str(error), status=409)
        except NotYoursError as error:
            return refused(request, str(error), status=403)

    return inside


def looked_at(change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run a view that only reads, on a preview of the open set."""
    if change_set is None:
        return view()
    try:
        with as_it_would_be(differences_of(change_set)):
            return rendered(view())
    except (ConflictError, RefusedByCatalogueError) as error:
        raise MovedError(error) from error


def edited(
    request: HttpRequest, change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Run a view that may write, and store the recorded changes in the open set or in a new one.

    The recording starts from the public catalogue: it replays the open set first, so that the result is the net
    difference of the set with the edit.
    """
    open_differences: list[Difference] = []
    try:
        with recorded() as recorder:
            if change_set:
                open_differences = put_on(change_set)
            response = rendered(view())
    finally:
        # Discard the admin's "saved" messages: nothing was saved, only proposed.
        has_said = forget_messages(request)
    before = list(change_set.changes.all()) if change_set else []
    if contents(one.as_change("", "") for one in open_differences) == contents(recorder.changes):
        if has_said:
            messages.info(request, "変わったところがないので、何も記録していません。")
        return response  # nothing changed: e.g. a form with errors, or a confirmation page
    check(user_of(request), recorder.changes)
    with transaction.atomic():
        is_unnamed = change_set is None or change_set.title == title_of(before)
        kept = keep(change_set or begin(user_of(request), "", "管理画面"), recorder.changes)
        if is_unnamed:
            kept.title = title_of(recorder.changes)
            kept.save(update_fields=["title"])
    enter(request, kept)
    messages.success(request, kept_sentence(kept, len(recorder.changes)))
    known = {text for change in before for text in change.texts}
    if note := describe_replacements(text for change in recorder.changes for text in change.texts if text not in known):
        messages.info(request, note)
    return response


def put_on(change_set: ChangeSet) -> list[Difference]:
    """Replay an open set and return its differences that are not public yet."""
    try:
        wanted = outstanding(differences_of(change_set))
        replay(wanted)
        return wanted
    except (ConflictError, RefusedByCatalogueError) as error:
        raise MovedError(error) from error


def moved(request: HttpRequest, change_set: ChangeSet, reason: str) -> HttpResponseBase:
    """Send the user to the page of the set to resolve it; a submitted form is listed, so that its input is not lost."""
    if request.method in READING:
        messages.warning(request, f"{reason}先にここで決めてください。決めると、続きを作れます。")
        return redirect(change_set)
    context = {
        "title": "作業中の変更を、先に直してください",
        "change_set": change_set,
        "reason": reason,
        "typed": typed(request),
    }
    return render(request, "staff/moved.html", admin.site.each_context(request) | context, status=409)


def refused(request: HttpRequest, reason: str, status: int) -> HttpResponseBase:
    """Render the reason of a refusal, with the submitted input to be copied."""
    context = {"title": "この変更は記録できません", "reason": reason, "typed": typed(request)}
    page = render_to_string("staff/refused.html", admin.site.each_context(request) | context, request)
    return RefusedResponse(page, reason, status=status)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the submitted input as (name, value) pairs."""
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    return [(name, str(value)) for name, value in sent if name not in UNTYPED]


def forget_messages(request: HttpRequest) -> bool:
    """Discard the queued messages; return whether there were any."""
    queued: list[Any] = cast(Any, messages.get_messages(request))._queued_messages
    has_said = bool(queued)
    queued.clear()
    return has_said


def kept_sentence(change_set: ChangeSet, count: int) -> str:
    return render_to_string("staff/recorded.html", {"change_set": change_set, "count": count})


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render a lazy response now, while the transaction of the preview is open."""
    render_now = getattr(response, "render", None)
    return render_now() if render_now else response


def contents(changes: Iterable[Change]) -> set[tuple[Any, ...]]:
    """Return changes as a comparable set."""
    return {(change.model, change.row, repr(sorted(change.fields.items()))) for change in changes}


def title_of(changes: list[Change]) -> str:
    """Generate a title from counts alone, since a reader may see only a part: `予算額３件、事業１件の変更`."""
    kinds = Counter(kind_of(change.model) for change in sorted(changes, key=lambda one: one.model))
    told = "、".join(f"{kind}{count}件" for kind, count in kinds.items())
    return shortened(f"{told}の変更") if kinds else "まだ変更のないまとまり"
