"""Materialised ranks of projects, and their number per department."""

from __future__ import annotations

from django.db import models

from catalog.models import Department
from projects.models.projects import Project


class ProjectRank(models.Model):
    """Ranks of a project in two orders; gaps between ranks leave room for inserted projects.

    `projects.materialized_ranks` derives them. Department position and `by_name` give `ProjectQuerySet.in_order`;
    `by_code` is the order of budget lines within a department.
    """

    project = models.OneToOneField(
        Project,
        models.DO_NOTHING,
        primary_key=True,
        related_name="rank",
        db_constraint=False,
        verbose_name="事業",
    )
    department_position = models.PositiveIntegerField("部局の並び順")
    by_name = models.PositiveBigIntegerField("よみ・名・コードの順", unique=True)
    by_code = models.PositiveBigIntegerField("よみ・コードの順", unique=True)

    class Meta:
        verbose_name = "事業の順番"
        verbose_name_plural = "事業の順番"
        indexes = [models.Index(fields=["department_position", "by_name"], name="projectrank_in_order")]

    def __str__(self) -> str:
        return str(self.by_name)


class ProjectCount(models.Model):
    """Number of projects of a department; derived like the ranks."""

    department = models.OneToOneField(
        Department,
        models.DO_NOTHING,
        primary_key=True,
        related_name="+",
        db_constraint=False,
        verbose_name="所管部局",
    )
    projects = models.PositiveBigIntegerField("事業の数")

    class Meta:
        verbose_name = "部局の事業の数"
        verbose_name_plural = "部局の事業の数"

    def __str__(self) -> str:
        return str(self.projects)
