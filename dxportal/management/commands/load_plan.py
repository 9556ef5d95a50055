from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import CatalogueDiffersError, Outcome, SeveralPlansError, load_folder
from dxportal.planfiles.raw_files import FolderError

OUTCOME_MESSAGES = {
    Outcome.LOADED: "読み込みました。",
    Outcome.UNCHANGED: "カタログはこのフォルダーと同じです。何も変えていません。",
    Outcome.REPLACED: "カタログを置き換えました。",
}


class Command(BaseCommand):
    help = "計画フォルダーを検査し、すべて正しければカタログに読み込みます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="計画フォルダー")
        parser.add_argument("--replace", action="store_true", help="内容の違うカタログを消して置き換える")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        try:
            outcome = load_folder(read_folder(folder), replace)
        except FolderError as error:
            raise CommandError("\n".join([*map(str, error.problems), f"{error} カタログは変えていません。"])) from error
        except SeveralPlansError as error:
            raise CommandError(
                "公開中でない計画があります。読み込むと失われるため、カタログは変えていません。"
                "管理画面でその計画を公開中にするか、消してください。"
            ) from error
        except CatalogueDiffersError as error:
            raise CommandError(
                "\n".join(
                    [
                        *map(str, error.differences),
                        f"カタログの内容がフォルダーと違います（{error}）。カタログは変えていません。",
                        "置き換えるには --replace を付けてください。今の内容は dump_plan で保存できます。",
                    ]
                )
            ) from error
        except IntegrityError as error:
            raise CommandError(
                f"データベースの決まりに合わない内容があります（{error}）。カタログは変えていません。"
            ) from error
        self.stdout.write(OUTCOME_MESSAGES[outcome])
