"""Change sets: proposed edits, stored apart from the catalogue, which holds published data only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext

from dxportal.changesets.fields import MAX_ROW_NAME_LENGTH, MAX_SET_TITLE_LENGTH, TruncatingCharField
from dxportal.changesets.row_values import MODELS_BY_LABEL, get_column_names, get_columns, kind_of


class State(models.TextChoices):
    OPEN = "open", "作成中"
    PROPOSED = "proposed", "提案中"
    PUBLISHED = "published", "公開済み"
    REJECTED = "rejected", "差し戻し"
    UNDONE = "undone", "取り消し済み"
    DISCARDED = "discarded", "破棄"


class ChangeSetQuerySet(models.QuerySet["ChangeSet"]):
    def unpublished(self) -> ChangeSetQuerySet:
        """Sets that may still be published: open, proposed or rejected."""
        return self.filter(state__in=(State.OPEN, State.PROPOSED, State.REJECTED))

    def published(self) -> ChangeSetQuerySet:
        """Sets that were published, including those undone since, the latest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-pk")

    def concerning(self, departments: Collection[UUID]) -> ChangeSetQuerySet:
        """Sets with a change that concerns one of the departments."""
        concerning = Concern.objects.filter(change__change_set=OuterRef("pk"), department__in=departments)
        return self.filter(Exists(concerning))


class ChangeSet(models.Model):
    """A set of changes that is reviewed, published and undone as a unit.

    `version` is for optimistic locking: it grows with every edit of the set, and each step, publishing included, names
    the version that its user saw. `revision` is the revision of the catalogue that publishing the set made.
    """

    id = models.BigAutoField("番号", primary_key=True)
    title = TruncatingCharField("題", max_length=MAX_SET_TITLE_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="change_sets", verbose_name="提案者"
    )
    source = TruncatingCharField(
        "どこから", max_length=MAX_SET_TITLE_LENGTH, help_text="管理画面、取り込んだファイルの名など。"
    )
    state = models.CharField("状態", max_length=10, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField("版", default=1)
    undoes = models.OneToOneField(
        "self", models.PROTECT, related_name="undone_by", null=True, blank=True, verbose_name="取り消すもの"
    )
    reason = models.TextField("差し戻しの理由", blank=True)
    created_at = models.DateTimeField("作成", auto_now_add=True)
    changed_at = models.DateTimeField("最後の変更", auto_now=True)
    proposed_at = models.DateTimeField("提案", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="確認者"
    )
    published_at = models.DateTimeField("公開", null=True, blank=True)
    revision = models.PositiveBigIntegerField(
        "版", null=True, blank=True, unique=True, help_text="公開によってできた、カタログの版。"
    )

    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        verbose_name = "変更のまとまり"
        verbose_name_plural = "変更のまとまり"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "-changed_at"], name="changeset_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values),
                name="changeset_state_known",
                violation_error_message="状態は、一覧にあるものにしてください。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(State.PUBLISHED, State.UNDONE), published_at__isnull=False, revision__isnull=False
                )
                | Q(
                    state__in=(State.OPEN, State.PROPOSED, State.REJECTED, State.DISCARDED),
                    published_at__isnull=True,
                    revision__isnull=True,
                ),
                name="changeset_published_has_time_and_revision",
                violation_error_message="公開したまとまりには公開の時と版を入れ、ほかのまとまりでは空にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/admin/changes/{self.pk}/"

    @property
    def obstacle(self) -> str:
        """Reason, for staff, why this version of the portal can neither publish nor undo the set; empty if it can."""
        changes = self.changes.iterator(chunk_size=500)
        return next(filter(None, (change.obstacle for change in changes)), "")


class Action(models.TextChoices):
    CREATE = "create", "追加"
    UPDATE = "update", "変更"
    DELETE = "delete", "削除"


class ChangeQuerySet(models.QuerySet["Change"]):
    def published(self) -> ChangeQuerySet:
        """Changes of sets that were published, including those undone since."""
        return self.filter(change_set__published_at__isnull=False)

    def concerning(self, departments: Collection[UUID]) -> ChangeQuerySet:
        """Changes that concern one of the departments."""
        return self.filter(Exists(Concern.objects.filter(change=OuterRef("pk"), department__in=departments)))


