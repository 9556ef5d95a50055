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

from budgets.models import BudgetLine, Stage
from catalog.models import Department, DepartmentAlias, Plan, Term, TermWord
from dxportal.changesets.describe import Told, told
from dxportal.changesets.models import Change, ChangeSet, ChangeSetQuerySet, State
from dxportal.changesets.row_values import label_of
from projects.models import Project, ProjectPart

# Tables whose rows belong to no plan. The natural key of any other row starts with the code of its plan.
OF_NO_PLAN = [
    label_of(model) for model in (Department, DepartmentAlias, Term, TermWord, Stage, Project, ProjectPart, BudgetLine)
]
# Tables whose changes are counted, but not listed.
TECHNICAL = [label_of(model) for model in (Stage, DepartmentAlias, Term, TermWord)]
ORDER = ("model", "key", "pk")
CHUNK = 500  # changes in memory at a time while a file is written
PATH = "/changes/"


class PublicChanges:
    """Published changes filtered by the query parameters `department` (repeatable) and `set`.

    `problems` are sentences about parameters that match nothing.
    """

    def __init__(self, data: QueryDict, plan: Plan | None) -> None:
        self.departments = list(Department.objects.all())
        self.problems: list[str] = []
        self.all = Change.objects.published().filter(of_public_plan(plan))
        self.chosen = self.departments_among(data.getlist("department"))
        self.set = self.set_among(data.getlist("set"))

    def departments_among(self, asked: list[str]) -> list[Department]:
        codes = list(dict.fromkeys(filter(None, (code.strip() for code in asked))))
        known = {department.code for department in self.departments}
        self.problems += [
            gettext("「%(asked)s」という部局はありません。") % {"asked": code[:20]}
            for code in codes
            if code not in known
        ]
        return [department for department in self.departments if department.code in codes]

    def set_among(self, asked: list[str]) -> int | None:
        """Return the number of a set with public changes; any other is reported as not existing."""
        text = next(filter(None, (number.strip() for number in asked)), "")
        if not text:
            return None
        is_number = text.isascii() and text.isdigit() and len(text) <= 18
        if is_number and self.all.filter(change_set=int(text)).exists():
            return int(text)
        self.problems.append(gettext("「%(asked)s」という番号の変更はありません。") % {"asked": text[:20]})
        return None

    @cached_property
    def changes(self) -> Any:
        """Changes that match the filters, grouped by set, the latest set first."""
        found = self.all
        if self.set is not None:
            found = found.filter(change_set=self.set)
        if self.chosen:
            found = found.concerning([department.pk for department in self.chosen])
        return found.order_by("-change_set__published_at", "-change_set__pk", *ORDER)

    @property
    def sets(self) -> ChangeSetQuerySet:
        """Sets with any of these changes, the latest first."""
        holding = Exists(self.changes.order_by().filter(change_set=OuterRef("pk")))
        return ChangeSet.objects.published().filter(holding).select_related("undoes", "undone_by")

    @property
    def chosen_names(self) -> str:
        return gettext("、").join(department.name for department in self.chosen)

    @property
    def applied(self) -> dict[str, Any]:
        """Filters in effect, as the JSON file states them."""
        applied: dict[str, Any] = {"department": [department.code for department in self.chosen], "set": self.set}
        return {name: value for name, value in applied.items() if value}

    def address(self, path: str = PATH, **changes: Any) -> str:
        """Return the address with the filters in effect and these replacements; None removes a parameter."""
        asked = {name: value for name, value in (self.applied | changes).items() if value not in (None, "", [])}
        return f"{path}?{urlencode(asked, doseq=True)}" if asked else path

    def as_json(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the changes as rows of the JSON file, in chunks, to bound the memory."""
        changes = self.changes.select_related("change_set").iterator(chunk_size=CHUNK)
        while chunk := list(islice(changes, CHUNK)):
            yield [row_of(one) for one in told(chunk)]


def of_public_plan(plan: Plan | None) -> Q:
    """Return the condition for changes of the current plan or of no plan: other plans are on no public page."""
    if plan is None:
        return Q(model__in=OF_NO_PLAN)
    return Q(model__in=OF_NO_PLAN) | Q(model=label_of(Plan), key=plan.code) | Q(key__startswith=f"{plan.code} ")


def row_of(one: Told) -> dict[str, Any]:
    """Return a change as a row of the JSON file."""
    change_set = one.change.change_set
    published_at = change_set.published_at
    return {
        "published_at": published_at and timezone.localtime(published_at).isoformat(timespec="seconds"),
        "set": change_set.pk,
        "title": change_set.title,
        "undoes": change_set.undoes_id,
        "undone": change_set.state == State.UNDONE,
        "kind": one.kind,
        "key": one.key,
        "name": one.name,
        "action": one.change.action,
        "department_codes": [department.code for department in one.departments],
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "before": field.old,
                "after": field.new,
                "before_words": field.before,
                "after_words": field.after,
            }
            for field in one.fields
        ],
        "url": settings.SITE_URL + one.url if one.url else None,
    }


def notes() -> list[str]:
    """Return the notes of the JSON file that explain its rows."""
    return [
        gettext("公開された変更を、新しいまとまりから順に載せています。公開前の提案は載せていません。"),
        gettext("金額は千円単位です。額の記載がないときは null で、0 とは違います。"),
        gettext("追加された行は before が、削除された行は after が null です。空の項目は省いています。"),
        gettext("取り消されたまとまりは undone が true で、取り消したまとまりは undoes に元の番号があります。"),
    ]
