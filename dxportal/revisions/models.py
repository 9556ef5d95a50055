"""Which revision of the catalogue is public."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Revision(models.Model):
    """The one row that counts how often the published catalogue has changed, in the transactions that change it."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    number = models.PositiveBigIntegerField("版", default=0)

    class Meta:
        verbose_name = "カタログの版"
        verbose_name_plural = "カタログの版"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="revision_there_is_one")]

    def __str__(self) -> str:
        return str(self.number)
