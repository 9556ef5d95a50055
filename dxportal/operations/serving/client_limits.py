"""Limits for the clients of a server process: bytes, seconds, and numbers at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from dxportal.concurrency_limits import ConcurrencyLimit

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


@dataclass(frozen=True)
class BodyLimit:
    """How large the body of a request may be, how long all of it may take, and how many may be on their way."""

    max_size: int
    timeout: float
    concurrency: ConcurrencyLimit


def anonymous_body_limit() -> BodyLimit:
    """Signing in and new passwords: a person sends one at a time."""
    return BodyLimit(64 * KILOBYTE, 5, ConcurrencyLimit(16, 4))


def staff_body_limit() -> BodyLimit:
    """A sheet has at most 5 MB, which is judged by what receives it; an office may be one address."""
    return BodyLimit(8 * MEGABYTE, 120, ConcurrencyLimit(200, 100))


@dataclass(frozen=True)
class ClientLimits:
    """The limits of one process; tests hand in smaller ones."""

    anonymous: BodyLimit = field(default_factory=anonymous_body_limit)
    staff: BodyLimit = field(default_factory=staff_body_limit)
    # Answers that are not sent at once, which lie on disk meanwhile; an office may be one address.
    large_responses: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(400, 40))
    # Seconds that a response may be waiting for its reader, at first and for each megabyte: at the least 0.8 Mbit/s.
    initial_wait: float = 30
    wait_per_megabyte: float = 10
    # Each thread in which Django answers may come to hold a connection to the database. More than these are in each
    # other's way: 32 answer a third less.
    threads: int = 12
    max_pending_in_django: int = 300  # those that wait for a thread included
    readiness_timeout: float = 6
