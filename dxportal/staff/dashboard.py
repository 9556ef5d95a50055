"""Start page of the desk: tables grouped by task instead of by app, and the user's pending work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from budgets.models import Measure
from budgets.reconciliation import Reconciliation
from budgets.rows import BudgetRows
from budgets.totals import fiscal_years
from budgets.years import read_years
from dxportal.changesets.models import ChangeSet, State
from dxportal.money_and_years import fiscal_year
from dxportal.sheets.models import Upload, UploadQuerySet
from dxportal.staff.models import LateSubmission
from dxportal.staff.permissions import StaffPermissions
from projects.models import Project
from projects.models.projects import ProjectQuerySet

MAX_PENDING_ROWS = 20  # rows of a list on the start page
MAX_RECENT_UPLOADS = 5  # rows of a list of past uploads

# Tables by task, the most edited first.
TASKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "事業と予算",
        (
            "projects.Project",
            "budgets.BudgetLine",
            "budgets.ChangeReason",
            "projects.SakigakeProject",
            "projects.Appearance",
            "projects.ProjectPart",
            "projects.NamedPart",
            "budgets.Stage",
        ),
    ),
    (
        "分野・目標・対応策",
        ("catalog.Area", "catalog.FutureImage", "catalog.Domain", "catalog.Goal", "catalog.Countermeasure"),
    ),
    ("計画の本文と柱", ("catalog.Plan", "catalog.Passage", "catalog.Pillar", "catalog.PillarItem")),
    (
        "推進体制と総合戦略",
        (
            "catalog.PromotionBody",
            "catalog.PromotionLink",
            "catalog.StrategySection",
            "catalog.PolicyHeading",
            "catalog.PolicyMeasure",
            "catalog.Initiative",
        ),
    ),
    (
        "部局・資料・同義語",
        (
            "catalog.Department",
            "catalog.DepartmentAlias",
            "catalog.SourceDocument",
            "budgets.PrintedStage",
            "catalog.Term",
            "catalog.TermWord",
        ),
    ),
)
OTHER_TABLES_TASK = "利用者と記録"


def group_by_task(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Regroup Django's app list by task; tables without a task come last."""
    models = {model["model"]._meta.label: model for app in apps for model in app["models"]}
    tasks = [(name, [models.pop(label) for label in labels if label in models]) for name, labels in TASKS]
    groups = [*tasks, (OTHER_TABLES_TASK, list(models.values()))]
    return [
        {"name": name, "app_label": f"task-{n}", "app_url": "", "has_module_perms": True, "models": tables}
        for n, (name, tables) in enumerate(groups)
        if tables
    ]


def projects_without_amount(rows: BudgetRows) -> ProjectQuerySet:
    """Return the projects without a stated amount of the rows' measure in their fiscal year."""
    return Project.objects.filter(pk__in=rows.unstated.values("project"))


class NoAmountFilter(admin.SimpleListFilter):
    """List filter for projects without an amount in a fiscal year; the start page links to it for the full list."""

    title = "額の記載がない年度"
    parameter_name = "silent"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(year), fiscal_year(year)) for year in fiscal_years()]

    def queryset(self, request: Any, queryset: QuerySet[Project]) -> QuerySet[Project]:
        year = self.value() or ""
        if year not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(pk__in=projects_without_amount(BudgetRows.of(int(year), Measure.ALL)).values("pk"))


@dataclass(frozen=True)
class PendingWork:
    """Pending work of a user: open and proposed sets, projects without an amount, reconciliation findings.

    Amounts are missed in the latest year in which projects appear, even if it is new and states none yet. Also late
    submissions, in case the user has lost the address that gives them back.
    """

    open_sets: list[ChangeSet]
    proposed: list[ChangeSet]
    fiscal_year: int
    without_amount: list[Project]
    without_amount_count: int
    checked_year: int
    findings: int
    uploads: list[Upload]
    late_submissions: list[LateSubmission]

    @classmethod
    def of(cls, user: User) -> PendingWork:
        staff = StaffPermissions.of(user)
        sets = staff.visible_sets(user).select_related("author")
        years = read_years()
        year, checked_year = years.appearing.default, years.check.default
        rows = BudgetRows.of(year, Measure.ALL)
        if not staff.is_bureau:
            rows = rows.filter(department__in=staff.visible_departments)
        without_amount = projects_without_amount(rows)
        return cls(
            list(sets.filter(author=user, state__in=(State.OPEN, State.REJECTED))[:MAX_PENDING_ROWS]),
            list(sets.filter(state=State.PROPOSED)[:MAX_PENDING_ROWS]),
            year,
            list(without_amount.select_related("department").in_order()[:MAX_PENDING_ROWS]),
            without_amount.count(),
            checked_year,
            Reconciliation.of(checked_year, years.opening_measure(checked_year)).findings if staff.is_bureau else 0,
            list(find_visible_uploads(user)[:MAX_RECENT_UPLOADS]),
            list(LateSubmission.objects.current().filter(user=user)),
        )


def find_visible_uploads(user: User) -> UploadQuerySet:
    """Return the uploads that a user may see, the latest first: all for the bureau, else their own."""
    uploads = Upload.objects.defer("marked", "problems").select_related("user", "change_set")
    return uploads if StaffPermissions.of(user).is_bureau else uploads.filter(user=user)
