"""Tables of the search index: documents and posting lists. Derived from what is published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """Kind of a document, the most likely meant first: results of the same tier are in this order."""

    PROJECT = "project", _("事業")
    GOAL = "goal", _("目標")
    SAKIGAKE = "sakigake", _("プロジェクト")
    COUNTERMEASURE = "countermeasure", _("対応策")
    COMPONENT = "component", _("構成事業")
    LISTING = "listing", _("関連事業")
    DOMAIN = "domain", _("区分")
    AREA = "area", _("分野")
    FUTURE_IMAGE = "future-image", _("将来像")
    PILLAR = "pillar", _("施策の柱")
    PILLAR_ITEM = "pillar-item", _("具体的な取組事項")
    PASSAGE = "passage", _("計画の本文")
    DEPARTMENT = "department", _("部局")
    PROMOTION = "promotion", _("推進体制")
    STRATEGY = "strategy", _("総合戦略")
    STAGE = "stage", _("予算区分")
    DOCUMENT = "document", _("資料")
    PLAN = "plan", _("計画")


class FacetName(models.TextChoices):
    """Facets of documents other than their kind."""

    AREA = "area", _("分野")
    DEPARTMENT = "department", _("部局")
    YEAR = "year", _("年度")


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def containing(self, folded: str) -> SearchDocumentQuerySet:
        """Filter documents whose text contains a folded word, or whose code it is."""
        return self.filter(Q(folded__contains=folded) | Q(code=folded))


class SearchDocument(models.Model):
    """A catalogue row as a search finds it. Derived in the transaction that changes the row; holds its primary key,
    without a foreign key constraint.
    """

    row = models.UUIDField(primary_key=True)
    model = models.CharField("表", max_length=100, db_index=True)
    kind = models.CharField("種類", max_length=20, choices=DocumentKind)
    code = models.CharField("コード", max_length=100, blank=True, help_text="そのまま入れられたときに見つかる。")
    title = models.TextField("題", help_text="資料に記載のとおりに。")
    text = models.TextField("ほかの文", blank=True, help_text="資料に記載のとおりに、一行に一つの欄。")
    folded_title = models.TextField("題（たたんだもの）")
    folded_names = models.TextField("名・よみ・別名（たたんだもの）")
    folded = models.TextField("すべて（たたんだもの）")
    folded_around = models.TextField("上にあるものや部局の名（たたんだもの）", blank=True)
    url = models.CharField("アドレス", max_length=500)
    place = models.TextField("位置", blank=True, help_text="上にあるものの名。")
    facets = models.TextField("絞り込みの値", blank=True, help_text="一行に一つ、絞り込みの名とコード。")
    order = models.TextField("順", help_text="種類、次に資料の順。桁をそろえた数字の列。")
    number = models.PositiveIntegerField("番号", null=True, db_index=True, help_text="この順の番号。空きがある。")
    document = models.CharField("出典資料", max_length=200, blank=True)
    document_number = models.PositiveSmallIntegerField("資料の番号", null=True)
    page = models.PositiveSmallIntegerField("出典ページ", null=True)
    page_to = models.PositiveSmallIntegerField("続きのページ", null=True)

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "検索の項目"
        verbose_name_plural = "検索の項目"
        ordering = ["order", "row"]
        indexes = [models.Index(fields=["order", "row"], name="searchdocument_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DocumentKind.values),
                name="entry_kind_known",
                violation_error_message="検索の索引に知らない種類があります。rebuild_search で作り直してください。",
            )
        ]

    def __str__(self) -> str:
        return self.title


class PostingRow(models.Model):
    """The posting lists of one bucket of keys and one chunk of documents (index/posting_lists.py)."""

    bucket = models.IntegerField("キーの組")
    chunk = models.PositiveIntegerField("番号の区間", db_index=True)
    lists = models.BinaryField("キーと番号")

    class Meta:
        verbose_name = "検索の表"
        verbose_name_plural = "検索の表"
        constraints = [
            models.UniqueConstraint(
                fields=["bucket", "chunk"],
                name="posting_once",
                violation_error_message="検索の索引に同じ行が二つあります。rebuild_search で作り直してください。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.chunk}"
