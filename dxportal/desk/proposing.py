"""The hook: every page of the catalogue's admin runs in the open set, and what it writes becomes a proposal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.html import format_html

from dxportal.changes.life import NotNowError, begin, differences_of, keep
from dxportal.changes.models import Change, ChangeSet
from dxportal.changes.recording import as_it_would_be, recorded
from dxportal.changes.replaying import ConflictError, RefusedByCatalogueError, replay
from dxportal.desk.roles import NotYoursError, check
from dxportal.desk.workbench import enter, open_set, user_of

View = Callable[..., HttpResponseBase]
READING = ("GET", "HEAD", "OPTIONS")


def proposing(view: View) -> View:
    """The view as it would be inside the user's open set; an edit goes into that set, or into a new one."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        change_set = open_set(request)
        try:
            if request.method in READING:
                return looked_at(change_set, lambda: view(request, *args, **kwargs))
            return edited(request, change_set, lambda: view(request, *args, **kwargs))
        except (ConflictError, RefusedByCatalogueError, NotNowError) as error:
            if isinstance(error, NotNowError):
                messages.error(request, str(error))
            return redirect(change_set or "admin:change_sets")
        except IntegrityError:
            reason = "同じ値が二つある、参照先がないなど、カタログの決まりに反します。"
            return refused(request, reason, status=409)
        except NotYoursError as error:
            return refused(request, str(error), status=403)

    return inside


def refused(request: HttpRequest, reason: str, status: int) -> HttpResponseBase:
    context = admin.site.each_context(request) | {"title": "この変更は記録できません", "reason": reason}
    return render(request, "desk/refused.html", context, status=status)


def looked_at(change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    if change_set is None:
        return view()
    with as_it_would_be(differences_of(change_set)):
        return rendered(view())


def edited(
    request: HttpRequest, change_set: ChangeSet | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    with recorded() as recorder:
        if change_set:
            replay(differences_of(change_set))
        response = rendered(view())
    before = list(change_set.changes.all()) if change_set else []
    if contents(before) == contents(recorder.changes):
        return response  # a form with errors, an action that only asks, an edit that changes nothing
    check(user_of(request), recorder.changes)
    change_set = change_set or begin(user_of(request), title_of(recorder.changes), "管理画面")
    change_set = keep(change_set, recorder.changes)
    enter(request, change_set)
    # What the admin says has been saved has not been: it is proposed, here.
    cast(Any, messages.get_messages(request))._queued_messages.clear()
    messages.success(request, kept_sentence(change_set, len(recorder.changes)))
    return response


def kept_sentence(change_set: ChangeSet, count: int) -> str:
    where = format_html("<a href='{}'>{}</a>", change_set.get_absolute_url(), change_set.title)
    return format_html("「{}」に記録しました（変更{}件）。提案し、確認を受けると公開されます。", where, count)


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its content made now, while the catalogue is as it would be."""
    render_now = getattr(response, "render", None)
    return render_now() if render_now else response


def contents(changes: Iterable[Change]) -> set[tuple[Any, ...]]:
    """What changes say, to be compared."""
    return {(change.model, change.row, repr(sorted(change.fields.items()))) for change in changes}


def title_of(changes: list[Change]) -> str:
    first, *others = changes
    title = f"{first.of_model._meta.verbose_name}「{first.name}」の{first.get_action_display()}"
    return f"{title}ほか{len(others)}件" if others else title
