"""Departments (部局): independent of plans, with the other names under which they are printed."""

from __future__ import annotations

from django.db import models

from catalog.models.base import Identified, code_field, editorial_note_field, position_field


class DepartmentQuerySet(models.QuerySet["Department"]):
    def get_by_natural_key(self, code: str) -> Department:
        return self.get(code=code)

    def in_order(self) -> DepartmentQuerySet:
        """Order by 建制順; explicit, because aggregation drops the default ordering."""
        return self.order_by("position", "code")

    def labelled(self, label: str) -> DepartmentQuerySet:
        """Filter the department whose name or alias is the printed label."""
        return self.filter(models.Q(name=label) | models.Q(aliases__label=label)).distinct()


class Department(Identified):
    """Department, listed everywhere in 建制順, the official order of the organisation."""

    code = code_field(unique=True)
    name = models.CharField("部局名", max_length=200, unique=True)
    contact = models.CharField(
        "連絡先", max_length=200, blank=True, help_text="電話番号・メールアドレスなど。公開ページに表示されます。"
    )
    position = position_field("建制順", help_text="部局の公式の並び順。小さいものから並びます。")
    editorial_note = editorial_note_field()

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = "部局"
        verbose_name_plural = "部局"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)


class DepartmentAliasQuerySet(models.QuerySet["DepartmentAlias"]):
    def get_by_natural_key(self, label: str) -> DepartmentAlias:
        return self.get(label=label)


class DepartmentAlias(Identified):
    """Other printed label of a department: a former name, or that of an affiliated body."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="aliases", verbose_name="部局")
    label = models.CharField(
        "別名", max_length=200, unique=True, help_text="資料に記載されている別の呼び名や、以前の名。"
    )
    position = position_field()

    objects = DepartmentAliasQuerySet.as_manager()

    class Meta:
        verbose_name = "部局の別名"
        verbose_name_plural = "部局の別名"
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label

    def natural_key(self) -> tuple[str, ...]:
        return (self.label,)
