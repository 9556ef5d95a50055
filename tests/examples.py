"""Numbers of Hypothesis examples, by the profile that HYPOTHESIS_PROFILE names.

`dev`, for an engineer at work: plain pytest and `make test-fast`, other cases each time. `test`: `make test`. `ci`:
`make test-long`, five times as many.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

USUAL = 100  # cases, where a test says nothing
TIMES = {"dev": 0.1, "test": 1, "ci": 5}


def load_profile() -> None:
    """Register the profiles and load the one that the environment names.

    No deadline: the machine is shared. Fixtures may be those of a test: a database in a transaction, which the test
    itself winds back. What a gate proves is the same each time, so that a change fails for its own faults.
    """
    is_gate = os.environ.get("CI") == "true"
    for name, times in TIMES.items():
        settings.register_profile(
            name,
            max_examples=round(USUAL * times),
            deadline=None,
            derandomize=name != "dev" or is_gate,
            print_blob=True,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
    usual = "ci" if is_gate else "dev"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or usual)


def examples(usual: int) -> settings:
    """Return settings that give a test its own number of examples: this one in `make test`, scaled by the profile."""
    return settings(max_examples=max(1, usual * settings.default.max_examples // USUAL))
