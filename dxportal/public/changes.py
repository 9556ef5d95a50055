"""Record of changes: every change set published since the first load of the plan, as a page and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from dxportal.changesets.current_plan import current_plan
from dxportal.changesets.describe import ChangeDescription, describe_changes
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.published_changes import ORDER_WITHIN_SET, UNLISTED_TABLES, PublicChanges, changes_json_notes
from dxportal.changesets.row_values import kind_of
from dxportal.exports.json_files import to_json
from dxportal.public.tables import page_title

SETS_PER_PAGE = 20  # change sets per page
CHANGES_PER_SET = 30  # changes shown of each set on such a page
CHANGES_PER_PAGE = 100  # changes per page of a single set


@dataclass(frozen=True)
class ChangeSetEntry:
    """A change set: its changes on this page, the number of further ones, and counts of technical changes."""

    change_set: ChangeSet
    rows: list[ChangeDescription]
    count: int
    more: int
    technical: list[tuple[str, int]]
    href: str


class ChangesPage:
    """Context of the template: sets in pages of 20, or one set in pages of 100 changes."""

    def __init__(self, public: PublicChanges, requested_page: str) -> None:
        self.public = public
        self.problems = list(public.problems)
        paged, size = (
            (public.sets, SETS_PER_PAGE)
            if public.set_number is None
            else (without_technical(public.changes), CHANGES_PER_PAGE)
        )
        self.page: Page[Any] = Paginator(paged, size).get_page(requested_page)
        if requested_page and requested_page != str(self.page.number):
            self.problems.append(
                gettext("「%(asked)s」というページはありません。%(shown)sページを表示しています。")
                % {"asked": requested_page[:20], "shown": self.page.number}
            )
        self.sets = list(self.list_entries())

    def list_entries(self) -> Iterator[ChangeSetEntry]:
        if self.public.set_number is None:
            sets = list(self.page.object_list)
            of_sets = self.public.changes.filter(change_set__in=sets)
            rank = Window(RowNumber(), partition_by="change_set_id", order_by=ORDER_WITHIN_SET)
            changes = without_technical(of_sets).annotate(rank=rank).filter(rank__lte=CHANGES_PER_SET)
        else:
            sets = list(self.public.sets)
            of_sets, changes = self.public.changes, self.page.object_list
        counts = count_by_model(of_sets)
        rows: dict[int, list[ChangeDescription]] = {change_set.pk: [] for change_set in sets}
        for row in describe_changes(changes):
            rows[row.change.change_set_id].append(row)
        for change_set in sets:
            technical = [
                (kind_of(model), count) for model, count in counts[change_set.pk].items() if model in UNLISTED_TABLES
            ]
            count = sum(counts[change_set.pk].values())
            shown_count = len(rows[change_set.pk]) + sum(count for _, count in technical)
            more = 0 if self.public.set_number else count - shown_count
            yield ChangeSetEntry(
                change_set, rows[change_set.pk], count, more, technical, self.public.build_address(set=change_set.pk)
            )

    @property
    def title(self) -> str:
        conditions = [department.name for department in self.public.selected_departments]
        if self.public.set_number is not None:
            conditions.append(gettext("番号%(number)s") % {"number": self.public.set_number})
        return page_title(gettext("変更の記録"), conditions, self.page.number, self.problems)

    @property
    def previous(self) -> str:
        return self.address(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.address(self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def file(self) -> str:
        return self.public.build_address("/changes.json")

    def address(self, page: int) -> str:
        return self.public.build_address(page=page if page > 1 else None)


def without_technical(changes: Any) -> Any:
    return changes.exclude(model__in=UNLISTED_TABLES)


def count_by_model(changes: Any) -> dict[int, dict[str, int]]:
    """Count the changes of each set by model label."""
    counts: dict[int, dict[str, int]] = {}
    for change_set, model, count in (
        changes.order_by("model").values_list("change_set", "model").annotate(count=Count("pk"))
    ):
        counts.setdefault(change_set, {})[model] = count
    return counts


def changes(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    public = PublicChanges(request.GET, plan)
    page = ChangesPage(public, request.GET.get("page", "").strip())
    url = settings.SITE_URL + page.address(page.page.number)
    context = {"plan": plan, "public": public, "changes_page": page, "page_url": url}
    return render(request, "public/changes.html", context)


def changes_json(request: HttpRequest) -> HttpResponseBase:
    """Stream all changes that match the filters; `page` is ignored, as in every file."""
    public = PublicChanges(request.GET, current_plan())
    if public.problems:
        return JsonResponse({"errors": public.problems}, status=400, json_dumps_params={"ensure_ascii": False})
    pieces = (piece.encode() for piece in stream_changes(public))
    return StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8")


def stream_changes(public: PublicChanges) -> Iterator[str]:
    yield f'{{"applied": {to_json(public.active_filters)},\n"rows": ['
    separator = "\n"
    for rows in public.iterate_json_rows():
        yield separator + ",\n".join(map(to_json, rows))
        separator = ",\n"
    yield f'\n],\n"notes": {to_json(changes_json_notes())}}}\n'
