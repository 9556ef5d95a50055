from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from budgets import materialized_rows
from budgets.models import BudgetRow
from dxportal.revisions.locks import take_exclusive_lock
from dxportal.revisions.names.folded_names import refresh_folded_names


class Command(BaseCommand):
    help = "予算額の表、事業の表の順、名の表を、公開されている内容から作り直します。"

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            take_exclusive_lock()
            materialized_rows.refresh_budgets(None)
            refresh_folded_names(None)
        self.stdout.write(f"表の順を作り直しました（予算額の表 {BudgetRow.objects.count():,}行）。")
