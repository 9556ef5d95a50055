"""Poll the published revision, so that each process notices a publication."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from django.db import Error, connection

from dxportal.revisions.publish import revision_token

REVISION_POLL_INTERVAL = 0.25  # seconds; a publication is visible within one second, also on a busy machine

logger = logging.getLogger(__name__)


class RevisionPoller:
    """Background thread that polls the published revision. If the database hangs, only this thread blocks.

    It starts with the first request, hence in the worker and not in a process that forks.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.on_revision = tell
        self.lock = Lock()
        self.thread: Thread | None = None
        self.is_connected = True

    def start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = Thread(target=self.run, name="revision", daemon=True)
                self.thread.start()

    def run(self) -> None:
        while True:
            try:
                self.poll()
            except Exception:  # any error: if this thread died, the process would serve an old catalogue for ever
                logger.exception("The public revision cannot be asked for.")
            time.sleep(REVISION_POLL_INTERVAL)

    def poll(self) -> None:
        """Poll once. While the database does not answer, the last known revision holds."""
        try:
            self.on_revision(revision_token())
        except Error as error:
            connection.close()  # the next poll opens a new one
            if self.is_connected:
                logger.warning("The database does not answer; pages in memory are served on. %s", error)
            self.is_connected = False
        else:
            if not self.is_connected:
                logger.warning("The database answers again.")
            self.is_connected = True
