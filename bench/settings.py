"""The portal's settings, with the command that generates a catalogue (bench/README.md)."""

from __future__ import annotations

from dxportal.settings import *  # noqa: F403  # all settings of the portal, and one more app

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]  # noqa: F405  # of the star above
