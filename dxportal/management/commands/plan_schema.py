from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dxportal.planfiles.folder_reader import DOCUMENT_ADAPTER, FILE_ADAPTERS


class Command(BaseCommand):
    help = "計画フォルダーのファイルの形を JSON Schema で示します。エディターに渡すと、書きながら形を確かめられます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", choices=[*FILE_ADAPTERS, "document.yaml"], help="ファイルの名（資料は document.yaml）"
        )

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        schema = FILE_ADAPTERS.get(file, DOCUMENT_ADAPTER).json_schema()
        self.stdout.write(json.dumps(schema, ensure_ascii=False, indent=2))
