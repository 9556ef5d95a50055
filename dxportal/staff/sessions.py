"""Database sessions whose row and cookie are kept for a day after they expire.

An expired session is empty: nobody is signed in, and its data is not used. Row and cookie serve one purpose: to
identify the user of a late submission (late_submissions.py).
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

EXPIRED_SESSION_RETENTION = timedelta(days=1)  # after expiry


class SessionStore(db.SessionStore):
    """Django's session store that also loads the data of an expired session, into `expired_data`."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.expired_data: dict[str, Any] = {}
        self.expired_key: str | None = None

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        rows = self.model.objects.filter(expire_date__gt=now - EXPIRED_SESSION_RETENTION)
        row = rows.filter(session_key=self.session_key).first()
        if row is not None and row.expire_date > now:
            return self.decode(row.session_data)
        if row is not None:
            self.expired_data, self.expired_key = self.decode(row.session_data), row.session_key
        self._session_key = None
        return {}

    def create(self) -> None:
        """Create a session that replaces the expired one."""
        super().create()
        self.delete_expired_session()

    def flush(self) -> None:
        super().flush()
        self.delete_expired_session()

    def delete_expired_session(self) -> None:
        if self.expired_key:
            self.delete(self.expired_key)
        self.expired_data, self.expired_key = {}, None

    def is_empty(self) -> bool:
        """Tell whether the cookie can be deleted: not while it identifies an expired session."""
        return super().is_empty() and self.expired_key is None

    def _validate_session_key(self, key: str | None) -> bool:
        """Accept keys in Django's format alone: a cookie may hold anything, including NUL."""
        return bool(key and re.fullmatch("[a-z0-9]{32}", key))

    @classmethod
    def clear_expired(cls) -> None:
        cls.get_model_class().objects.filter(expire_date__lt=timezone.now() - EXPIRED_SESSION_RETENTION).delete()


class SessionMiddleware(middleware.SessionMiddleware):
    """Session middleware that extends the lifetime of the cookie to that of the row."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie["max-age"]:  # neither a deletion nor a browser-session cookie
            cookie["max-age"] += int(EXPIRED_SESSION_RETENTION.total_seconds())
            cookie["expires"] = http_date(time.time() + cookie["max-age"])
        return response


def has_recent_session(cookies: str) -> bool:
    """Tell from a Cookie header whether its user is, or was until a day ago, signed in; at most one query."""
    store = SessionStore(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
    data = store.session_key is not None and (store.load() or store.expired_data)
    return bool(data and SESSION_KEY in data)
