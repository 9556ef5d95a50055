from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets.sakigake import Money, sakigake_money
from budgets.totals import Total
from budgets.years import read_years
from catalog.models import Plan
from dxportal.money_and_years import money
from dxportal.planfiles import checking
from dxportal.planfiles.comparing import compare_folders
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.mapping import read_catalogue
from dxportal.planfiles.raw_files import FolderError


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
        self.print_section("件数", (f"{name} {count:,}" for name, count in checking.count_rows()))
        years = read_years()
        for year in years.all_years:
            opening = years.opening_measure(year)
            for measure in years.stated_measures(year) or [opening]:
                title = f"{year}年度 {measure.amount_label}"
                self.print_section(f"{title} 分野別", map(summarize_total, checking.sum_by_area(year, measure)))
                self.print_section(f"{title} 部局別", map(summarize_total, checking.sum_by_department(year, measure)))
            by_project, combined = sakigake_money(year, opening)
            if by_project:
                self.print_section(
                    f"{year}年度 {plan.sakigake_label}",
                    (describe_sakigake_money(str(p), amounts) for p, amounts in by_project.items()),
                )
                self.stdout.write(f"  {describe_sakigake_money('すべて', combined)}")
            mismatches = list(checking.find_differing_amounts(year, opening))
            self.print_section(f"{year}年度 資料の額と集計額の違い（{len(mismatches)}件）", mismatches)
        differing = compare_folders(expected, read_catalogue())
        self.print_section(f"フォルダーの後に変えられたところ（{len(differing)}件）", map(str, differing))
        inconsistencies = list(checking.find_inconsistencies())
        self.print_section(f"矛盾（{len(inconsistencies)}件）", inconsistencies)
        if inconsistencies:
            raise CommandError("カタログに矛盾があります。")

    def print_section(self, title: str, lines: Iterable[str]) -> None:
        self.stdout.write(f"\n{title}")
        for line in lines:
            self.stdout.write(f"  {line}")


def format_amount(amount: int, is_stated: object) -> str:
    return money(amount if is_stated else None)


def summarize_total(name_and_total: tuple[str, Total]) -> str:
    name, total = name_and_total
    return (
        f"{name}  予算額 {format_amount(total.expenditure_thousand_yen, total.expenditure_rows)}  "
        f"融資枠 {format_amount(total.lending_limit_thousand_yen, total.lending_limit_rows)}  "
        f"{total.counted_rows}行を計上、額の記載なし{total.not_stated_rows}事業"
    )


def describe_sakigake_money(name: str, amounts: Money) -> str:
    return (
        f"{name}  印刷 {format_amount(amounts.printed_expenditure_thousand_yen, amounts.states_expenditure)}  "
        f"重複を除く {format_amount(amounts.distinct_expenditure_thousand_yen, amounts.counts_expenditure)}  "
        f"うち他と重複 {format_amount(amounts.counted_earlier_thousand_yen, amounts.counts_expenditure)}  "
        f"融資枠 {format_amount(amounts.lending_limit_thousand_yen, amounts.states_lending_limit)}  "
        f"{amounts.rows}行（再掲{amounts.repeat_rows}・額の記載なし{amounts.not_stated_rows}）"
    )
