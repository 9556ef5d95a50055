"""A link of a switch; one link of a switch is current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SwitchLink:
    label: Any
    href: str
    is_current: bool
