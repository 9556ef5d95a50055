"""Folded names: a unique index of normalised names, so that no name can mean two rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FoldedName(models.Model):
    """A normalised name or code of a row; derived from the catalogue.

    `scope` is the range of uniqueness: a table, or the parts of one project. `owner` is the row that the name means,
    `source` the row that holds the text: the owner itself, its alias or its word. Duplicates that were in the catalogue
    before this table are marked as known and tolerated; the constraint refuses any other.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField("範囲", max_length=100)
    folded = models.TextField("比べる形")
    owner = models.UUIDField("意味する行")
    source = models.UUIDField("書かれている行")
    label = models.CharField("書かれたまま", max_length=200)
    is_known_double = models.BooleanField("前からある重なり", default=False)

    class Meta:
        verbose_name = "名の比べる形"
        verbose_name_plural = "名の比べる形"
        ordering = ["scope", "folded", "owner"]
        indexes = [
            models.Index(fields=["owner"], name="foldedname_owner"),
            models.Index(fields=["source"], name="foldedname_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "folded"],
                condition=Q(is_known_double=False),
                name="foldedname_means_one_row",
                violation_error_message="同じ名とみなされる行がほかにあります。どちらかの名を改めてください。",
            ),
            models.UniqueConstraint(
                fields=["scope", "folded", "owner"],
                name="foldedname_once_for_a_row",
                violation_error_message="この行の名は、もう記録されています。rebuild_tables で作り直してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.label
