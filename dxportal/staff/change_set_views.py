"""Views of change sets: the list, the set with its changes and steps, and the preview."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_GET, require_http_methods

from dxportal.changesets.confirmations import (
    QuestionStatus,
    UnconfirmedQuestionsError,
    derive_questions,
    pair_with_confirmations,
    require_confirmed,
    store_confirmations,
)
from dxportal.changesets.describe import describe_changes
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.questions import Question
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError
from dxportal.changesets.resolving import keep_proposed_value, take_published_value
from dxportal.changesets.workflow import (
    HiddenCharacterError,
    WorkflowError,
    change_title,
    discard,
    propose,
    publish,
    read_differences,
    reject,
    reopen,
    undo,
)
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.staff.effects import Effect
from dxportal.staff.late_submissions import current_submission
from dxportal.staff.open_set import enter_set, leave_set, open_set, signed_in_user
from dxportal.staff.permissions import NotPermittedError, StaffPermissions, check_may_propose
from dxportal.staff.templatetags.staff import person

SETS_PER_LIST_PAGE = 50
CHANGES_PER_SET_PAGE = 200  # changes of a set on a page; ?all shows all of them, for printing
MAX_QUESTIONS_SHOWN = 200  # questions on a page that nobody has confirmed; the others follow these
UNPUBLISHED = (State.OPEN, State.PROPOSED, State.REJECTED)
WorkflowStep = Callable[[HttpRequest, ChangeSet], ChangeSet]


@require_GET
def set_list(request: HttpRequest) -> HttpResponse:
    sets = StaffPermissions.of(request.user).visible_sets(signed_in_user(request))
    sets = sets.select_related("author", "reviewed_by")
    state = request.GET.get("state", "")
    if state in State.values:
        sets = sets.filter(state=state)
    page = Paginator(sets, SETS_PER_LIST_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "states": State.choices, "state": state, "title": "変更のまとまり"}
    return render(request, "staff/set_list.html", admin.site.each_context(request) | context)


@require_http_methods(["GET", "HEAD", "POST"])
def set_page(request: HttpRequest, number: int) -> HttpResponseBase:
    change_set = get_visible_set(request, number)
    return take_step(request, change_set) if request.method == "POST" else render_set_page(request, change_set)


def render_set_page(
    request: HttpRequest, change_set: ChangeSet, status: int = HTTPStatus.OK, unconfirmed: str = ""
) -> HttpResponse:
    """Render the page of a set; after a step with invalid input it keeps that input.

    `unconfirmed` is the sentence of a step that was not taken because questions are left.
    """
    staff, user = StaffPermissions.of(request.user), signed_in_user(request)
    changes = staff.visible_changes(user, change_set)
    count = changes.count()
    hidden_count = change_set.changes.count() - count
    per_page = count if "all" in request.GET else CHANGES_PER_SET_PAGE
    page = Paginator(changes, max(per_page, 1)).get_page(request.GET.get("page"))
    # Totals, questions, conflicts and preview reveal the whole set, so they need permission to read all its changes.
    effect = Effect() if hidden_count else Effect.of(change_set)
    is_own = change_set.author_id == user.pk
    may_propose, may_publish = (
        is_own and change_set.state == State.OPEN,
        staff.is_bureau and change_set.state == State.PROPOSED,
    )
    context = {
        "title": str(change_set),
        "change_set": change_set,
        "descriptions": describe_changes(page.object_list),
        "count": count,
        "page": page,
        "hidden_count": hidden_count,
        "effect": effect,
        **describe_questions(change_set, effect.questions if change_set.state in UNPUBLISHED else ()),
        "confirmations": change_set.confirmations.select_related("user") if change_set.published_at else (),
        "unconfirmed": unconfirmed,
        "may_tick": (may_propose or may_publish) and not effect.is_blocked,
        "obstacle": change_set.obstacle if change_set.state == State.PUBLISHED else "",
        "is_own": is_own,
        "is_bureau": staff.is_bureau,
        "is_inside": open_set(request) == change_set,
        **initial_input(request, change_set),
    }
    return render(request, "staff/set_page.html", admin.site.each_context(request) | context, status=status)


def describe_questions(change_set: ChangeSet, questions: Iterable[Question]) -> dict[str, Any]:
    """Return the questions for the templates: those that are confirmed, and the first of the others."""
    statuses = pair_with_confirmations(change_set, questions)
    left: list[QuestionStatus] = [status for status in statuses if status.confirmation is None]
    return {
        "confirmed_questions": [status for status in statuses if status.confirmation],
        "open_questions": left[:MAX_QUESTIONS_SHOWN],
        "more_questions": max(0, len(left) - MAX_QUESTIONS_SHOWN),
    }


def read_questions(request: HttpRequest, change_set: ChangeSet | None) -> dict[str, Any]:
    """Return the questions about a set for a page that only shows them; none if the user may not read all of the set.

    A set that cannot be published as it is has none, either: its page says why.
    """
    if change_set is None or change_set.state not in UNPUBLISHED:
        return {}
    staff, user = StaffPermissions.of(request.user), signed_in_user(request)
    is_visible = staff.visible_sets(user).filter(pk=change_set.pk).exists()
    if not is_visible or staff.visible_changes(user, change_set).count() < change_set.changes.count():
        return {}
    try:
        return describe_questions(change_set, derive_questions(change_set))
    except (ConflictError, RefusedByCatalogueError):
        return {}


def initial_input(request: HttpRequest, change_set: ChangeSet) -> dict[str, Any]:
    """Return the initial input of the page's fields: from a late submission, the request, or the stored set."""
    submission = current_submission()
    data: QueryDict = request.POST
    if submission is not None:
        submission.is_shown = True
        data = submission.data
    return {
        "new_title": data.get("title", change_set.title),
        "new_reason": data.get("reason", ""),
        "ticked_keys": data.getlist("question"),
    }


