"""Limits for the clients of a server process: bytes, seconds and concurrency."""

from __future__ import annotations

from dataclasses import dataclass, field

from dxportal.concurrency_limits import ConcurrencyLimit

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


@dataclass(frozen=True)
class BodyLimit:
    """Limit for request bodies: bytes, seconds until the whole body has arrived, and bodies in transit."""

    max_size: int
    timeout: float
    concurrency: ConcurrencyLimit


def anonymous_body_limit() -> BodyLimit:
    """Return the limit for signing in and password resets, of which a person sends one at a time."""
    return BodyLimit(64 * KILOBYTE, 5, ConcurrencyLimit(16, 4))


def staff_body_limit() -> BodyLimit:
    """Return the limit for staff. The upload view itself limits sheets to 5 MB; an office may share one address."""
    return BodyLimit(8 * MEGABYTE, 120, ConcurrencyLimit(200, 100))


@dataclass(frozen=True)
class ClientLimits:
    """Limits of one process; tests pass smaller ones."""

    anonymous: BodyLimit = field(default_factory=anonymous_body_limit)
    staff: BodyLimit = field(default_factory=staff_body_limit)
    # Responses that are spooled to disk while they are sent; an office may share one address.
    large_responses: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(400, 40))
    # Seconds that a client may block a response: once, and for each megabyte sent; 0.8 Mbit/s is fast enough.
    initial_wait: float = 30
    wait_per_megabyte: float = 10
    # Each thread may hold a database connection, and more threads contend: 32 answer a third fewer requests.
    threads: int = 12
    max_pending_in_django: int = 300  # running, or waiting for a thread
    readiness_timeout: float = 6
