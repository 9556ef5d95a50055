from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets.totals import Total
from catalog.models import Plan
from dxportal.planfolder import checking
from dxportal.planfolder.comparing import differences
from dxportal.planfolder.dumping import folder_of_catalogue
from dxportal.planfolder.raw import FolderError
from dxportal.planfolder.reading import read_folder
from projects.models import Appearance


class Command(BaseCommand):
    help = "カタログの件数と合計、計画フォルダーとの違い、矛盾を示します。矛盾があるときだけ失敗します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="計画フォルダー")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            expected = read_folder(folder)
        except FolderError as error:
            raise CommandError("\n".join([*map(str, error.problems), str(error)])) from error
        if not Plan.objects.exists():
            raise CommandError("カタログは空です。load_plan で読み込んでください。")
        self.section("件数", (f"{name} {count:,}" for name, count in checking.counts()))
        for year in Appearance.objects.fiscal_years():
            self.totals(f"{year}年度 分野別", checking.totals_by_area(year))
            self.totals(f"{year}年度 部局別", checking.totals_by_department(year))
            self.section(f"{year}年度 魁プロジェクト", checking.sakigake_lines(year))
        found = differences(expected, folder_of_catalogue())
        self.section(f"フォルダーの後に変えられたところ（{len(found)}件）", map(str, found))
        broken = list(checking.inconsistencies())
        self.section(f"矛盾（{len(broken)}件）", broken)
        if broken:
            raise CommandError("カタログに矛盾があります。")

    def totals(self, title: str, totals: Any) -> None:
        self.section(title, (f"{name}  {sentence(total)}" for name, total in totals))

    def section(self, title: str, lines: Any) -> None:
        self.stdout.write(f"\n{title}")
        for line in lines:
            self.stdout.write(f"  {line}")


def sentence(total: Total) -> str:
    return (
        f"予算額 {total.expenditure_thousand_yen:,}千円  融資枠 {total.lending_limit_thousand_yen:,}千円  "
        f"{total.counted_rows}行を計上、額の記載なし{total.not_stated_rows}事業"
    )
