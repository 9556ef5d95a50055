from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dxportal.search.indexing import find_wrong_documents
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index


class Command(BaseCommand):
    help = "検索の索引を、公開されている内容と比べます。違うときだけ失敗します。"

    def handle(self, *args: Any, **options: Any) -> None:
        gone, wrong = find_wrong_documents()
        if gone or wrong:
            raise CommandError(
                f"索引が公開されている内容と違います（余分 {len(gone)}件、不足または相違 {len(wrong)}件）。"
                "rebuild_search で作り直してください。"
            )
        if chunks := site_index.wrong_chunks():
            raise CommandError(f"索引の表が項目と違います（{len(chunks)}区間）。rebuild_search で作り直してください。")
        self.stdout.write(f"索引は公開されている内容と同じです（{SearchDocument.objects.count():,}件）。")
