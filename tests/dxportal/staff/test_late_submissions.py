"""Submitted input survives the end of a session, for its user alone, for an hour."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from dxportal.changesets.models import ChangeSet
from dxportal.sheets.models import Upload
from dxportal.staff.models import Duty, LateFile, LateSubmission, Role
from tests.dxportal.staff.late_forms import (
    HOUR,
    PASSWORD,
    create_staff,
    current_address,
    end_sessions,
    form_fields,
    late_form,
    open_browser,
    send_late,
    sign_in,
    text_of,
)
from tests.dxportal.staff.staff_actions import admin_address, find_line, sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fast_passwords")]


# For the same user alone


def test_another_user_sees_nothing_and_the_owner_still_can(
    csrf_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    create_staff("taro")
    form = late_form(csrf_client)
    to = send_late(csrf_client, admin_address(find_line("workation")), form)
    response = sign_in(csrf_client, to, "taro")
    assert response.status_code == 403
    assert "ほかの利用者の入力です。" in text_of(response)
    assert "大事な注" not in text_of(response)
    csrf_client.post(
        "/admin/logout/", {"csrfmiddlewaretoken": form_fields(response.content.decode()).get("csrfmiddlewaretoken", "")}
    )
    assert "大事な注" in sign_in(Client(), to).content.decode()
    assert "大事な注" not in caplog.text


def test_another_user_who_sends_to_the_address_sends_what_is_theirs(csrf_client: Client) -> None:
    taro = sign_in_as(create_staff("taro"))
    sheet = SimpleUploadedFile("a.csv", b"x")
    to = send_late(csrf_client, "/admin/sheets/", {"sheet": sheet})
    taro.force_login(User.objects.get(username="taro"))
    taro.post(unquote(to.partition("next=")[2]), {})
    assert not Upload.objects.exists()
    assert LateFile.objects.exists()


def test_the_address_alone_gives_nothing(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    to = send_late(csrf_client, admin_address(find_line("workation")), form)
    for client in (csrf_client, Client()):
        assert client.get(unquote(to.partition("next=")[2])).headers["Location"] == to
        assert "大事" not in client.get(to).content.decode()


def test_after_an_hour_it_is_gone_and_says_so(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    to = send_late(csrf_client, admin_address(find_line("workation")), form)
    LateSubmission.objects.update(received_at=F("received_at") - HOUR)
    assert "預かっています" not in text_of(csrf_client.get(to))
    response = sign_in(csrf_client, to)
    assert response.status_code == 404
    assert "預かっていた入力は、もうありません。" in text_of(response)
    assert f'href="{admin_address(find_line("workation"))}"' in response.content.decode()
    assert not LateSubmission.objects.exists()  # signing in has deleted it


def test_signing_in_deletes_sessions_that_nobody_comes_back_for(csrf_client: Client) -> None:
    taro = open_browser(create_staff("taro"))
    end_sessions(37)
    sign_in(csrf_client, "/admin/login/")
    assert [row.session_key for row in Session.objects.all()] == [csrf_client.session.session_key]
    assert taro.session.session_key not in {row.session_key for row in Session.objects.all()}


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "%00", "７" * 32])
def test_an_address_that_never_was(csrf_client: Client, token: str) -> None:
    assert csrf_client.get(f"/admin/sheets/?_late={token}").status_code == 404
    assert Client().get(f"/admin/login/?next=/admin/%3F_late%3D{token}").status_code == 200
    assert Client().get(f"/admin/login/?next=//[%3F_late%3D{token}").status_code == 200


def test_the_start_page_leads_back_where_the_address_is_lost(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    send_late(csrf_client, admin_address(find_line("workation")), form)
    html = sign_in(csrf_client, "/admin/login/").content.decode()
    assert f'href="{LateSubmission.objects.get().get_absolute_url()}"' in html
    assert "預かっている入力" not in sign_in_as(create_staff("taro")).get("/admin/").content.decode()


def test_a_form_may_be_late_twice(csrf_client: Client) -> None:
    path = admin_address(find_line("workation"))
    form = form_fields(csrf_client.get(path).content.decode()) | {"editorial_note": "一"}
    response = sign_in(csrf_client, send_late(csrf_client, path, form))
    again = send_late(
        csrf_client, current_address(response), form_fields(response.content.decode()) | {"editorial_note": "二"}
    )
    assert again.count("_late") == 1
    assert form_fields(sign_in(csrf_client, again).content.decode())["editorial_note"] == "二"


# Signed in again in another tab: the form has the token of the session before


def test_a_form_from_before_another_sign_in_comes_back(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    end_sessions()
    sign_in(csrf_client, "/admin/login/")
    path = admin_address(find_line("workation"))
    response = csrf_client.post(path, form, follow=True, HTTP_ORIGIN="http://testserver")
    assert current_address(response).startswith(f"{path}?_late=")
    assert form_fields(response.content.decode())["editorial_note"] == "大事な注"
    assert not ChangeSet.objects.exists()
    assert csrf_client.post(current_address(response), form_fields(response.content.decode())).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "大事な注")}


def test_signing_in_on_a_page_from_before_another_sign_in(csrf_client: Client) -> None:
    form = form_fields(Client().get("/admin/login/").content.decode())
    csrf_client.get("/admin/password_change/")
    response = csrf_client.post("/admin/login/?next=/admin/", form, HTTP_ORIGIN="http://testserver")
    assert response.headers["Location"] == "/admin/login/?next=/admin/"


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://testserver.evil.example"])
def test_a_form_that_no_browser_vouches_for_is_refused(csrf_client: Client, origin: str | None) -> None:
    form = late_form(csrf_client) | {"csrfmiddlewaretoken": "x" * 64}
    response = csrf_client.post(
        admin_address(find_line("workation")), form, **({"HTTP_ORIGIN": origin} if origin else {})
    )
    assert response.status_code == 403
    assert not LateSubmission.objects.exists()


# Submissions that are not stored


@pytest.mark.parametrize("token", ["", "x" * 64])
def test_a_form_of_another_site_is_refused_and_not_kept(csrf_client: Client, token: str) -> None:
    csrf_client.get(admin_address(find_line("workation")))
    end_sessions()
    sent = {"csrfmiddlewaretoken": token, "editorial_note": "注"}
    response = csrf_client.post(admin_address(find_line("workation")), sent, HTTP_ORIGIN="http://testserver")
    assert response.status_code == 403
    assert not LateSubmission.objects.exists()


@pytest.mark.parametrize("path", ["/admin/auth/user/add/", "/admin/auth/user/1/password/", "/admin/password_change/"])
def test_passwords_are_not_kept(path: str) -> None:
    client = open_browser(User.objects.create_superuser("bureau", password=PASSWORD))
    path = path.replace("/1/", f"/{User.objects.get().pk}/")
    names = re.findall(r'name="([a-z_]*password[0-9]?)"', client.get(path).content.decode())
    secrets = {name: "momiji-no-ha-77" for name in names if name != "usable_password"}
    assert len(secrets) >= 2
    response = sign_in(client, send_late(client, path, secrets))
    assert b"momiji" not in bytes(LateSubmission.objects.get().fields_json)
    assert current_address(response).startswith(path)
    assert "momiji" not in response.content.decode()
    assert "パスワードは預かっていないので、入れ直してください。" in text_of(response)
    assert 'type="password"' in response.content.decode()


@pytest.mark.parametrize("hours", [37, 1000])
def test_after_a_day_nothing_is_kept(csrf_client: Client, hours: int) -> None:
    form = late_form(csrf_client)
    end_sessions(hours)
    assert csrf_client.post(admin_address(find_line("workation")), form).status_code == 302
    assert not LateSubmission.objects.exists()


def test_after_signing_out_nothing_is_kept(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    cookies = dict(csrf_client.cookies)
    csrf_client.post("/admin/logout/", {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]})
    csrf_client.cookies.update(cookies)
    assert csrf_client.post(admin_address(find_line("workation")), form).status_code == 302
    assert not LateSubmission.objects.exists()


def test_what_is_too_large_is_told_and_not_lost(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    end_sessions()
    response = csrf_client.post(
        admin_address(find_line("workation")), form | {"editorial_note": "大事な注" + "字" * 400_000}
    )
    assert response.status_code == 413
    assert "入力が1MBを超えるため、預かれませんでした。" in text_of(response)
    assert "大事な注" in text_of(response)
    file = SimpleUploadedFile("a.csv", b"x" * (5 * 1024 * 1024 + 1))
    response = csrf_client.post("/admin/sheets/", {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"], "sheet": file})
    assert response.status_code == 413
    assert "ファイルが5MBを超えています。" in text_of(response)
    assert not LateSubmission.objects.exists()


def test_the_largest_file_is_kept(csrf_client: Client) -> None:
    send_late(csrf_client, "/admin/sheets/", {"sheet": SimpleUploadedFile("a.csv", b"x" * 5 * 1024 * 1024)})
    assert LateFile.objects.get().size == 5 * 1024 * 1024


def test_of_a_user_the_latest_five_are_kept(csrf_client: Client) -> None:
    form = late_form(csrf_client)
    end_sessions()
    for number in range(7):
        csrf_client.post(admin_address(find_line("workation")), form | {"editorial_note": str(number)})
    notes = [late.data["editorial_note"] for late in LateSubmission.objects.current()]
    assert notes == ["6", "5", "4", "3", "2"]


def test_null_characters_are_kept_as_they_were_sent(csrf_client: Client) -> None:
    response = sign_in(csrf_client, send_late(csrf_client, "/admin/sheets/new-year/", {"base": "2021", "year": "a\0b"}))
    assert LateSubmission.objects.get().data["year"] == "a\0b"
    assert response.status_code == 200


def test_it_is_in_no_list_of_the_admin() -> None:
    assert not {LateSubmission, LateFile} & set(admin.site._registry)


# Users who may no longer do it


@pytest.mark.parametrize("is_ended", [False, True])
@pytest.mark.parametrize("change", [{"is_active": False}, {"is_superuser": False}])
def test_a_user_who_was_stopped_is_told_and_can_copy_the_text(
    csrf_client: Client, change: dict[str, bool], is_ended: bool
) -> None:
    form = late_form(csrf_client)
    User.objects.update(**change)
    Duty.objects.all().delete()
    if is_ended:
        end_sessions()
    response = csrf_client.post(admin_address(find_line("workation")), form)
    assert response.status_code == 403
    assert "職員用の画面を使えなくなっています。" in text_of(response)
    assert "大事な注" in text_of(response)
    assert not LateSubmission.objects.exists()


@pytest.mark.parametrize("is_ended", [False, True])
def test_a_changed_password_ends_the_session_for_this_too(csrf_client: Client, is_ended: bool) -> None:
    form = late_form(csrf_client)
    user = User.objects.get()
    user.set_password("momiji-no-ha-77")
    user.save()
    if is_ended:
        end_sessions()
    response = csrf_client.post(admin_address(find_line("workation")), form)
    assert response.status_code == 403
    assert "パスワードが変わったため" in text_of(response)
    assert "大事な注" in text_of(response)
    assert not LateSubmission.objects.exists()


def test_who_has_lost_every_duty_cannot_sign_in_and_finds_the_text_when_there_is_one_again() -> None:
    client = open_browser(create_staff("bureau", Role.BUREAU))
    to = send_late(client, admin_address(find_line("workation")), late_form(client))
    Duty.objects.all().delete()
    assert "まだ役割がありません" in text_of(sign_in(client, to))
    Duty.objects.create(user=User.objects.get(), role=Role.BUREAU)
    assert "大事な注" in text_of(sign_in(client, to))


def test_who_has_lost_the_duty_is_told_and_can_copy_the_text() -> None:
    department = find_line("workation").department
    client = open_browser(create_staff("bureau", Role.EDITOR, department.code))
    to = send_late(client, admin_address(find_line("workation")), late_form(client))
    Duty.objects.update(role=Role.VIEWER)
    response = sign_in(client, to)
    assert response.status_code == 403
    assert "今のあなたの役割では開けない" in text_of(response)
    assert "大事な注" in text_of(response)
    assert 'action="/admin' not in response.content.decode().partition('class="change-set"')[2]
    assert not ChangeSet.objects.exists()
