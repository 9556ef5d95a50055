"""Rules of plan folders that no constraint of one table can express: pages, printed names, nesting, one plan.

Each rule yields a sentence for a row that breaks it, and looks at the changed rows and those that refer to them.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef, Q
from django.utils.translation import gettext

from budgets.models import BudgetLine
from catalog.models import Department, DepartmentAlias, Passage, PillarItem, Plan, Printed, SourceDocument, TermWord
from catalog.row_changes import RowChange, changed_rows, column_values
from dxportal.planfiles.folder_rules import VISION_CODE
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, SakigakeProject

RowChanges = list[RowChange]

# Tables whose rows name a page of a document, with the columns that do.
PAGES: dict[type[Model], tuple[str, ...]] = {
    **{model: ("page", "page_to") for model in CATALOGUE if issubclass(model, Printed)},
    SakigakeProject: ("page", "page_to", "overview_page"),
    BudgetLine: ("page",),
}


def find_pages_outside_documents(changes: RowChanges) -> Iterator[str]:
    """Check that rows are printed on pages that their document has."""
    shorter = [
        one.row
        for one in changes
        if one.model is SourceDocument and one.before and one.after and is_shorter(one.before, one.after)
    ]
    for model, columns in PAGES.items():
        moved = changed_rows(changes, model, "document_id", *columns)
        if not (moved or shorter):
            continue
        outside = Q()
        for name in columns:
            outside |= Q(**{f"{name}__lt": F("document__page_from")}) | Q(**{f"{name}__gt": F("document__page_to")})
        rows = model._default_manager.filter(Q(pk__in=moved) | Q(document__in=shorter)).filter(outside)
        found: Iterable[Any] = rows.select_related("document").order_by()[:1]
        for row in found:
            yield gettext(
                "%(kind)s「%(row)s」のページが、%(document)sの範囲（%(first)s〜%(last)s）にありません。"
                "ページか出典資料を確かめるか、先に資料のページの範囲を改めてください。"
            ) % {
                "kind": model._meta.verbose_name,
                "row": row,
                "document": row.document.label,
                "first": row.document.page_from,
                "last": row.document.page_to,
            }


def is_shorter(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Tell whether an update takes pages from a document."""
    begins_later = after.get("page_from", 0) > before.get("page_from", 0)
    return bool(begins_later or after.get("page_to", 0) < before.get("page_to", 0))


def find_lost_printed_names(changes: RowChanges) -> Iterator[str]:
    """Check that printed department names are a name or an alias of the department in charge."""
    printed = changed_rows(changes, Appearance, "printed_department", "department_id")
    given_up = Q(pk__in=printed)
    for department, label in read_former_names(changes):
        given_up |= Q(department=department, printed_department=label)
    alias = DepartmentAlias.objects.filter(department=OuterRef("department"), label=OuterRef("printed_department"))
    rows = Appearance.objects.filter(given_up).exclude(department__name=F("printed_department")).filter(~Exists(alias))
    for row in rows.select_related("department").order_by()[:1]:
        yield gettext(
            "掲載「%(row)s」に記載された部局名「%(label)s」が、所管の「%(department)s」の名でも別名でもなくなります。"
            "部局の画面で、同じ保存のうちに「%(label)s」をその別名に入れるか、先に掲載の部局名を改めてください。"
        ) % {"row": row, "label": row.printed_department, "department": row.department}


def read_former_names(changes: RowChanges) -> set[tuple[UUID, str]]:
    """Return the (department, name) pairs that were a name or alias before the changes."""
    pairs = {
        (one.row, one.before["name"])
        for one in changes
        if one.model is Department and one.before and "name" in one.before
    }
    aliases = [one for one in changes if one.model is DepartmentAlias and one.before]
    now = DepartmentAlias.objects.in_bulk([one.row for one in aliases if one.after is not None])
    for one in aliases:
        before = {**({} if one.row not in now else vars(now[one.row])), **(one.before or {})}
        pairs.add((UUID(str(before["department_id"])), before["label"]))
    return pairs


