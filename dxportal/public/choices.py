"""One of several links, of which one is where the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    label: Any
    href: str
    is_current: bool
