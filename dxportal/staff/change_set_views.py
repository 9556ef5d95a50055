"""Views of change sets: the list, the set with its changes and steps, and the preview."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_GET, require_http_methods

from dxportal.changesets.describe import told
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError
from dxportal.changesets.resolving import keep_mine, take_theirs
from dxportal.changesets.workflow import (
    HiddenCharacterError,
    NotNowError,
    differences_of,
    discard,
    propose,
    publish,
    reject,
    rename,
    take_back,
    undo,
)
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.staff.effects import Effect
from dxportal.staff.late_submissions import submission_given_back
from dxportal.staff.open_set import enter, leave, open_set, user_of
from dxportal.staff.permissions import NotYoursError, Staff, check
from dxportal.staff.templatetags.staff import person

PAGE_SIZE = 50
CHANGES = 200  # changes of a set on a page; ?all shows all of them, for printing
Step = Callable[[HttpRequest, ChangeSet], ChangeSet]


@require_GET
def set_list(request: HttpRequest) -> HttpResponse:
    sets = Staff.of(request.user).sets(user_of(request)).select_related("author", "reviewed_by")
    asked = request.GET.get("state", "")
    if asked in State.values:
        sets = sets.filter(state=asked)
    page = Paginator(sets, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "states": State.choices, "asked": asked, "title": "変更のまとまり"}
    return render(request, "staff/set_list.html", admin.site.each_context(request) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def set_page(request: HttpRequest, number: int) -> HttpResponseBase:
    change_set = seen_set(request, number)
    return stepped(request, change_set) if request.method == "POST" else shown(request, change_set)


def shown(request: HttpRequest, change_set: ChangeSet, status: int = HTTPStatus.OK) -> HttpResponse:
    """Render the page of a set; after a step with invalid input it keeps that input."""
    staff, user = Staff.of(request.user), user_of(request)
    read = staff.read_by(user, change_set)
    count = read.count()
    hidden = change_set.changes.count() - count
    on_one_page = count if "all" in request.GET else CHANGES
    page = Paginator(read, max(on_one_page, 1)).get_page(request.GET.get("page"))
    context = {
        "title": str(change_set),
        "change_set": change_set,
        "told": told(page.object_list),
        "count": count,
        "page": page,
        "hidden": hidden,
        # Totals, conflicts and preview reveal the whole set, so they need permission to read all of its changes.
        "effect": Effect() if hidden else Effect.of(change_set),
        "obstacle": change_set.obstacle if change_set.state == State.PUBLISHED else "",
        "is_own": change_set.author_id == user.pk,
        "is_bureau": staff.is_bureau,
        "is_inside": open_set(request) == change_set,
        **texts_of_steps(request, change_set),
    }
    return render(request, "staff/set_page.html", admin.site.each_context(request) | context, status=status)


def texts_of_steps(request: HttpRequest, change_set: ChangeSet) -> dict[str, str]:
    """Return the initial texts of the page's fields: from a late submission, the request, or the stored set."""
    submission = submission_given_back()
    data: Mapping[str, Any] = request.POST
    if submission is not None:
        submission.is_shown = True
        data = submission.data
    return {"new_title": data.get("title", change_set.title), "new_reason": data.get("reason", "")}


def seen_set(request: HttpRequest, number: int) -> ChangeSet:
    sets = Staff.of(request.user).sets(request.user).select_related("author", "reviewed_by", "undoes")
    return get_object_or_404(sets, pk=number)


