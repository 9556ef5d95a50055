from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.template.defaultfilters import filesizeformat

from dxportal.operations.backups.archive import BackupError
from dxportal.operations.backups.creating import create_backup
from dxportal.operations.backups.engines import ENGINE_NAMES


class Command(BaseCommand):
    help = "データベースと秘密鍵のバックアップを、一つのファイルに作ります。サイトを止める必要はありません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="作るファイル（.zip）")
        parser.add_argument("--replace", action="store_true", help="もうあるファイルを置き換える")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = create_backup(connection, file, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        tables, size = len(manifest.contents.tables), filesizeformat(file.stat().st_size)
        contents = f"{ENGINE_NAMES[manifest.engine]}、{tables}表、{manifest.rows:,}行、{size}"
        self.stdout.write(f"{file} にバックアップを作りました（{contents}）。")
        if manifest.key_is_in == "file":
            self.stdout.write("秘密鍵（var/secret-key）も入っています。ほかの人が読めない場所に保管してください。")
        else:
            self.stdout.write("秘密鍵は環境変数 SECRET_KEY にあり、入っていません。別に保管してください。")
