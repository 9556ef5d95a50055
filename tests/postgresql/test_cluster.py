"""The throw-away cluster itself; runs with the part that needs PostgreSQL, and only there."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests import postgres


def test_a_cluster_is_gone_afterwards_even_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), postgres.run_cluster() as url:  # noqa: PT012  # what fails is the test itself
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
            cursor.execute("SHOW data_directory")
            (folder,) = cursor.fetchone() or ("",)
        connection.close()
        _ = 1 / 0
    assert not Path(folder).parent.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == errno.ECONNREFUSED
