"""Primary keys of loaded rows, derived from natural keys (UUID version 5)."""

from __future__ import annotations

import uuid

from django.db import models

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dxportal.example/catalogue")


def derive_primary_key(model: type[models.Model], *natural_key: object) -> uuid.UUID:
    """Return the primary key of a row: the same for the same model and natural key, on every machine."""
    return uuid.uuid5(NAMESPACE, "/".join([model._meta.label_lower, *map(str, natural_key)]))
