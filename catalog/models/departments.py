"""Departments (部局), which outlive plans and change their names."""

from __future__ import annotations

from django.db import models

from catalog.models.base import Identified, code_field, editorial_note_field, position_field


class DepartmentQuerySet(models.QuerySet["Department"]):
    def get_by_natural_key(self, code: str) -> Department:
        return self.get(code=code)

    def in_order(self) -> DepartmentQuerySet:
        """In 建制順; to be said where an aggregate makes the default order fall away."""
        return self.order_by("position", "code")

    def labelled(self, label: str) -> DepartmentQuerySet:
        """The department that prints call by this label, by its name or by an alias."""
        return self.filter(models.Q(name=label) | models.Q(aliases__label=label)).distinct()


class Department(Identified):
    """A department; everywhere in 建制順, the order in which the organisation is established."""

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
    """Another label under which print names a department: a former name, or a sister body's."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="aliases", verbose_name="部局")
    label = models.CharField(
        "別名", max_length=200, unique=True, help_text="資料に印刷されている別の呼び名や、以前の名。"
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
