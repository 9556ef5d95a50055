"""Where each project stands among all projects."""

from __future__ import annotations

from django.db import models

from catalog.models import Department
from projects.models.projects import Project


class ProjectPlace(models.Model):
    """A project's place in `ProjectQuerySet.in_order`, and the one among those of its department, counted from 1.

    `projects.order` derives both, nobody edits them. The last place of a department says how many projects it has.
    """

    project = models.OneToOneField(
        Project,
        models.DO_NOTHING,
        primary_key=True,
        related_name="arranged",
        db_constraint=False,
        verbose_name="事業",
    )
    place = models.PositiveIntegerField("順番", db_index=True)
    department = models.ForeignKey(
        Department, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name="所管部局"
    )
    place_in_department = models.PositiveIntegerField("部局の中の順番")

    class Meta:
        verbose_name = "事業の順番"
        verbose_name_plural = "事業の順番"
        indexes = [models.Index(fields=["department", "place_in_department"], name="projectplace_department")]

    def __str__(self) -> str:
        return str(self.place)