def stepped(request: HttpRequest, change_set: ChangeSet) -> HttpResponseBase:
    """Take a step on the version that the user saw; obstacles are shown as messages on the page of the set."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise PermissionDenied("この操作はありません。")
    if request.POST.get("version") != str(change_set.version):
        messages.error(
            request, "この変更は、画面を開いたあとで書き換えられています。確かめて、もう一度操作してください。"
        )
        return redirect(change_set)
    try:
        return redirect(step(request, change_set))
    except ConflictError:
        messages.error(request, "ほかの公開と重なっています。下の欄で、どちらを取るか決めてください。")
    except HiddenCharacterError as error:
        messages.error(request, str(error))
        return shown(request, change_set, status=HTTPStatus.BAD_REQUEST)
    except (NotNowError, RefusedByCatalogueError) as error:
        messages.error(request, str(error))
    except NotYoursError as error:
        messages.error(request, f"提案者（{person(change_set.author)}）の役割では、変えられないものを含みます。{error}")
    return redirect(change_set)


def own_only(step: Step) -> Step:
    """Restrict a step to the author of the set."""

    def of_author(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
        if change_set.author_id != request.user.pk:
            raise PermissionDenied("ほかの人の変更です。")
        return step(request, change_set)

    return of_author


def bureau_only(step: Step) -> Step:
    """Restrict a step to the bureau."""

    def of_bureau(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
        if not Staff.of(request.user).is_bureau:
            raise PermissionDenied("公開・差し戻し・取り消しは、デジタル推進部門が行います。")
        return step(request, change_set)

    return of_bureau


def require_replayable(change_set: ChangeSet) -> None:
    """Raise NotNowError if the set no longer fits the tables; the permission check would name a misleading reason."""
    if obstacle := change_set.obstacle:
        raise NotNowError(obstacle)


@own_only
def step_propose(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    require_replayable(change_set)
    check(request.user, change_set.changes.all())
    if Effect.of(change_set).stands_in_the_way:
        raise NotNowError("ほかの公開と重なっているところや、決まりに反するところを、先に直してください。")
    title = request.POST.get("title", change_set.title)
    proposed = propose(change_set if title == change_set.title else rename(change_set, title))
    leave(request)
    messages.success(request, "提案しました。デジタル推進部門が確認して公開します。")
    return proposed


@own_only
def step_enter(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    if change_set.state in (State.PROPOSED, State.REJECTED):
        change_set = take_back(change_set)
    if change_set.state != State.OPEN:
        raise NotNowError("公開された変更には、書き足せません。")
    enter(request, change_set)
    if Effect.of(change_set).stands_in_the_way:
        messages.warning(request, "手元に戻しました。重なっているところを決めると、続きを作れます。")
    else:
        messages.success(request, "この変更の中で作業しています。管理画面は、公開されたときの姿を示します。")
    return change_set


@own_only
def step_leave(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    leave(request)
    messages.success(request, "この変更から離れました。管理画面は、公開されている姿に戻っています。")
    return change_set


@own_only
def step_rename(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    renamed = rename(change_set, request.POST.get("title", ""))
    messages.success(request, "題を改めました。")
    return renamed


@own_only
def step_discard(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    discarded = discard(change_set)
    leave(request)
    messages.success(request, "破棄しました。公開されている内容は、何も変わっていません。")
    return discarded


@own_only
def step_resolve(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    choose = {"mine": keep_mine, "theirs": take_theirs}.get(request.POST.get("choice", ""))
    if choose is None:
        raise NotNowError("「自分の値」か「公開された値」を選んでください。")
    settled = choose(change_set, request.POST.get("row", ""), request.POST.get("field", ""))
    messages.success(request, "決めました。" if request.POST.get("field") else "この変更から外しました。")
    return settled


@bureau_only
def step_reject(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    rejected = reject(change_set, user_of(request), request.POST.get("reason", ""))
    messages.success(request, "差し戻しました。")
    return rejected


@bureau_only
def step_publish(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    require_replayable(change_set)
    check(change_set.author, change_set.changes.all())
    published = publish(change_set, user_of(request))
    messages.success(request, "公開しました。")
    return published


@bureau_only
def step_undo(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    reverse = undo(change_set, user_of(request))
    messages.success(request, "公開を取り消し、前の姿に戻しました。")
    return reverse


STEPS: dict[str, Step] = {
    "propose": step_propose,
    "enter": step_enter,
    "leave": step_leave,
    "rename": step_rename,
    "discard": step_discard,
    "resolve": step_resolve,
    "reject": step_reject,
    "publish": step_publish,
    "undo": step_undo,
}


@require_GET
def preview(request: HttpRequest, number: int, address: str = "") -> HttpResponseBase:
    """Render a public page as it would be with the set published; its links stay inside the preview."""
    change_set = seen_set(request, number)
    if Staff.of(request.user).read_by(request.user, change_set).count() < change_set.changes.count():
        raise PermissionDenied("ほかの部局の変更を含むので、下見はできません。")
    here = request.path.removesuffix(address)
    if "." in address.rpartition("/")[2]:
        raise PermissionDenied("下見では、ファイルは受け取れません。公開のあとで受け取ってください。")
    try:
        view, args, kwargs = resolve(f"/{address}")
        if address.startswith("admin"):
            raise Http404
        with as_it_would_be(differences_of(change_set)) as done:
            refresh_derived_tables(done)  # so that search and derived tables include the proposal
            response = view(request, *args, **kwargs)
            content = rendered(response)
    except Resolver404 as error:
        raise Http404 from error
    except (ConflictError, RefusedByCatalogueError):
        return redirect(change_set)
    if content is not None:
        return HttpResponse(inside(content, here, change_set), status=response.status_code)
    response.close()
    leads_to = response.headers.get("Location", "")
    return redirect(f"{here}{leads_to.removeprefix('/')}" if leads_to.startswith("/") else change_set)


def rendered(response: Any) -> str | None:
    """Return the HTML of a response; None for a file or a redirect."""
    if (
        response.streaming
        or "Location" in response.headers
        or not response.headers.get("Content-Type", "").startswith("text/html")
    ):
        return None
    return str(response.content.decode())


def inside(html: str, here: str, change_set: ChangeSet) -> str:
    """Rewrite the links and forms of a page to the preview, and insert the preview's banner into its main element."""
    links = re.compile(r'(<a\b[^>]*\bhref=|<form\b[^>]*\baction=)"/(?!static/|admin/)')
    line = render_to_string("staff/preview_line.html", {"change_set": change_set})
    return re.sub(r"<main\b[^>]*>", lambda main: main[0] + line, links.sub(rf'\1"{here}', html), count=1)
