from __future__ import annotations

import re
import runpy
import threading
from datetime import timedelta
from email.utils import parseaddr
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axes.models import AccessAttempt
from django.conf import settings as installed
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Department
from dxportal.environment import parse_port, parse_switch
from dxportal.served_markers import marker_file
from dxportal.staff.models import Duty, Role
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db

LOGIN, FORGOTTEN = "/admin/login/", "/admin/password-reset/"
PASSWORD, ANOTHER = "sakura-no-hana-42", "momiji-no-ha-77"
ADDRESS = "hanako@pref.example"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """Passwords are hashed within a test's patience, and no mail of an earlier test counts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def hanako() -> User:
    return User.objects.create_superuser("hanako", ADDRESS, PASSWORD)


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    for name, value in settings_with(monkeypatch, SITE_URL="https://portal.example").items():
        if name.startswith(("AXES_IPWARE", "IPWARE")):
            setattr(settings, name, value)


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    monkeypatch.delenv("EMAIL_HOST", raising=False)
    for name, value in {"SECRET_KEY": "x", **environment}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "dxportal" / "settings.py"))


def sign_in(client: Client, name: str = "hanako", password: str = "wrong", **more: str) -> HttpResponse:  # noqa: S107
    return client.post(LOGIN, {"username": name, "password": password, "next": more.pop("next", "/admin/")}, **more)


def fail(client: Client, times: int, **more: str) -> list[int]:
    return [sign_in(client, **more).status_code for _ in range(times)]


def signed_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


# Guessing passwords locks the account for a while


def test_the_fifth_failure_closes_the_name_to_the_address_even_with_the_right_password(
    client: Client, hanako: User
) -> None:
    assert fail(client, 5) == [200, 200, 200, 200, 429]
    assert sign_in(client, password=PASSWORD).status_code == 429
    assert not signed_in(client)


def test_the_page_says_what_happened_until_when_and_whom_to_ask(client: Client, hanako: User) -> None:
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=4, seconds=30))
    response = sign_in(client)
    html = response.content.decode()
    until = timezone.localtime(AccessAttempt.objects.get().attempt_time + timedelta(minutes=15))
    assert f"約11分後、{until.hour}時{until:%M}分を過ぎたら" in html
    assert 625 <= int(response.headers["Retry-After"]) <= 631
    assert "<h1>しばらくログインできません</h1>" in html
    assert "続けて入力された" in html
    assert "このサイトの管理者に連絡してください" in html
    assert FORGOTTEN in html
    assert "計画カタログの管理" in html
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_the_wait_ends_after_fifteen_minutes_and_asking_meanwhile_does_not_prolong_it(
    client: Client, hanako: User
) -> None:
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=14, seconds=50))
    assert fail(client, 3) == [429, 429, 429]
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(seconds=11))
    assert sign_in(client, password=PASSWORD).status_code == 302
    assert signed_in(client)


def test_other_names_from_the_address_and_the_name_from_other_addresses_get_in(client: Client, hanako: User) -> None:
    User.objects.create_superuser("taro", password=PASSWORD)
    fail(client, 5)
    assert sign_in(client, "taro", PASSWORD).status_code == 302
    assert sign_in(client, password=PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_success_forgets_the_failures_before_it(client: Client, hanako: User) -> None:
    assert fail(client, 4) == [200] * 4
    assert sign_in(client, password=PASSWORD).status_code == 302
    assert sign_in(client).status_code == 200


def test_another_browser_or_spelling_is_no_other_attempt(client: Client, hanako: User) -> None:
    names = ("hanako", " hanako", "ｈａｎａｋｏ", "hanako ")
    assert [sign_in(client, name, HTTP_USER_AGENT=name.strip()[:3]).status_code for name in names] == [200] * 4
    assert sign_in(client, HTTP_USER_AGENT="x").status_code == 429


def test_without_a_proxy_a_header_of_the_client_changes_nothing(client: Client, hanako: User) -> None:
    statuses = [sign_in(client, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code for n in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


@pytest.mark.usefixtures("behind_a_proxy")
def test_behind_a_proxy_its_last_word_counts_whatever_the_client_wrote_before(client: Client, hanako: User) -> None:
    written = ["", "8.8.8.8, ", "8.8.4.4, 10.0.0.1, ", "nonsense, ", '"a,b", , ']
    statuses = [sign_in(client, HTTP_X_FORWARDED_FOR=f"{words}203.0.113.9").status_code for words in written]
    assert statuses == [200, 200, 200, 200, 429]
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.9"}
    assert sign_in(client, password=PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.10").status_code == 302


def test_https_means_a_proxy_and_http_none(monkeypatch: pytest.MonkeyPatch) -> None:
    header = "AXES_IPWARE_META_PRECEDENCE_ORDER"
    assert settings_with(monkeypatch, SITE_URL="https://portal.example")[header] == ("HTTP_X_FORWARDED_FOR",)
    assert settings_with(monkeypatch, SITE_URL="http://portal.example")[header] == ("REMOTE_ADDR",)


def test_a_name_longer_than_any_is_refused_and_counted_in_part(client: Client) -> None:
    assert fail(client, 5, name="字" * 10_000) == [200, 200, 200, 200, 429]
    assert AccessAttempt.objects.get().username == "字" * 150
    assert sign_in(client, "a\0b").status_code == 200


def test_what_was_typed_is_not_kept(client: Client) -> None:
    sign_in(client, password="a-secret")  # noqa: S106
    attempt = AccessAttempt.objects.get()
    assert "a-secret" not in attempt.post_data + attempt.get_data


def test_an_administrator_opens_what_is_closed(client: Client, hanako: User) -> None:
    fail(client, 5)
    call_command("axes_reset_username", "hanako", stdout=StringIO())
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_the_failures_have_no_pages_in_the_admin(client: Client, hanako: User) -> None:
    client.force_login(hanako)
    assert "/admin/axes/" not in client.get("/admin/").content.decode()
    assert client.get("/admin/axes/accessattempt/").status_code == 404


# Nobody learns who has an account


def test_an_unknown_name_a_wrong_password_and_an_idle_account_get_the_same_answer(client: Client, hanako: User) -> None:
    idle = User.objects.create_user("idle", password=PASSWORD, is_active=False)
    Duty.objects.create(user=idle, role=Role.BUREAU)
    User.objects.create_user("reader", password=PASSWORD)

    def answer(name: str, password: str) -> str:
        html = sign_in(client, name, password).content.decode()
        assert "ユーザー名とパスワードを入力してください" in html
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html).replace(name, "")

    answers = {
        answer("hanako", "wrong"),
        answer("nobody", "wrong"),
        answer("idle", PASSWORD),
        answer("reader", "wrong"),
    }
    assert len(answers) == 1


def test_who_has_no_duty_is_told_so_and_whom_to_ask_once_the_password_is_right(client: Client, hanako: User) -> None:
    User.objects.filter(pk=hanako.pk).update(last_name="山口", first_name="花子")
    reader = User.objects.create_user("reader", password=PASSWORD)
    html = sign_in(client, "reader", PASSWORD).content.decode()
    assert "この利用者にはまだ役割がありません。このサイトの管理者（山口 花子）に、役割を付けてもらって" in html
    assert "ユーザー名とパスワードを入力してください" not in html
    client.force_login(reader)  # whose duty was taken away while signed in
    assert "この利用者には、まだ役割がありません。" in client.get("/admin/", follow=True).content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_whoever_has_a_duty_gets_in_whatever_djangos_flag_says(client: Client, role: str) -> None:
    user = User.objects.create_user("new", password=PASSWORD)
    assert not user.is_staff
    department = None if role == Role.BUREAU else Department.objects.first()
    Duty.objects.create(user=user, role=role, department=department)
    assert sign_in(client, "new", PASSWORD).headers["Location"] == "/admin/"
    assert "まだ役割がありません" not in (page := client.get("/admin/").content.decode())
    assert "変更のまとまり" in page
    assert "/admin/auth/user/" not in page
    assert client.get("/admin/auth/user/").status_code == 403


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    client: Client, hanako: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return "md5$salt$x"

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    sign_in(client, "hanako")
    known = len(hashed)
    sign_in(client, "nobody")
    assert known == 1
    assert len(hashed) == 2 * known


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/admin/budgets/budgetline/?q=1", "/admin/budgets/budgetline/?q=1"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("/\\evil.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("", "/admin/"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(client: Client, hanako: User, wanted: str, got: str) -> None:
    assert sign_in(client, password=PASSWORD, next=wanted).headers["Location"] == got


# Sessions


def test_a_session_lasts_a_working_day_and_scripts_do_not_see_its_cookie(client: Client, hanako: User) -> None:
    cookie = sign_in(client, password=PASSWORD).cookies["sessionid"]
    assert cookie["max-age"] == 36 * 60 * 60  # a day longer than the session, so that what is sent late is not lost
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    session = client.session
    assert session.get_expiry_age() == 12 * 60 * 60
    session.set_expiry(-1)
    session.save()
    assert not signed_in(client)


def test_signing_out_takes_a_post(client: Client, hanako: User) -> None:
    client.force_login(hanako)
    assert client.get("/admin/logout/").status_code == 405
    assert signed_in(client)
    assert client.post("/admin/logout/").status_code == 200
    assert not signed_in(client)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client: Client, hanako: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        assert sign_in(browser, password=PASSWORD).status_code == 302
    form = {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}
    assert client.post("/admin/password_change/", form).status_code == 302
    assert signed_in(client)
    assert not signed_in(elsewhere)


# A new password through a link in a mail


def ask(client: Client, address: str = ADDRESS, **more: str) -> HttpResponse:
    response = client.post(FORGOTTEN, {"email": address}, follow=True, **more)
    wait_for_mails()
    return response


def wait_for_mails() -> None:
    for thread in threading.enumerate():
        if thread.name == "password-reset-mail":
            thread.join()


def link_in(message: EmailMessage) -> str:
    (link,) = re.findall(r"https?://\S+", str(message.body))
    return str(link)


def open_link(client: Client, link: str) -> str:
    return client.get(urlsplit(link).path, follow=True).content.decode()


def test_the_login_page_leads_to_the_link(client: Client) -> None:
    assert f'href="{FORGOTTEN}"' in client.get(LOGIN).content.decode()


def test_the_mail_is_plain_japanese_and_its_link_is_the_public_address(client: Client, hanako: User) -> None:
    ask(client, HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example")
    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    assert message.subject == "パスワードの再設定（やまぐちデジタル改革基本方針（案））"
    assert parseaddr(message.from_email)[1] == installed.DEFAULT_FROM_EMAIL
    assert message.alternatives == []
    assert "「やまぐちデジタル改革基本方針（案）」の職員用ページ" in message.body
    assert "60分間、1回だけ使えます。" in message.body
    assert "ユーザー名：hanako\n" in message.body
    assert link_in(message).startswith(f"{installed.SITE_URL}/admin/password-reset/")
    assert "localhost" not in message.body
    assert "{" not in message.body


def test_known_and_unknown_addresses_get_the_same_answer(client: Client, hanako: User) -> None:
    known, unknown = ask(client), ask(client, "nobody@pref.example")
    assert known.redirect_chain == unknown.redirect_chain == [("/admin/password-reset/sent/", 302)]
    assert known.content == unknown.content
    assert "登録されていれば" in known.content.decode()
    assert len(mail.outbox) == 1


def test_a_mailbox_is_not_flooded(client: Client, hanako: User) -> None:
    first, second = ask(client), ask(client)
    assert first.content == second.content
    assert len(mail.outbox) == 1
    User.objects.create_superuser("taro", "taro@pref.example", PASSWORD)
    ask(client, "taro@pref.example")
    assert [message.to for message in mail.outbox] == [[ADDRESS], ["taro@pref.example"]]


def test_a_link_sets_the_password_once_and_ends_all_sessions(client: Client, hanako: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(hanako)
    ask(client)
    link = link_in(mail.outbox[0])
    response = client.get(urlsplit(link).path)
    assert response.status_code == 302
    assert link.split("/")[-2] not in response.headers["Location"]  # the token is kept out of later addresses
    weak = client.post(response.headers["Location"], {"new_password1": "123", "new_password2": "123"})
    assert "数字しか使われていません" in weak.content.decode()
    form = {"new_password1": ANOTHER, "new_password2": ANOTHER}
    done = client.post(response.headers["Location"], form, follow=True).content.decode()
    assert f'href="{LOGIN}"' in done
    assert not signed_in(client)
    assert not signed_in(elsewhere)
    assert "<h1>リンクを使えません</h1>" in open_link(Client(), link)
    assert sign_in(client, password=ANOTHER).status_code == 302


def test_a_link_ends_after_an_hour(client: Client, hanako: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(client)
    link = link_in(mail.outbox[0])
    sent = timezone.now().astimezone().replace(tzinfo=None)

    def open_after(seconds: int) -> str:
        now = sent + timedelta(seconds=seconds)
        monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda self: now)
        return open_link(Client(), link)

    assert "<h1>新しいパスワード</h1>" in open_after(3590)
    assert "<h1>リンクを使えません</h1>" in open_after(3610)


@pytest.mark.parametrize("end", ["MQ/abc-def/", "MQ/_00/", "OTIyMzM3MjAzNjg1NDc3NTgwOA/c0ffee-0/", "AA/a-b/", "x/y/"])
def test_a_link_that_was_never_sent(client: Client, end: str) -> None:
    assert "<h1>リンクを使えません</h1>" in client.get(f"{FORGOTTEN}{end}").content.decode()


def test_a_server_of_mails_that_does_not_answer_is_no_fault_of_the_page(
    client: Client, hanako: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: EmailMessage) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", refuse)
    assert ask(client).status_code == 200
    assert "Failed to send password reset email" in caplog.text


def test_the_answer_does_not_wait_for_the_mail(client: Client, hanako: User, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    sent = []
    monkeypatch.setattr(EmailMessage, "send", lambda self: sent.append(answered.wait(20)))
    client.post(FORGOTTEN, {"email": ADDRESS})
    answered.set()
    wait_for_mails()
    assert sent == [True]


# Settings from the environment


def test_mails_go_to_a_server_when_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = settings_with(monkeypatch, SITE_URL="https://portal.example")
    assert alone["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert alone["DEFAULT_FROM_EMAIL"] == "noreply@portal.example"
    found = settings_with(monkeypatch, EMAIL_HOST="smtp.example", EMAIL_USE_TLS="1", DEFAULT_FROM_EMAIL="県 <a@b.jp>")
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("smtp.example", 587, True)
    assert found["DEFAULT_FROM_EMAIL"] == "県 <a@b.jp>"


def test_a_wrong_value_is_one_sentence() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_USE_TLS=yes は使えません"):
        parse_switch("EMAIL_USE_TLS", "yes")
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_PORT=x はポート番号ではありません"):
        parse_port("x", "EMAIL_PORT", 25)


def test_the_first_administrator_comes_from_the_environment_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    def said() -> str:
        out = StringIO()
        call_command("administrator", stdout=out)
        return out.getvalue()

    for name in ("DJANGO_SUPERUSER_PASSWORD", "SITE_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.VAR_DIR, settings.SITE_URL = tmp_path, "http://127.0.0.1:8000"
    marker_file().parent.mkdir()  # as `PORT=8123 make run` leaves it
    marker_file().write_text("the database\nhttp://127.0.0.1:8123\n", encoding="utf-8")
    with pytest.raises(CommandError, match="DJANGO_SUPERUSER_USERNAME"):  # nobody is there to be asked
        said()
    for name, value in {"USERNAME": "first", "EMAIL": ADDRESS, "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    assert said() == "管理者を作りました。http://127.0.0.1:8123/admin/ からログインできます。\n"
    assert User.objects.get(username="first").check_password(PASSWORD)
    assert said() == "管理者はもういます（first）。ほかの利用者は http://127.0.0.1:8123/admin/ で加えられます。\n"
    monkeypatch.setenv("PORT", "8000")
    assert "http://127.0.0.1:8000/admin/" in said()
    assert User.objects.count() == 1


def test_public_pages_do_not_ask_who_is_there(client: Client, hanako: User) -> None:
    sign_in(client, password=PASSWORD)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    asked = " ".join(query["sql"] for query in queries)
    assert "catalog_plan" in asked
    assert not re.search("axes_|auth_user|django_session", asked)
