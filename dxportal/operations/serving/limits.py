"""Limits for the clients of a server process: bytes, seconds, and numbers at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from dxportal.places import Places

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


@dataclass(frozen=True)
class BodyLimit:
    """How large the body of a request may be, how long all of it may take, and how many may be on their way."""

    size: int
    seconds: float
    places: Places


def anonymous_bodies() -> BodyLimit:
    """Signing in and new passwords: a person sends one at a time."""
    return BodyLimit(64 * KILOBYTE, 5, Places(16, 4))


def staff_bodies() -> BodyLimit:
    """A sheet has at most 5 MB, which is judged by what receives it; an office may be one address."""
    return BodyLimit(8 * MEGABYTE, 120, Places(200, 100))


@dataclass(frozen=True)
class Limits:
    """The limits of one process; tests hand in smaller ones."""

    anonymous: BodyLimit = field(default_factory=anonymous_bodies)
    staff: BodyLimit = field(default_factory=staff_bodies)
    # Answers that are not sent at once, which lie on disk meanwhile; an office may be one address.
    large_answers: Places = field(default_factory=lambda: Places(400, 40))
    # Seconds that an answer may be waiting for its reader, at first and for each megabyte: at the least 0.8 Mbit/s.
    wait_at_first: float = 30
    wait_per_megabyte: float = 10
    # Each thread in which Django answers may come to hold a connection to the database. More than these are in each
    # other's way: 32 answer a third less.
    threads: int = 12
    requests_in_django: int = 300  # those that wait for a thread included
    seconds_for_readiness: float = 6