class Change(models.Model):
    """A created, updated or deleted row: its columns before and after; of an update the changed ones alone.

    Values are JSON: numbers, booleans, strings (also for UUIDs and dates) and null.

    A change outlives the schema. Migrations convert stored changes (`migration_operations.py`). Columns and tables that
    they drop stay readable under their Japanese label, but such a change is never replayed: see `obstacle`.
    """

    id = models.BigAutoField(primary_key=True)
    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="changes")
    model = models.CharField("表", max_length=100)
    row = models.UUIDField("行")
    key = models.CharField("自然キー", max_length=500, help_text="表の中でこの行を指す、変わらない符号。")
    name = TruncatingCharField("行の名", max_length=MAX_ROW_NAME_LENGTH)
    action = models.CharField("種類", max_length=10, choices=Action)
    before = models.JSONField("前", null=True, blank=True)
    after = models.JSONField("後", null=True, blank=True)

    # Cache of the departments that the change concerns, until it is stored and they are stored as `Concern`s.
    departments: set[UUID] | None = None

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "変更"
        verbose_name_plural = "変更"
        ordering = ["id"]
        indexes = [models.Index(fields=["model", "row"], name="change_of_row")]
        constraints = [
            models.UniqueConstraint(
                fields=["change_set", "model", "row"],
                name="change_one_of_a_row",
                violation_error_message="一つのまとまりに、同じ行の変更は一つだけにしてください。",
            ),
            models.CheckConstraint(
                condition=Q(action=Action.CREATE, before__isnull=True, after__isnull=False)
                | Q(action=Action.DELETE, before__isnull=False, after__isnull=True)
                | Q(action=Action.UPDATE, before__isnull=False, after__isnull=False),
                name="change_has_its_sides",
                violation_error_message="追加には後、削除には前、変更には前と後の両方を入れてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.name}"

    @property
    def of_model(self) -> type[models.Model] | None:
        """The model of the row; None if the catalogue no longer has it."""
        return MODELS_BY_LABEL.get(self.model)

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Each changed column as (before, after); None for a side that does not exist."""
        before, after = self.before or {}, self.after or {}
        return {name: (before.get(name), after.get(name)) for name in {**before, **after}}

    @property
    def texts(self) -> list[str]:
        """Strings that publishing would store, including UUIDs and dates."""
        return [value for value in (self.after or {}).values() if isinstance(value, str)]

    @property
    def unknown_fields(self) -> list[str]:
        """Changed columns that the table no longer has; all of them if the table is gone."""
        names = get_column_names(self.of_model) if self.of_model else frozenset()
        return [name for name in {**(self.before or {}), **(self.after or {})} if name not in names]

    @property
    def missing_fields(self) -> list[str]:
        """Labels of the columns that a created or deleted row lacks a value for."""
        if self.action == Action.UPDATE or self.of_model is None:
            return []
        stated = self.after or self.before or {}
        return [str(field.verbose_name) for field in get_columns(self.of_model) if field.attname not in stated]

    @property
    def obstacle(self) -> str:
        """Reason, for staff, why the change does not fit this version's tables; empty if it does."""
        fields: list[str] = []
        if self.of_model is None:
            reason = gettext("「%(name)s」は、今の版のポータルにない表（%(kind)s）の行です。")
        elif fields := self.unknown_fields:
            reason = gettext("%(kind)s「%(name)s」の欄「%(fields)s」は、今の版のポータルにありません。")
        elif fields := self.missing_fields:
            reason = gettext("%(kind)s「%(name)s」に、今の版のポータルで要る欄「%(fields)s」の値がありません。")
        else:
            return ""
        return reason % {"kind": kind_of(self.model), "name": self.name, "fields": "」「".join(fields)} + gettext(
            "記録として読めますが、公開も取り消しもできません。公開前なら、この行を変更から外してください。"
            "公開済みなら、今の値を管理画面で直してください。"
        )


class Concern(models.Model):
    """A department that a change concerns, computed when the change is stored, so that sets can be filtered by it.

    A UUID, not a foreign key: change sets create and delete departments, while the records about them stay.
    """

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, models.CASCADE, related_name="concerns")
    department = models.UUIDField("部局")

    class Meta:
        verbose_name = "変更に関わる部局"
        verbose_name_plural = "変更に関わる部局"
        ordering = ["id"]
        indexes = [models.Index(fields=["department", "change"], name="concern_of_department")]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "department"],
                name="concern_once",
                violation_error_message="この変更に関わる部局として、もう記録されています。一つにしてください。",
            )
        ]

    def __str__(self) -> str:
        return str(self.department)


class Confirmation(models.Model):
    """A user's tick at a question about a set (`questions.py`): what the sentence says is right.

    The questions are derived anew each time; after publication the sentence alone tells what was confirmed.
    """

    id = models.BigAutoField(primary_key=True)
    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="confirmations")
    key = models.CharField("問い", max_length=200)
    sentence = models.TextField("確かめたこと")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="確かめた人")
    confirmed_at = models.DateTimeField("いつ", auto_now_add=True)

    class Meta:
        verbose_name = "確かめた問い"
        verbose_name_plural = "確かめた問い"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["change_set", "key"],
                name="confirmation_once",
                violation_error_message="この問いは、もう確かめたと記録されています。画面を開き直してください。",
            )
        ]

    def __str__(self) -> str:
        return self.sentence
