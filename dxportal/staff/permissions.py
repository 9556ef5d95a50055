"""Permissions to see, propose and publish, defined in this one module.

Administrators and the bureau may do everything. Department editors may edit the projects (not their code, and not
create any), parts, budget lines and printed amounts of appearances of their own departments; viewers may read the
same. The rules are checked against both sides of each change, when it is recorded and again when it is published; the
admin's permissions are derived from them.
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

# Actions that department editors may take on rows of their own departments, and the columns that they may change.
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
# Lookup path from a row to its department. Tables without a department have the same rows for everyone; CHOSEN_FROM
# are the tables that users of departments see because forms offer their rows as choices.
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
    """Permissions of a user: those of the bureau, or the departments that the user may edit and see."""

    is_bureau: bool
    edits: frozenset[UUID]
    sees: frozenset[UUID]

    @classmethod
    def of(cls, user: Any) -> Staff:
        """Derive permissions from a user's duties; one query for each request, since the duties stay prefetched."""
        if not user.is_active:
            return NOBODY
        prefetch_related_objects([user], "duties")
        duties = [(duty.role, duty.department_id) for duty in user.duties.all()]
        edits = frozenset(department for role, department in duties if role == Role.EDITOR)
        sees = edits | {department for role, department in duties if role == Role.VIEWER}
        return cls(user.is_superuser or any(role == Role.BUREAU for role, _ in duties), edits, sees)

    @property
    def is_on_duty(self) -> bool:
        """Whether the user has any duty and may therefore sign in; Django's `is_staff` is not used."""
        return self.is_bureau or bool(self.sees)

    def may_see(self, model: type[models.Model]) -> bool:
        return self.is_bureau or (bool(self.sees) and (model in ACTIONS or model in CHOSEN_FROM))

    def may(self, action: Action, model: type[models.Model]) -> bool:
        """Tell whether the user may take this action on some rows of a table."""
        return self.is_bureau or (bool(self.edits) and action in ACTIONS.get(model, ()))

    def seen(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Filter rows to those that the user may see."""
        return rows if self.is_bureau else rows.filter(self.within(rows.model, self.sees))

    def has(self, row: models.Model, departments: frozenset[UUID]) -> bool:
        """Tell whether a row belongs to one of these departments; always true for the bureau."""
        if self.is_bureau:
            return True
        return type(row)._default_manager.filter(self.within(type(row), departments), pk=row.pk).exists()

    @staticmethod
    def within(model: type[models.Model], departments: frozenset[UUID]) -> Q:
        """Return the condition for rows of these departments; empty for a table without departments."""
        path = DEPARTMENT.get(model)
        return Q(**{f"{path}__in": departments}) if path else Q()

    def sets(self, user: Any) -> ChangeSetQuerySet:
        """Return the sets that the user may read: their own, published ones, and proposals for their departments.

        A set that was never proposed or has been reopened is visible to its author alone, even after it is discarded.
        """
        proposed = ChangeSet.objects.filter(proposed_at__isnull=False)
        if self.is_bureau:
            return ChangeSet.objects.filter(author=user) | proposed
        own_or_public = ChangeSet.objects.filter(Q(author=user) | Q(published_at__isnull=False))
        return own_or_public | proposed.concerning(self.sees)

    def read_by(self, user: Any, change_set: ChangeSet) -> ChangeQuerySet:
        """Return the changes of a set that the user may read: of others' proposals only those for their departments."""
        changes: ChangeQuerySet = change_set.changes.all()
        if not (self.is_bureau or change_set.published_at or change_set.author_id == user.pk):
            return changes.concerning(self.sees)
        return changes


class NotYoursError(PermissionDenied):
    """A change that its author may not propose; the text is a sentence for staff."""


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
    """Return the reason why the user may not propose a change, or an empty string.

    `departments` are those of the row before the change, after it, and as stored now.
    """
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
