"""Projects (事業) and their parts (内訳): the facts to which appearances and budget lines refer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Department, Identified
from catalog.models.base import code_field, editorial_note_field, position_field


class Nature(models.TextChoices):
    PROJECT = "project", _("事業")
    ACTIVITY = "activity", _("活動")
    HEADING = "heading", _("複数の事業の総称")


class ProjectQuerySet(models.QuerySet["Project"]):
    def get_by_natural_key(self, code: str) -> Project:
        return self.get(code=code)

    def of_department(self, department: Department) -> ProjectQuerySet:
        return self.filter(department=department)

    def in_order(self) -> ProjectQuerySet:
        """Order by department (建制順), then by reading."""
        return self.order_by("department__position", "kana", "name", "code")

    @property
    def table(self) -> ProjectQuerySet:
        """Projects joined with their ranks, so that `in_order` needs no sort, however many there are."""
        return self.filter(rank__department_position__gte=0)


class Project(Identified):
    """Project with its canonical name; printed names belong to its appearances."""

    code = code_field(unique=True)
    name = models.CharField("事業名", max_length=200)
    kana = models.CharField("よみ", max_length=400, blank=True, help_text="ひらがなで。並び順と検索に使います。")
    nature = models.CharField("種類", max_length=10, choices=Nature, default=Nature.PROJECT)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="projects",
        verbose_name="所管部局",
        help_text="現在の所管。年度別の所管は予算額に、資料に記載の名称は掲載にあります。",
    )
    editorial_note = editorial_note_field()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "事業"
        verbose_name_plural = "事業"
        ordering = ["kana", "name", "code"]
        # For finding the neighbours of a project in each order (materialized_ranks.py).
        indexes = [
            models.Index(fields=["kana", "name", "code"], name="project_by_name"),
            models.Index(fields=["kana", "code"], name="project_by_code"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(nature__in=Nature.values),
                name="project_nature_known",
                violation_error_message="種類は、一覧から選んでください。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)


class ProjectPartQuerySet(models.QuerySet["ProjectPart"]):
    def get_by_natural_key(self, project_code: str, code: str) -> ProjectPart:
        return self.get(project__code=project_code, code=code)


class ProjectPart(Identified):
    """Part of a project with a name of its own: a sub-project, or a detail printed in brackets."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="parts", verbose_name="事業")
    code = code_field(help_text="事業の中での番号。一度付けたら変えないでください。")
    name = models.CharField("内訳の名", max_length=200)
    position = position_field()

    objects = ProjectPartQuerySet.as_manager()

    class Meta:
        verbose_name = "事業の内訳"
        verbose_name_plural = "事業の内訳"
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="projectpart_code_unique",
                violation_error_message="この事業には、同じコードの内訳がもうあります。別のコードを付けてください。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.project.code, self.code)
