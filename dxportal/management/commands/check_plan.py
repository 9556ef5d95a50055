from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets.sakigake import Money, sakigake_money
from budgets.totals import Total, fiscal_years
from catalog.models import Plan
from dxportal.money_and_years import money
from dxportal.planfiles import checking
from dxportal.planfiles.comparing import differences
from dxportal.planfiles.mapping import folder_of_catalogue
from dxportal.planfiles.raw import FolderError
from dxportal.planfiles.reading import read_folder


class Command(BaseCommand):
    help = "カタログの件数と合計、計画フォルダーとの違い、矛盾を示します。矛盾があるときだけ失敗します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="計画フォルダー")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            expected = read_folder(folder)
        except FolderError as error:
            raise CommandError("\n".join([*map(str, error.problems), str(error)])) from error
        plan = Plan.objects.current()
        if plan is None:
            raise CommandError(
                "公開中の計画がありません。load_plan で読み込むか、管理画面で一つを公開中にしてください。"
            )
        self.section("件数", (f"{name} {count:,}" for name, count in checking.counts()))
        for year in fiscal_years():
            self.section(f"{year}年度 分野別", map(of_total, checking.totals_by_area(year)))
            self.section(f"{year}年度 部局別", map(of_total, checking.totals_by_department(year)))
            each, everything = sakigake_money(year)
            if each:
                self.section(f"{year}年度 {plan.sakigake_label}", (of_money(str(p), own) for p, own in each.items()))
                self.stdout.write(f"  {of_money('すべて', everything)}")
            otherwise = list(checking.printed_otherwise_than_counted(year))
            self.section(f"{year}年度 印刷された額と計上した額の違い（{len(otherwise)}件）", otherwise)
        found = differences(expected, folder_of_catalogue())
        self.section(f"フォルダーの後に変えられたところ（{len(found)}件）", map(str, found))
        broken = list(checking.inconsistencies())
        self.section(f"矛盾（{len(broken)}件）", broken)
        if broken:
            raise CommandError("カタログに矛盾があります。")

    def section(self, title: str, lines: Iterable[str]) -> None:
        self.stdout.write(f"\n{title}")
        for line in lines:
            self.stdout.write(f"  {line}")


def stated(amount: int, whether: object) -> str:
    return money(amount if whether else None)


def of_total(named: tuple[str, Total]) -> str:
    name, total = named
    return (
        f"{name}  予算額 {stated(total.expenditure_thousand_yen, total.expenditure_rows)}  "
        f"融資枠 {stated(total.lending_limit_thousand_yen, total.lending_limit_rows)}  "
        f"{total.counted_rows}行を計上、額の記載なし{total.not_stated_rows}事業"
    )


def of_money(name: str, own: Money) -> str:
    return (
        f"{name}  印刷 {stated(own.printed_expenditure_thousand_yen, own.states_expenditure)}  "
        f"重複を除く {stated(own.distinct_expenditure_thousand_yen, own.counts_expenditure)}  "
        f"うち前の番号で計上 {stated(own.counted_earlier_thousand_yen, own.counts_expenditure)}  "
        f"融資枠 {stated(own.lending_limit_thousand_yen, own.states_lending_limit)}  "
        f"{own.rows}行（再掲{own.repeat_rows}・額の記載なし{own.not_stated_rows}）"
    )
