#!/usr/bin/env python
"""Run a management command; an environment or database error ends it with one sentence."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError
    from django.db.backends.signals import connection_created

    from dxportal.schema_version import refuse_newer_database

    connection_created.connect(refuse_newer_database)
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        sys.exit(describe(error))
    except ImproperlyConfigured as error:
        sys.exit(f"設定に誤りがあります：{first_line(error)}")
    except OSError as error:
        if error.filename is None:
            raise
        sys.exit(f"{error.filename} を読み書きできません（{error.strerror}）。場所と権限を確かめてください。")


def describe(error: Exception) -> str:
    """Say what is wrong with the database and what to do."""
    if any(words in str(error) for words in ("file is not a database", "database disk image is malformed")):
        return (
            f"データベースのファイルが壊れているか、SQLite のデータベースではありません（{first_line(error)}）。"
            "ファイルを別の場所に移してから、manage.py restore ファイル でバックアップを復元してください。"
        )
    return (
        f"データベースを使えません：{first_line(error)}\n"
        "DATABASE_URL が正しいか、データベースが動いているか、その場所に書けるかを確かめてください。"
        "表がないときは manage.py migrate を先に実行してください。"
    )


def first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


if __name__ == "__main__":
    main()
