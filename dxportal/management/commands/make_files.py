"""`manage.py make_files MARK`: the whole tables as finished files, of the revision that has this mark."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

from dxportal.exports.answers import EXTENSIONS
from dxportal.kept.making import make
from dxportal.urls import WHOLE_TABLES

NICENESS = 10  # readers first


class Command(BaseCommand):
    help = "すべての行の表を、公開中の版のファイルにしておきます。サイトが公開のたびに動かします。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mark", metavar="印")

    def handle(self, *args: Any, mark: str, **options: Any) -> None:
        os.nice(NICENESS)
        addresses = [f"/{table.name}.{ending}" for table in WHOLE_TABLES for ending in EXTENSIONS]
        make(settings.FILES_DIR, mark, addresses, get_wsgi_application())
