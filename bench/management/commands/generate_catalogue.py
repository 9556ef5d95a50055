from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from bench.generated.catalogue_generator import CannotGenerateError, Size, generate_catalogue
from dxportal.gc_tuning import frozen_startup_objects

CACHE = 512 << 10  # KiB of its tables that SQLite holds in memory for this; it writes anywhere in a gigabyte of them


class Command(BaseCommand):
    help = (
        "試験のために、架空の事業と予算額を、読み込んである計画に加えます。公開しているサイトでは使わないでください。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--projects", type=int, default=100_000, help="加える事業の数（100,000）")
        parser.add_argument("--lines", type=int, default=1_000_000, help="加える予算額の数（1,000,000）")
        parser.add_argument("--years", type=int, default=10, help="計画の最後の年度までの年数（10）")
        parser.add_argument("--seed", type=int, default=1, help="同じ数からは同じ内容ができる（1）")

    def handle(self, *args: Any, projects: int, lines: int, years: int, seed: int, **options: Any) -> None:
        self.stderr.write("架空の数字を書き込みます。公開しているカタログには使わないでください。")
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = -{CACHE}")
        try:
            with frozen_startup_objects():
                written = generate_catalogue(Size(projects, lines, years, seed))
        except CannotGenerateError as error:
            raise CommandError(f"{error}カタログは変えていません。") from error
        for model, count in written.items():
            self.stdout.write(f"{model._meta.verbose_name} {count:,}")
        self.stdout.write("架空の内容を加えました。")