def find_aliases_equal_to_name(changes: RowChanges) -> Iterator[str]:
    aliases, renamed = changed_rows(changes, DepartmentAlias), changed_rows(changes, Department, "name")
    rows = DepartmentAlias.objects.filter(Q(pk__in=aliases) | Q(department__in=renamed), label=F("department__name"))
    for row in rows[:1]:
        yield gettext("「%(label)s」は、もうその部局の名です。別名からは消してください。") % {"label": row.label}


def find_items_of_other_pillars(changes: RowChanges) -> Iterator[str]:
    items = changed_rows(changes, PillarItem, "pillar_id", "parent_id")
    rows = PillarItem.objects.filter(Q(pk__in=items) | Q(parent__in=items)).exclude(pillar=F("parent__pillar"))
    for row in rows.filter(parent__isnull=False).order_by()[:1]:
        yield gettext(
            "具体的な取組事項「%(row)s」の柱が、その上の項目の柱と違います。"
            "先に下の項目の「上の項目」を空にしてから、一つずつ移してください。"
        ) % {"row": row}


def find_circles(changes: RowChanges) -> Iterator[str]:
    """Check that the rows above a row lead to a root; one query for each level."""
    for model in (Passage, PillarItem):
        starts = changed_rows(changes, model, "parent_id")
        above = {pk: {pk} for pk in starts}  # what was passed on the way up from each changed row
        at = {pk: pk for pk in starts}
        while at:
            parents = dict(model._default_manager.filter(pk__in=at.values()).values_list("pk", "parent_id"))
            at = {pk: parent for pk, row in at.items() if (parent := parents.get(row))}
            if round_ := next((pk for pk, parent in at.items() if parent in above[pk]), None):
                yield gettext("%(kind)s「%(row)s」の上をたどると、その行に戻ります。上の行を選び直してください。") % {
                    "kind": model._meta.verbose_name,
                    "row": model._default_manager.get(pk=round_),
                }
                return
            for pk, parent in at.items():
                above[pk].add(parent)


def find_repeated_words(changes: RowChanges) -> Iterator[str]:
    """Check that the words of a term differ by more than width and case, which a search ignores."""
    words = changed_rows(changes, TermWord, "text", "term_id")
    terms = column_values(changes, TermWord, "term_id")
    own = TermWord.objects.filter(Q(term__in=terms) | Q(term__in=TermWord.objects.filter(pk__in=words).values("term")))
    seen: dict[UUID, set[str]] = defaultdict(set)
    for word in own:
        folded = unicodedata.normalize("NFKC", word.text).casefold()
        if folded in seen[word.term_id]:
            yield gettext(
                "「%(word)s」が、一つの同義語に二度あります（全角・半角などの違いは同じとみなします）。一つにしてください。"
            ) % {"word": word.text}
            return
        seen[word.term_id].add(folded)


def find_missing_vision(changes: RowChanges) -> Iterator[str]:
    codes = [one.before.get("code") for one in changes if one.model is Passage and one.before]
    if VISION_CODE in codes and not Passage.objects.filter(code=VISION_CODE).exists():
        yield gettext(
            "ビジョンの文章（コード vision）がなくなります。トップページが使うので、"
            "別の文章にこのコードを付けてから消してください。"
        )


def find_other_plans(changes: RowChanges) -> Iterator[str]:
    """Check that exactly one plan is current, and that none is added beside it: a folder holds one plan."""
    plans = [one for one in changes if one.model is Plan]
    if plans and Plan.objects.filter(is_current=True).count() != 1:
        yield gettext("公開中の計画が一つもなくなります。どれか一つを「公開中の計画」にしてください。")
    if any(one.before is None for one in plans) and Plan.objects.count() > 1:
        yield gettext(
            "計画は、一つのサイトに一つです。今の計画を書き換えるか、次の計画を計画フォルダーとして作り、"
            "load_plan で入れ替えてください。"
        )


PRINT_RULES = (
    find_pages_outside_documents,
    find_lost_printed_names,
    find_aliases_equal_to_name,
    find_items_of_other_pillars,
    find_circles,
    find_repeated_words,
    find_missing_vision,
    find_other_plans,
)
