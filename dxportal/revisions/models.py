"""The published revision of the catalogue."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q


def new_mark() -> str:
    """Return a random token for a revision: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class Revision(models.Model):
    """Single-row counter of the changes of the published catalogue, raised in the transaction that changes it.

    A number can recur, in another database or after a backup is restored; the random `mark` does not.
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
