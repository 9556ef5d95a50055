"""Log of uploads: file, sender and outcome."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dxportal.changesets.fields import MAX_SET_TITLE_LENGTH, TruncatingCharField
from dxportal.changesets.models import ChangeSet

COPY_RETENTION = timedelta(days=1)


class UploadResult(models.TextChoices):
    REFUSED = "refused", "読めなかった"
    FAULTY = "faulty", "直すところがある"
    UNCHANGED = "unchanged", "変わったところがない"
    KEPT = "kept", "変更にまとめた"


class UploadQuerySet(models.QuerySet["Upload"]):
    def forget_old_copies(self) -> int:
        """Delete annotated copies older than a day; return their number."""
        return self.filter(marked__isnull=False, received_at__lt=timezone.now() - COPY_RETENTION).update(marked=None)


class Upload(models.Model):
    """Record of an uploaded file; of the file itself only name, size and hash are stored.

    `problems` holds the first of `problem_count`; `marked` is the annotated copy, as XLSX, for its user.
    """

    id = models.BigAutoField("番号", primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", verbose_name="利用者")
    file_name = TruncatingCharField("ファイル名", max_length=MAX_SET_TITLE_LENGTH)
    size = models.PositiveIntegerField("大きさ（バイト）")
    sha256 = models.CharField("SHA-256", max_length=64)
    received_at = models.DateTimeField("受け取り", auto_now_add=True)
    result = models.CharField("結果", max_length=10, choices=UploadResult)
    reason = models.TextField("理由", blank=True)
    notes = models.JSONField("気づいたこと", default=list)
    fiscal_year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    rows = models.PositiveIntegerField("読んだ行", default=0)
    changes = models.PositiveIntegerField("変更", default=0)
    problem_count = models.PositiveIntegerField("直すところ", default=0)
    problems = models.JSONField("直すところの一覧", default=list)
    marked = models.BinaryField("印を付けた写し", null=True, blank=True)
    change_set = models.OneToOneField(
        ChangeSet, models.PROTECT, related_name="upload", null=True, blank=True, verbose_name="変更のまとまり"
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "取り込み"
        verbose_name_plural = "取り込み"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=UploadResult.values),
                name="upload_result_known",
                violation_error_message="結果は、一覧にあるものにしてください。",
            ),
            models.CheckConstraint(
                condition=Q(result=UploadResult.KEPT, change_set__isnull=False)
                | (~Q(result=UploadResult.KEPT) & Q(change_set__isnull=True)),
                name="upload_kept_has_set",
                violation_error_message="変更を記録した取り込みにだけ、変更のまとまりを入れてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.file_name}"

    def get_absolute_url(self) -> str:
        return f"/admin/sheets/uploads/{self.pk}/"
