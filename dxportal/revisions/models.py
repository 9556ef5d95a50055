"""Which revision of the catalogue is public."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q


def new_mark() -> str:
    return secrets.token_hex(8)


class Revision(models.Model):
    """The one row that counts how often the published catalogue has changed, in the transactions that change it.

    A number can come again, in another database or in one that is restored; a mark never does.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    number = models.PositiveBigIntegerField("版", default=0)
    mark = models.CharField("印", max_length=16, default=new_mark)

    class Meta:
        verbose_name = "カタログの版"
        verbose_name_plural = "カタログの版"
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="revision_there_is_one",
                violation_error_message="版の行は一つだけで、番号は1にしてください。",
            )
        ]

    def __str__(self) -> str:
        return str(self.number)
