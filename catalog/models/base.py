"""Base models and fields: primary key, code, fiscal year, and the page on which a row is printed."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from catalog.hidden_characters import find_hidden
from catalog.normal_form import normalize_text

PrintedT = TypeVar("PrintedT", bound="Printed", covariant=True)

CODE_VALIDATOR = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "コードは半角の英小文字・数字・ハイフンで書いてください（例：1-2-1）。"
)


def code_field(
    *,
    unique: bool = False,
    help_text: str = "URL・書き出し・取り込みで使います。一度付けたら変えないでください。",
) -> models.CharField[str, str]:
    """Return the field of a code: ASCII, lower case, permanent, used in URLs, exports and imports."""
    return models.CharField("コード", max_length=100, unique=unique, validators=[CODE_VALIDATOR], help_text=help_text)


def position_field(
    name: str = "並び順", help_text: str = "同じ親の下での順番。小さいものから並びます。"
) -> models.PositiveIntegerField[int, int]:
    """Return the field of a row's position among the rows of the same parent, in printed order."""
    return models.PositiveIntegerField(name, help_text=help_text)


FISCAL_YEARS = (1900, 2999)


def fiscal_year_field() -> models.PositiveSmallIntegerField[int, int]:
    """Return the field of a Japanese fiscal year (April to March), stored as the Western year in which it begins."""
    return models.PositiveSmallIntegerField(
        "年度",
        validators=[MinValueValidator(FISCAL_YEARS[0]), MaxValueValidator(FISCAL_YEARS[1])],
        help_text="西暦で。令和３年度は 2021。",
    )


def editorial_note_field() -> models.TextField[str, str]:
    """Return the field of an editorial note (編集注): facts that are inferred, not printed. Public."""
    return models.TextField(
        "編集注",
        blank=True,
        help_text="資料に記載がなく、こちらで推定したこと。公開ページに表示されます。",
    )


class Identified(models.Model):
    """Row with a UUID as primary key, assigned when it is proposed and independent of its code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Normalise all texts, validate each field, and refuse hidden characters, so that no new field omits it."""
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str) and field.name not in (exclude or ()):
                setattr(self, field.attname, normalize_text(value))
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.error_dict
        for field in self._meta.concrete_fields:
            if field.name in errors or field.name in (exclude or ()):
                continue
            value = getattr(self, field.attname)
            if isinstance(value, str) and (hidden := find_hidden(value)):
                errors[field.name] = ValidationError(str(hidden), code="hidden_character")
        if errors:
            raise ValidationError(errors)


class PrintedQuerySet(models.QuerySet[PrintedT]):
    def current(self) -> Self:
        """Filter rows of the published plan."""
        return self.filter(plan__is_current=True)

    def cited(self) -> Self:
        """Join the document, which a citation names."""
        return self.select_related("document")

    def get_by_natural_key(self, plan_code: str, code: str) -> PrintedT:
        return self.get(plan__code=plan_code, code=code)


class Printed(Identified):
    """Row printed on a page of a document of a plan, with a code that is unique in the plan.

    `printed_fields` are the names of the fields with printed text, in reading order.
    """

    printed_fields: ClassVar[tuple[str, ...]]

    plan = models.ForeignKey("catalog.Plan", models.PROTECT, related_name="%(class)s_set", verbose_name="計画")
    code = code_field()
    document = models.ForeignKey("catalog.SourceDocument", models.PROTECT, related_name="+", verbose_name="出典資料")
    page = models.PositiveSmallIntegerField(
        "出典ページ", validators=[MinValueValidator(1)], help_text="その資料に記載されているページ番号。"
    )
    page_to = models.PositiveSmallIntegerField(
        "続きのページ",
        null=True,
        blank=True,
        help_text="次のページに続くとき、または再び記載されているとき。",
    )
    position = position_field()
    editorial_note = editorial_note_field()

    class Meta:
        abstract = True
        ordering = ["position", "code"]
        indexes = [models.Index(fields=["document", "page"], name="%(class)s_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="%(class)s_code_unique",
                violation_error_message="この計画には、同じコードの行がもうあります。別のコードを付けてください。",
            ),
            models.CheckConstraint(
                condition=Q(page__gte=1),
                name="%(class)s_page_counts_from_1",
                violation_error_message="出典ページは1以上の数にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(page_to__isnull=True) | Q(page_to__gt=F("page")),
                name="%(class)s_page_to_after_page",
                violation_error_message="続きのページは、出典ページより後のページにするか、空にしてください。",
            ),
        ]

    def natural_key(self) -> tuple[str, ...]:
        return (self.plan.code, self.code)
