"""Published changes for the public: of the current plan, and without personal data.

Left out are author, reviewer, the reason of a rejection, and the name of an uploaded file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from budgets.models import BudgetLine, ChangeReason, PrintedStage, Stage, StageComponent
from catalog.models import Department, DepartmentAlias, Plan, Term, TermWord
from dxportal.changesets.describe import ChangeDescription, describe_changes
from dxportal.changesets.models import Change, ChangeSet, ChangeSetQuerySet, State
from dxportal.changesets.row_values import label_of
from projects.models import Project, ProjectPart

# Tables whose rows belong to no plan. The natural key of any other row starts with the code of its plan.
TABLES_WITHOUT_PLAN = [
    label_of(model)
    for model in (
        Department,
        DepartmentAlias,
        Term,
        TermWord,
        Stage,
        StageComponent,
        PrintedStage,
        Project,
        ProjectPart,
        BudgetLine,
        ChangeReason,
    )
]
# Tables whose changes are counted, but not listed.
UNLISTED_TABLES = [label_of(model) for model in (Stage, StageComponent, PrintedStage, DepartmentAlias, Term, TermWord)]
ORDER_WITHIN_SET = ("model", "key", "pk")
CHANGES_PER_CHUNK = 500  # changes in memory at a time while a file is written
CHANGES_PATH = "/changes/"


class PublicChanges:
    """Published changes filtered by the query parameters `department` (repeatable) and `set`.

    `problems` are sentences about parameters that match nothing.
    """

    def __init__(self, data: QueryDict, plan: Plan | None) -> None:
        self.departments = list(Department.objects.all())
        self.problems: list[str] = []
        self.public_changes = Change.objects.published().filter(public_plan_condition(plan))
        self.selected_departments = self.parse_departments(data.getlist("department"))
        self.set_number = self.parse_set_number(data.getlist("set"))

    def parse_departments(self, requested: list[str]) -> list[Department]:
        codes = list(dict.fromkeys(filter(None, (code.strip() for code in requested))))
        existing = {department.code for department in self.departments}
        self.problems += [
            gettext("「%(asked)s」という部局はありません。") % {"asked": code[:20]}
            for code in codes
            if code not in existing
        ]
        return [department for department in self.departments if department.code in codes]

    def parse_set_number(self, requested: list[str]) -> int | None:
        """Return the number of a set with public changes; any other is reported as not existing."""
        text = next(filter(None, (number.strip() for number in requested)), "")
        if not text:
            return None
        is_number = text.isascii() and text.isdigit() and len(text) <= 18
        if is_number and self.public_changes.filter(change_set=int(text)).exists():
            return int(text)
        self.problems.append(gettext("「%(asked)s」という番号の変更はありません。") % {"asked": text[:20]})
        return None

    @cached_property
    def changes(self) -> Any:
        """Changes that match the filters, grouped by set, the latest set first."""
        changes = self.public_changes
        if self.set_number is not None:
            changes = changes.filter(change_set=self.set_number)
        if self.selected_departments:
            changes = changes.concerning([department.pk for department in self.selected_departments])
        return changes.order_by("-change_set__published_at", "-change_set__pk", *ORDER_WITHIN_SET)

    @property
    def sets(self) -> ChangeSetQuerySet:
        """Sets with any of these changes, the latest first."""
        with_changes = Exists(self.changes.order_by().filter(change_set=OuterRef("pk")))
        return ChangeSet.objects.published().filter(with_changes).select_related("undoes", "undone_by")

    @property
    def selected_names(self) -> str:
        return gettext("、").join(department.name for department in self.selected_departments)

    @property
    def active_filters(self) -> dict[str, Any]:
        """Filters in effect, as the JSON file states them."""
        codes = [department.code for department in self.selected_departments]
        filters: dict[str, Any] = {"department": codes, "set": self.set_number}
        return {name: value for name, value in filters.items() if value}

    def build_address(self, path: str = CHANGES_PATH, **changes: Any) -> str:
        """Return the address with the filters in effect and these replacements; None removes a parameter."""
        filters = {
            name: value for name, value in (self.active_filters | changes).items() if value not in (None, "", [])
        }
        return f"{path}?{urlencode(filters, doseq=True)}" if filters else path

    def iterate_json_rows(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the changes as rows of the JSON file, in chunks, to bound the memory."""
        changes = self.changes.select_related("change_set").iterator(chunk_size=CHANGES_PER_CHUNK)
        while chunk := list(islice(changes, CHANGES_PER_CHUNK)):
            yield [change_as_json(change) for change in describe_changes(chunk)]


def public_plan_condition(plan: Plan | None) -> Q:
    """Return the condition for changes of the current plan or of no plan: other plans are on no public page."""
    if plan is None:
        return Q(model__in=TABLES_WITHOUT_PLAN)
    of_plan = Q(model=label_of(Plan), key=plan.code) | Q(key__startswith=f"{plan.code} ")
    return Q(model__in=TABLES_WITHOUT_PLAN) | of_plan


def change_as_json(description: ChangeDescription) -> dict[str, Any]:
    """Return a change as a row of the JSON file."""
    change_set = description.change.change_set
    published_at = change_set.published_at
    return {
        "published_at": published_at and timezone.localtime(published_at).isoformat(timespec="seconds"),
        "set": change_set.pk,
        "title": change_set.title,
        "undoes": change_set.undoes_id,
        "undone": change_set.state == State.UNDONE,
        "kind": description.kind,
        "key": description.key,
        "name": description.name,
        "action": description.change.action,
        "department_codes": [department.code for department in description.departments],
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "before": field.old,
                "after": field.new,
                "before_words": field.before,
                "after_words": field.after,
            }
            for field in description.fields
        ],
        "url": settings.SITE_URL + description.url if description.url else None,
    }


def changes_json_notes() -> list[str]:
    """Return the notes of the JSON file that explain its rows."""
    return [
        gettext("公開された変更を、新しいまとまりから順に載せています。公開前の提案は載せていません。"),
        gettext("金額は千円単位です。額の記載がないときは null で、0 とは違います。"),
        gettext("追加された行は before が、削除された行は after が null です。空の項目は省いています。"),
        gettext("取り消されたまとまりは undone が true で、取り消したまとまりは undoes に元の番号があります。"),
    ]
