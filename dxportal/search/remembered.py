"""What every search reads and only a publication changes: kept as long as the index is in the state it was read in.

The index names its state anew with each publication and in each preview (postings.py), so that what is kept is never
that of another one, in whichever process it was published. What is read is never older than the name it is kept under.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
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


class RememberedSome(Generic[Value]):
    """Of very many values those that were asked last, as many of them as fit in `most` bytes; of one state alone."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.version, self.size = b"", 0
        self.kept: dict[str, tuple[Value, int]] = {}  # with the bytes of each; what was asked last stands last
        self.lock = Lock()

    def among(self, names: Iterable[str]) -> tuple[bytes, dict[str, Value]]:
        """Those of the values that are kept, and of which state."""
        with self.lock:
            there = {name: self.kept.pop(name) for name in names if name in self.kept}
            self.kept |= there
            return self.version, {name: value for name, (value, _) in there.items()}

    def keep(self, version: bytes, name: str, value: Value, size: int) -> None:
        """Keep a value of the state of this name, in place of all that is of another, and of what was asked first."""
        with self.lock:
            if version != self.version:
                self.version, self.size, self.kept = version, 0, {}
            self.size += size - self.kept.pop(name, (value, 0))[1]
            self.kept[name] = value, size
            while self.size > self.most:
                self.size -= self.kept.pop(next(iter(self.kept)))[1]
