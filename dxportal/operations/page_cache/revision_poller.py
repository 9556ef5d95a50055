"""How a process learns that the catalogue has moved on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from django.db import Error, connection

from dxportal.revisions.publish import mark

EVERY = 0.25  # seconds: what is published is seen within one, also on a machine that is busy

logger = logging.getLogger(__name__)


class Watch:
    """A thread that asks for the public revision and tells it; the database may keep this thread waiting, and no other.

    It begins with the first request, so in the process that answers and not in one that is forked from.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self.lock = Lock()
        self.thread: Thread | None = None
        self.sees = True

    def begin(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = Thread(target=self.run, name="revision", daemon=True)
                self.thread.start()

    def run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:  # whatever it is: without this thread the process would show an old catalogue for ever
                logger.exception("The public revision cannot be asked for.")
            time.sleep(EVERY)

    def look(self) -> None:
        """Ask once. What was told last holds while there is no answer."""
        try:
            self.tell(mark())
        except Error as error:
            connection.close()  # the next look tries a new one
            if self.sees:
                logger.warning("The database does not answer; pages in memory are served on. %s", error)
            self.sees = False
        else:
            if not self.sees:
                logger.warning("The database answers again.")
            self.sees = True
