from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import localtime

from catalog.models import Plan
from dxportal.operations.backups.archive import BackupError, Manifest
from dxportal.operations.backups.engines import ENGINE_NAMES
from dxportal.operations.backups.restoring import differing_tables, restore_backup
from dxportal.operations.serving.preparation import preparation_lock, rebuild_derived_tables
from dxportal.planfiles import checking
from dxportal.served_markers import database_address


class Command(BaseCommand):
    help = "バックアップを空のデータベースに復元します。サイトは止めておいてください。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="manage.py backup で作ったファイル")
        parser.add_argument("--verify", action="store_true", help="復元した内容を、バックアップしたときの内容と比べる")

    def handle(self, *args: Any, file: Path, verify: bool, **options: Any) -> None:
        try:
            with preparation_lock():
                manifest, about_key = restore_backup(connection, file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{localtime(manifest.made_at):%Y-%m-%d %H:%M} のバックアップ（バージョン {manifest.portal}、"
            f"{ENGINE_NAMES[manifest.engine]}、{len(manifest.contents.tables)}表、{manifest.rows:,}行）を、"
            f"{database_address()} に復元しました。"
        )
        self.stdout.write(about_key)
        if verify:
            self.compare(manifest)
            self.bring_up_to_date()
            self.check_catalogue()

    def compare(self, manifest: Manifest) -> None:
        if tables := differing_tables(connection, manifest):
            raise CommandError(f"復元した内容が、バックアップしたときの内容と違います（{'、'.join(tables)}）。")
        self.stdout.write(f"すべての表の行が、バックアップしたときと同じです（{len(manifest.contents.tables)}表）。")

    def bring_up_to_date(self) -> None:
        """Migrate a backup of an older version, as the next start would, so that it can be verified."""
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        call_command("migrate", verbosity=0, interactive=False)
        rebuild_derived_tables()
        self.stdout.write("古いバージョンのバックアップなので、データベースをこのバージョンに合わせました。")

    def check_catalogue(self) -> None:
        if Plan.objects.current() is None:
            self.stdout.write("公開中の計画がないので、カタログと検索は調べていません。")
            return
        if inconsistencies := list(checking.find_inconsistencies()):
            raise CommandError(
                "\n".join([*inconsistencies, "バックアップの内容は復元しましたが、カタログに矛盾があります。"])
            )
        self.stdout.write("カタログに矛盾はありません（check_plan）。")
        call_command("check_search", stdout=self.stdout)
