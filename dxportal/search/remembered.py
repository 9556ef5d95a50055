"""What every search reads and only a publication changes: kept as long as the index is in the state it was read in.

The index names its state anew with each publication and in each preview (postings.py), so that what is kept is never
that of another one, in whichever process it was published. What is read is never older than the name it is kept under.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A value that is read once for each state; the last is kept."""

    def __init__(self, read: Callable[[], Value]) -> None:
        self.read = read
        self.kept: tuple[bytes, Value] | None = None

    def at(self, version: bytes) -> Value:
        """The value in the state of this name, which has just been read."""
        kept = self.kept
        if kept is None or kept[0] != version:
            kept = self.kept = (version, self.read())
        return kept[1]
