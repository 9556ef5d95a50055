"""Who may see, propose and publish what: the one place where that is said.

Administrators and the bureau: everything. Department editors: projects (not their code, and none new), parts, budget
lines, and the printed amounts of appearances of their own departments. Viewers: the same, to be read. The rules are
held over the difference itself, both sides, when it is recorded and again when it is published; what the admin shows
and offers follows from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet, prefetch_related_objects

from budgets.models import BudgetLine, Stage
from catalog.models import Department, SourceDocument
from dxportal.changesets.departments import concerned
from dxportal.changesets.models import Action, Change, ChangeQuerySet, ChangeSet, ChangeSetQuerySet
from dxportal.changesets.row_values import kind_of
from dxportal.staff.models import Role
from projects.models import Appearance, Project, ProjectPart

# What department editors may do to rows of their own departments, and which fields they may change.
ACTIONS: dict[type[models.Model], frozenset[Action]] = {
    Project: frozenset({Action.UPDATE}),
    ProjectPart: frozenset(Action),
    Appearance: frozenset({Action.UPDATE}),
    BudgetLine: frozenset(Action),
}
FIELDS: dict[type[models.Model], frozenset[str]] = {
    Project: frozenset({"name", "kana", "nature", "department_id", "editorial_note"}),
    ProjectPart: frozenset({"name", "position"}),
    Appearance: frozenset({"printed_amount_thousand_yen", "printed_kind"}),
}
# Where the department of a row stands; rows that have none are the same for all, to be chosen from.
DEPARTMENT: dict[type[models.Model], str] = {
    Project: "department",
    ProjectPart: "project__department",
    Appearance: "department",
    BudgetLine: "department",
    Department: "pk",
}
CHOSEN_FROM = (Department, Stage, SourceDocument)


@dataclass(frozen=True)
class Staff:
    """A user's duties: everything, or some departments to edit and some to look at."""

    is_bureau: bool
    edits: frozenset[UUID]
    sees: frozenset[UUID]

    @classmethod
    def of(cls, user: Any) -> Staff:
        """Read a user's duties: with one query for each request, since they stay prefetched."""
        if not user.is_active:
            return NOBODY
        prefetch_related_objects([user], "duties")
        duties = [(duty.role, duty.department_id) for duty in user.duties.all()]
        edits = frozenset(department for role, department in duties if role == Role.EDITOR)
        sees = edits | {department for role, department in duties if role == Role.VIEWER}
        return cls(user.is_superuser or any(role == Role.BUREAU for role, _ in duties), edits, sees)

    @property
    def is_on_duty(self) -> bool:
        """Whether there is any duty: who has one may sign in, whatever Django's own flags of a user say."""
        return self.is_bureau or bool(self.sees)

    def may_see(self, model: type[models.Model]) -> bool:
        return self.is_bureau or (bool(self.sees) and (model in ACTIONS or model in CHOSEN_FROM))

    def may(self, action: Action, model: type[models.Model]) -> bool:
        """Whether there can be rows of a table to which the user may do this."""
        return self.is_bureau or (bool(self.edits) and action in ACTIONS.get(model, ()))

    def seen(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if self.is_bureau else rows.filter(self.within(rows.model, self.sees))

    def has(self, row: models.Model, departments: frozenset[UUID]) -> bool:
        """Whether a row is of one of these departments, or of all."""
        if self.is_bureau:
            return True
        return type(row)._default_manager.filter(self.within(type(row), departments), pk=row.pk).exists()

    @staticmethod
    def within(model: type[models.Model], departments: frozenset[UUID]) -> Q:
        path = DEPARTMENT.get(model)
        return Q(**{f"{path}__in": departments}) if path else Q()

    def sets(self, user: Any) -> ChangeSetQuerySet:
        """The sets that the user may read: their own, what is published, and what is proposed for their departments.

        What was never proposed, or has been taken back, is its author's alone, even where it was discarded.
        """
        proposed = ChangeSet.objects.filter(proposed_at__isnull=False)
        if self.is_bureau:
            return ChangeSet.objects.filter(author=user) | proposed
        own_or_public = ChangeSet.objects.filter(Q(author=user) | Q(published_at__isnull=False))
        return own_or_public | proposed.concerning(self.sees)

    def read_by(self, user: Any, change_set: ChangeSet) -> ChangeQuerySet:
        """What the user may read of a set: of what others have only proposed, what concerns their departments."""
        changes: ChangeQuerySet = change_set.changes.all()
        if not (self.is_bureau or change_set.published_at or change_set.author_id == user.pk):
            return changes.concerning(self.sees)
        return changes


class NotYoursError(PermissionDenied):
    """A change that its author may not propose, as a sentence."""


NOBODY = Staff(is_bureau=False, edits=frozenset(), sees=frozenset())


def check(user: Any, changes: Iterable[Change]) -> None:
    """Raise NotYoursError unless the user may propose every one of the changes."""
    staff = Staff.of(user)
    if staff.is_bureau:
        return
    for change, departments in concerned(changes):
        if reason := refusal(staff, change, departments):
            raise NotYoursError(f"{kind_of(change.model)}「{change.name}」：{reason}")


def refusal(staff: Staff, change: Change, departments: set[UUID]) -> str:
    """Why the user may not propose a change; empty where they may. `departments`: of the row before, after and now."""
    model = change.of_model
    if model is None:
        return change.obstacle
    if change.action not in ACTIONS.get(model, ()):
        return f"{Action(change.action).label}は、デジタル推進部門に頼んでください。"
    if not departments or not departments <= staff.edits:
        return "ほかの部局のものなので、変えられません。"
    fields = FIELDS.get(model)
    if change.action == Action.UPDATE and fields is not None and not set(change.fields) <= fields:
        return "この欄は、デジタル推進部門に頼んでください。"
    return ""
