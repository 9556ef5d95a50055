"""Permissions to see, propose and publish, defined in this one module.

Administrators and the bureau may do everything. Department editors may edit the projects (not their code, and not
create any), parts, budget lines, reasons for changes, and printed amounts of appearances of their own departments;
viewers may read the same. The rules are checked against both sides of each change, when it is recorded and again when
it is published; the admin's permissions are derived from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet, prefetch_related_objects

from budgets.models import BudgetLine, ChangeReason, Stage
from catalog.models import Department, SourceDocument
from dxportal.changesets.departments import pair_with_departments
from dxportal.changesets.models import Action, Change, ChangeQuerySet, ChangeSet, ChangeSetQuerySet
from dxportal.changesets.row_values import kind_of
from dxportal.staff.models import Role
from projects.models import Appearance, Project, ProjectPart

# Actions that department editors may take on rows of their own departments, and the columns that they may change.
EDITOR_ACTIONS: dict[type[models.Model], frozenset[Action]] = {
    Project: frozenset({Action.UPDATE}),
    ProjectPart: frozenset(Action),
    Appearance: frozenset({Action.UPDATE}),
    BudgetLine: frozenset(Action),
    ChangeReason: frozenset(Action),
}
EDITOR_FIELDS: dict[type[models.Model], frozenset[str]] = {
    Project: frozenset({"name", "kana", "nature", "department_id", "editorial_note"}),
    ProjectPart: frozenset({"name", "position"}),
    Appearance: frozenset({"printed_amount_thousand_yen", "printed_kind"}),
}
# Lookup path from a row to its department. Tables without a department have the same rows for everyone; CHOICE_TABLES
# are the tables that users of departments see because forms offer their rows as choices.
DEPARTMENT_PATHS: dict[type[models.Model], str] = {
    Project: "department",
    ProjectPart: "project__department",
    Appearance: "department",
    BudgetLine: "department",
    ChangeReason: "project__department",
    Department: "pk",
}
CHOICE_TABLES = (Department, Stage, SourceDocument)


@dataclass(frozen=True)
class StaffPermissions:
    """Permissions of a user: those of the bureau, or the departments that the user may edit and see."""

    is_bureau: bool
    editable_departments: frozenset[UUID]
    visible_departments: frozenset[UUID]

    @classmethod
    def of(cls, user: Any) -> StaffPermissions:
        """Derive permissions from a user's duties; one query for each request, since the duties stay prefetched."""
        if not user.is_active:
            return NO_PERMISSIONS
        prefetch_related_objects([user], "duties")
        duties = [(duty.role, duty.department_id) for duty in user.duties.all()]
        editable = frozenset(department for role, department in duties if role == Role.EDITOR)
        visible = editable | {department for role, department in duties if role == Role.VIEWER}
        return cls(user.is_superuser or any(role == Role.BUREAU for role, _ in duties), editable, visible)

    @property
    def is_on_duty(self) -> bool:
        """Whether the user has any duty and may therefore sign in; Django's `is_staff` is not used."""
        return self.is_bureau or bool(self.visible_departments)

    def may_see(self, model: type[models.Model]) -> bool:
        is_offered = model in EDITOR_ACTIONS or model in CHOICE_TABLES
        return self.is_bureau or (bool(self.visible_departments) and is_offered)

    def may_act_on(self, action: Action, model: type[models.Model]) -> bool:
        """Tell whether the user may take this action on some rows of a table."""
        return self.is_bureau or (bool(self.editable_departments) and action in EDITOR_ACTIONS.get(model, ()))

    def filter_visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Filter rows to those that the user may see."""
        return rows if self.is_bureau else rows.filter(self.department_condition(rows.model, self.visible_departments))

    def has_access(self, row: models.Model, departments: frozenset[UUID]) -> bool:
        """Tell whether a row belongs to one of these departments; always true for the bureau."""
        if self.is_bureau:
            return True
        return type(row)._default_manager.filter(self.department_condition(type(row), departments), pk=row.pk).exists()

    @staticmethod
    def department_condition(model: type[models.Model], departments: frozenset[UUID]) -> Q:
        """Return the condition for rows of these departments; empty for a table without departments."""
        path = DEPARTMENT_PATHS.get(model)
        return Q(**{f"{path}__in": departments}) if path else Q()

    def visible_sets(self, user: Any) -> ChangeSetQuerySet:
        """Return the sets that the user may read: their own, published ones, and proposals for their departments.

        A set that was never proposed or has been reopened is visible to its author alone, even after it is discarded.
        """
        proposed = ChangeSet.objects.filter(proposed_at__isnull=False)
        if self.is_bureau:
            return ChangeSet.objects.filter(author=user) | proposed
        own_or_public = ChangeSet.objects.filter(Q(author=user) | Q(published_at__isnull=False))
        return own_or_public | proposed.concerning(self.visible_departments)

    def visible_changes(self, user: Any, change_set: ChangeSet) -> ChangeQuerySet:
        """Return the changes of a set that the user may read: of others' proposals only those for their departments."""
        changes: ChangeQuerySet = change_set.changes.all()
        if not (self.is_bureau or change_set.published_at or change_set.author_id == user.pk):
            return changes.concerning(self.visible_departments)
        return changes


class NotPermittedError(PermissionDenied):
    """A change that its author may not propose; the text is a sentence for staff."""


NO_PERMISSIONS = StaffPermissions(is_bureau=False, editable_departments=frozenset(), visible_departments=frozenset())


def check_may_propose(user: Any, changes: Iterable[Change]) -> None:
    """Raise NotPermittedError unless the user may propose every one of the changes."""
    staff = StaffPermissions.of(user)
    if staff.is_bureau:
        return
    for change, departments in pair_with_departments(changes):
        if reason := find_refusal_reason(staff, change, departments):
            raise NotPermittedError(f"{kind_of(change.model)}「{change.name}」：{reason}")


def find_refusal_reason(staff: StaffPermissions, change: Change, departments: set[UUID]) -> str:
    """Return the reason why the user may not propose a change, or an empty string.

    `departments` are those of the row before the change, after it, and as stored now.
    """
    model = change.of_model
    if model is None:
        return change.obstacle
    if change.action not in EDITOR_ACTIONS.get(model, ()):
        return f"{Action(change.action).label}は、デジタル推進部門に頼んでください。"
    if not departments or not departments <= staff.editable_departments:
        return "ほかの部局のものなので、変えられません。"
    fields = EDITOR_FIELDS.get(model)
    if change.action == Action.UPDATE and fields is not None and not set(change.fields) <= fields:
        return "この欄は、デジタル推進部門に頼んでください。"
    return ""
