"""`make administrator`: creates the first administrator, interactively in Japanese or from the environment."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from dxportal.served_markers import site_address


class Command(BaseCommand):
    help = "最初の管理者を作ります。管理者がもういれば、何もしません。"

    def handle(self, *args: Any, **options: Any) -> None:
        administrators = User.objects.filter(is_superuser=True, is_active=True)
        if administrators.exists():
            names = "、".join(administrators.values_list("username", flat=True))
            self.stdout.write(f"管理者はもういます（{names}）。ほかの利用者は {site_address()}/admin/ で加えられます。")
            return
        is_interactive = "DJANGO_SUPERUSER_PASSWORD" not in os.environ
        if is_interactive and not sys.stdin.isatty():
            raise CommandError(
                "端末から打ち込めるところで動かすか、DJANGO_SUPERUSER_USERNAME、DJANGO_SUPERUSER_EMAIL、"
                "DJANGO_SUPERUSER_PASSWORD に書いてください。"
            )
        if is_interactive:
            self.stdout.write(
                "最初の管理者を作ります。ユーザー名、メールアドレス（パスワードを忘れたときに使います）、"
                "パスワードを2回、順に入れてください。パスワードは画面に出ません。"
            )
        call_command("createsuperuser", interactive=is_interactive, verbosity=0, stdout=self.stdout)
        self.stdout.write(f"管理者を作りました。{site_address()}/admin/ からログインできます。")
