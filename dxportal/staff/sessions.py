"""Sessions in the database that are remembered for a day after they have ended.

An ended session is an empty one: nobody is signed in, and what it held is not read. Its row and its cookie are there
for one purpose: to tell whose form it is that was sent too late (interrupted.py).
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import db
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie
from django.utils import timezone
from django.utils.http import http_date

REMEMBERED_FOR = timedelta(days=1)  # after the end


class SessionStore(db.SessionStore):
    """Django's, which also reads what an ended session held into `ended`; `expire_date` is when a session ends."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.ended: dict[str, Any] = {}
        self.ended_key: str | None = None

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = self.model.objects.filter(session_key=self.session_key, expire_date__gt=now - REMEMBERED_FOR).first()
        if row is not None and row.expire_date > now:
            return self.decode(row.session_data)
        if row is not None:
            self.ended, self.ended_key = self.decode(row.session_data), row.session_key
        self._session_key = None
        return {}

    def create(self) -> None:
        """Begin another session, in the place of the ended one."""
        super().create()
        self.forget_ended()

    def flush(self) -> None:
        super().flush()
        self.forget_ended()

    def forget_ended(self) -> None:
        if self.ended_key:
            self.delete(self.ended_key)
        self.ended, self.ended_key = {}, None

    def is_empty(self) -> bool:
        """Whether the cookie can be deleted."""
        return super().is_empty() and self.ended_key is None

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether it is one that was made here: a cookie may hold anything, NUL included."""
        return bool(key and re.fullmatch("[a-z0-9]{32}", key))

    @classmethod
    def clear_expired(cls) -> None:
        cls.get_model_class().objects.filter(expire_date__lt=timezone.now() - REMEMBERED_FOR).delete()


class SessionMiddleware(middleware.SessionMiddleware):
    """Lets the cookie outlive the session by as long as its row does."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie["max-age"]:  # neither deleted nor ending with the browser
            cookie["max-age"] += int(REMEMBERED_FOR.total_seconds())
            cookie["expires"] = http_date(time.time() + cookie["max-age"])
        return response


def has_recent_session(cookies: str) -> bool:
    """Tell by a Cookie header alone whether somebody is signed in, or was until a day ago; one query at most."""
    store = SessionStore(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
    held = store.session_key is not None and (store.load() or store.ended)
    return bool(held and SESSION_KEY in held)
