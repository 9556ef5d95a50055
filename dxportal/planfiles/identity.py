"""The identity of a row that is loaded: it follows from its natural key."""

from __future__ import annotations

import uuid

from django.db import models

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dxportal.example/catalogue")


def identity(model: type[models.Model], *natural_key: object) -> uuid.UUID:
    """The primary key of a loaded row: the same for the same natural key, on every machine."""
    return uuid.uuid5(NAMESPACE, "/".join([model._meta.label_lower, *map(str, natural_key)]))
