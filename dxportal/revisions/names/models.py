"""Folded names: which word means which row, so that no word can mean two."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FoldedName(models.Model):
    """A word that means one row, in the spelling in which words are compared; derived from the catalogue.

    `scope` is where the word has to be unique: a table, or one project's parts. `owner` is the row that is meant,
    `source` the row in which the word is written: the owner itself, an alias of it, a word of it. Doubles that stood
    in the catalogue before this table are known and do not stop anything; no other double can be stored.
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
