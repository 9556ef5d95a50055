"""Identify the build of the code: files prebuilt by another build may differ."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from django.conf import settings

ROOTS = ("catalog", "projects", "budgets", "dxportal", "templates", "static", "locale", "requirements")


@cache
def build_id() -> str:
    """Hash the files of the code: equal on every host that runs the same version."""
    digest = blake2b(digest_size=6)
    for root in ROOTS:
        for file in sorted((settings.BASE_DIR / root).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(settings.BASE_DIR)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
