"""Values of one state of the index that are kept in memory."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


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
