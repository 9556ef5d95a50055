"""`manage.py make_files`: prebuilds the table files of the published revision; with `--follow`, of each later one."""

from __future__ import annotations

import logging
import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

from dxportal.exports.views import EXTENSIONS
from dxportal.operations.page_cache.prebuild import build_files, read_manifest, revision_folder
from dxportal.operations.page_cache.revision_poller import RevisionPoller
from dxportal.operations.serving import lifeline
from dxportal.urls import PREBUILT_TABLES

NICENESS = 10  # requests take precedence
RETRY_DELAY = 60  # seconds

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "すべての行の表を、公開中の版のファイルにしておきます。--follow では、公開のたびに続けます。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--follow", action="store_true", help="止められるまで、公開のたびに作り直す")

    def handle(self, *args: Any, follow: bool, **options: Any) -> None:
        os.nice(NICENESS)
        if follow:
            lifeline.end_with_supervisor()
            RevisionPoller(build_if_missing).run()
        else:
            build_table_files()


def build_table_files() -> None:
    addresses = [f"/{table.name}.{ending}" for table in PREBUILT_TABLES for ending in EXTENSIONS]
    build_files(settings.FILES_DIR, addresses, get_wsgi_application())


def build_if_missing(revision: str) -> None:
    """Build the files of a revision unless they exist; after a failure wait before the next attempt."""
    if revision and not read_manifest(revision_folder(settings.FILES_DIR, revision)):
        try:
            build_table_files()
        except Exception:
            logger.exception("The finished files could not be made; tables are written anew for each reader.")
            time.sleep(RETRY_DELAY)
