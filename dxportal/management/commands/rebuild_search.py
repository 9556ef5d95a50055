from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from dxportal.revisions.locks import take_exclusive_lock
from dxportal.search.indexing import refresh_index
from dxportal.search.models import SearchDocument


class Command(BaseCommand):
    help = "検索の索引を、公開されている内容から作り直します。"

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        with transaction.atomic():
            take_exclusive_lock()
            refresh_index(None)
        if verbosity:
            self.stdout.write(f"検索の索引を作り直しました（{SearchDocument.objects.count():,}件）。")
