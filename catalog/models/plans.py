"""Plans, their printed documents, and the prose of the documents."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from catalog.models.base import (
    FISCAL_YEARS,
    Identified,
    Printed,
    PrintedQuerySet,
    code_field,
    editorial_note_field,
)


class PlanQuerySet(models.QuerySet["Plan"]):
    def get_by_natural_key(self, code: str) -> Plan:
        return self.get(code=code)

    def current(self) -> Plan | None:
        """Return the published plan, or None while the catalogue is empty."""
        return self.filter(is_current=True).first()


class Plan(Identified):
    """Basic policy (基本方針), with the notices that every page and file shows."""

    code = code_field(unique=True)
    title = models.CharField("計画の名称", max_length=200)
    status = models.CharField("状態", max_length=50, blank=True, help_text="「案」など。確定した計画は空にします。")
    period_from = models.PositiveSmallIntegerField("対象期間の始まり（年度、西暦）")
    period_to = models.PositiveSmallIntegerField("対象期間の終わり（年度、西暦）")
    publisher = models.CharField("発行者", max_length=200)
    is_official = models.BooleanField("公式サイト", default=False, help_text="このサイトが発行者自身のものであるとき。")
    sakigake_label = models.CharField(
        "プロジェクトの呼び名",
        max_length=200,
        default="重点プロジェクト",
        help_text="番号の付いた先導的なプロジェクトの、この計画での呼び名。",
    )
    reason_threshold_percent = models.PositiveSmallIntegerField(
        "増減の理由を示す目安（％）",
        null=True,
        blank=True,
        default=20,
        validators=[MaxValueValidator(1000)],
        help_text="前の年度からの増減がこの割合以上で、増減の理由がない事業を、年度の比較で示します。空なら示しません。",
    )
    licence = models.CharField("利用条件", max_length=200)
    notice = models.TextField("お断り", help_text="このサイトと計画の関係。すべてのページに表示されます。")
    updated_on = models.DateField("更新日", help_text="この内容を最後に改めた日。すべてのページに表示されます。")
    is_current = models.BooleanField("公開中の計画", default=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "計画"
        verbose_name_plural = "計画"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="plan_one_is_current",
                violation_error_message="公開中の計画がほかにあります。先にその計画の「公開中」を外してください。",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")),
                name="plan_period_runs_forward",
                violation_error_message="対象期間の終わりは、始まりと同じ年度か、後の年度にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(period_from__range=FISCAL_YEARS, period_to__range=FISCAL_YEARS),
                name="plan_period_possible",
                violation_error_message="対象期間は、西暦の年度（1900〜2999）で入れてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.status}）" if self.status else self.title

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)


class SourceDocumentQuerySet(models.QuerySet["SourceDocument"]):
    def get_by_natural_key(self, plan_code: str, number: str) -> SourceDocument:
        return self.get(plan__code=plan_code, number=number)

    def current(self) -> SourceDocumentQuerySet:
        """Filter documents of the published plan."""
        return self.filter(plan__is_current=True)


class SourceDocument(Identified):
    """Printed document (資料) of a plan, with the page numbers that it counts."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="documents", verbose_name="計画")
    number = models.PositiveSmallIntegerField("番号", validators=[MaxValueValidator(99)])
    label = models.CharField("表示", max_length=200, help_text="「資料１」など、資料に記載のとおりに。")
    title = models.CharField("題名", max_length=200)
    page_from = models.PositiveSmallIntegerField(
        "始まりのページ", help_text="資料に記載されている番号。資料ごとに1から始まっても構いません。"
    )
    page_to = models.PositiveSmallIntegerField("終わりのページ", validators=[MaxValueValidator(9999)])
    repeat_mark = models.CharField(
        "再掲の印", max_length=20, default="（再掲）", help_text="この資料が再掲に付ける印。資料に記載のとおりに。"
    )
    editorial_note = editorial_note_field()

    objects = SourceDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "資料"
        verbose_name_plural = "資料"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="sourcedocument_number_unique",
                violation_error_message="この計画には、同じ番号の資料がもうあります。別の番号を付けてください。",
            ),
            models.CheckConstraint(
                condition=Q(page_to__gte=F("page_from")),
                name="sourcedocument_pages_run_forward",
                violation_error_message="終わりのページは、始まりのページと同じか、後のページにしてください。",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, page_from__gte=1),
                name="sourcedocument_counts_from_1",
                violation_error_message="番号とページは1以上の数にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.plan.code, str(self.number))

    @property
    def pages(self) -> range:
        return range(self.page_from, self.page_to + 1)


class PassageQuerySet(PrintedQuerySet["Passage"]):
    def roots(self) -> PassageQuerySet:
        return self.filter(parent=None)

    def visions(self) -> PassageQuerySet:
        """Filter the vision (ビジョン) of each plan: the passage with the code `vision`."""
        return self.filter(code="vision")


class Passage(Printed):
    """Piece of prose or box; boxes inside it have it as parent."""

    printed_fields = ("heading", "text")

    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True, verbose_name="上の文章"
    )
    heading = models.CharField("見出し", max_length=200, blank=True)
    text = models.TextField("本文", blank=True)

    objects = PassageQuerySet.as_manager()

    class Meta(Printed.Meta):
        verbose_name = "文章"
        verbose_name_plural = "文章"
        constraints = [
            *Printed.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="passage_is_not_its_own_parent",
                violation_error_message="上の文章に、この行そのものは選べません。別の行を選ぶか、空にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.heading or self.text[:40] or self.code
