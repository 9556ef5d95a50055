"""The secret key of an installation: generated once, kept in a file that is not committed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

# A key that nothing has been signed with yet: `restore` may put another in its place.
newly_generated: set[Path] = set()


def load_or_create(file: Path) -> str:
    """The key in `file`, which is made, readable by its owner only, when there is none yet."""
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(key := secrets.token_urlsafe(50))
    newly_generated.add(file)
    return key