def get_visible_set(request: HttpRequest, number: int) -> ChangeSet:
    visible_sets = StaffPermissions.of(request.user).visible_sets(request.user)
    return get_object_or_404(visible_sets.select_related("author", "reviewed_by", "undoes"), pk=number)


def take_step(request: HttpRequest, change_set: ChangeSet) -> HttpResponseBase:
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
        return render_set_page(request, change_set, status=HTTPStatus.BAD_REQUEST)
    except UnconfirmedQuestionsError as error:
        return render_set_page(request, change_set, HTTPStatus.BAD_REQUEST, unconfirmed=str(error))
    except (WorkflowError, RefusedByCatalogueError) as error:
        messages.error(request, str(error))
    except NotPermittedError as error:
        messages.error(request, f"提案者（{person(change_set.author)}）の役割では、変えられないものを含みます。{error}")
    return redirect(change_set)


def author_only(step: WorkflowStep) -> WorkflowStep:
    """Restrict a step to the author of the set."""

    def author_step(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
        if change_set.author_id != request.user.pk:
            raise PermissionDenied("ほかの人の変更です。")
        return step(request, change_set)

    return author_step


def bureau_only(step: WorkflowStep) -> WorkflowStep:
    """Restrict a step to the bureau."""

    def bureau_step(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
        if not StaffPermissions.of(request.user).is_bureau:
            raise PermissionDenied("公開・差し戻し・取り消しは、デジタル推進部門が行います。")
        return step(request, change_set)

    return bureau_step


def require_replayable(change_set: ChangeSet) -> None:
    """Raise WorkflowError if the set no longer fits the tables; the permission check would name a misleading reason."""
    if obstacle := change_set.obstacle:
        raise WorkflowError(obstacle)


def read_ticks(request: HttpRequest) -> set[str]:
    """Return the keys of the questions that the user has ticked."""
    return set(request.POST.getlist("question"))


@author_only
def step_propose(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    require_replayable(change_set)
    check_may_propose(request.user, change_set.changes.all())
    effect = Effect.of(change_set)
    if effect.is_blocked:
        raise WorkflowError("ほかの公開と重なっているところや、決まりに反するところを、先に直してください。")
    require_confirmed(change_set, signed_in_user(request), effect.questions, read_ticks(request))
    title = request.POST.get("title", change_set.title)
    proposed = propose(change_set if title == change_set.title else change_title(change_set, title))
    leave_set(request)
    messages.success(request, "提案しました。デジタル推進部門が確認して公開します。")
    return proposed


@author_only
def step_enter(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    if change_set.state in (State.PROPOSED, State.REJECTED):
        change_set = reopen(change_set)
    if change_set.state != State.OPEN:
        raise WorkflowError("公開された変更には、書き足せません。")
    enter_set(request, change_set)
    if Effect.of(change_set).is_blocked:
        messages.warning(request, "手元に戻しました。重なっているところを決めると、続きを作れます。")
    else:
        messages.success(request, "この変更の中で作業しています。管理画面は、公開されたときの姿を示します。")
    return change_set


@author_only
def step_leave(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    leave_set(request)
    messages.success(request, "この変更から離れました。管理画面は、公開されている姿に戻っています。")
    return change_set


@author_only
def step_rename(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    if ticks := read_ticks(request):  # the same form proposes the set
        store_confirmations(change_set, signed_in_user(request), derive_questions(change_set), ticks)
    renamed = change_title(change_set, request.POST.get("title", ""))
    messages.success(request, "題を改めました。")
    return renamed


@author_only
def step_discard(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    discarded = discard(change_set)
    leave_set(request)
    messages.success(request, "破棄しました。公開されている内容は、何も変わっていません。")
    return discarded


@author_only
def step_resolve(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    resolve_conflict = {"mine": keep_proposed_value, "theirs": take_published_value}.get(request.POST.get("choice", ""))
    if resolve_conflict is None:
        raise WorkflowError("「自分の値」か「公開された値」を選んでください。")
    resolved = resolve_conflict(change_set, request.POST.get("row", ""), request.POST.get("field", ""))
    messages.success(request, "決めました。" if request.POST.get("field") else "この変更から外しました。")
    return resolved


@bureau_only
def step_reject(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    rejected = reject(change_set, signed_in_user(request), request.POST.get("reason", ""))
    messages.success(request, "差し戻しました。")
    return rejected


@bureau_only
def step_publish(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    require_replayable(change_set)
    check_may_propose(change_set.author, change_set.changes.all())
    if change_set.state == State.PROPOSED:  # one published meanwhile has nothing to confirm
        require_confirmed(change_set, signed_in_user(request), derive_questions(change_set), read_ticks(request))
    published = publish(change_set, signed_in_user(request))
    messages.success(request, "公開しました。")
    return published


@bureau_only
def step_undo(request: HttpRequest, change_set: ChangeSet) -> ChangeSet:
    reverse = undo(change_set, signed_in_user(request))
    messages.success(request, "公開を取り消し、前の姿に戻しました。")
    return reverse


STEPS: dict[str, WorkflowStep] = {
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
    change_set = get_visible_set(request, number)
    if StaffPermissions.of(request.user).visible_changes(request.user, change_set).count() < change_set.changes.count():
        raise PermissionDenied("ほかの部局の変更を含むので、下見はできません。")
    prefix = request.path.removesuffix(address)
    if "." in address.rpartition("/")[2]:
        raise PermissionDenied("下見では、ファイルは受け取れません。公開のあとで受け取ってください。")
    try:
        view, args, kwargs = resolve(f"/{address}")
        if address.startswith("admin"):
            raise Http404
        with preview_catalogue(read_differences(change_set)) as unpublished:
            refresh_derived_tables(unpublished)  # so that search and derived tables include the proposal
            response = view(request, *args, **kwargs)
            content = get_html(response)
    except Resolver404 as error:
        raise Http404 from error
    except (ConflictError, RefusedByCatalogueError):
        return redirect(change_set)
    if content is not None:
        return HttpResponse(rewrite_for_preview(content, prefix, change_set), status=response.status_code)
    response.close()
    location = response.headers.get("Location", "")
    return redirect(f"{prefix}{location.removeprefix('/')}" if location.startswith("/") else change_set)


def get_html(response: Any) -> str | None:
    """Return the HTML of a response; None for a file or a redirect."""
    if (
        response.streaming
        or "Location" in response.headers
        or not response.headers.get("Content-Type", "").startswith("text/html")
    ):
        return None
    return str(response.content.decode())


def rewrite_for_preview(html: str, prefix: str, change_set: ChangeSet) -> str:
    """Rewrite the links and forms of a page to the preview, and insert the preview's banner into its main element."""
    links = re.compile(r'(<a\b[^>]*\bhref=|<form\b[^>]*\baction=)"/(?!static/|admin/)')
    banner = render_to_string("staff/preview_line.html", {"change_set": change_set})
    return re.sub(r"<main\b[^>]*>", lambda main: main[0] + banner, links.sub(rf'\1"{prefix}', html), count=1)
