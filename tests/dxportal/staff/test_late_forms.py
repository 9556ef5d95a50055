"""Submitted input comes back in its form after the session has ended, and nothing is saved by that."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from budgets.models import BudgetLine, ChangeReason, PrintedStage, StageComponent
from dxportal.changesets.models import ChangeSet, State
from dxportal.sheets.models import Upload
from dxportal.staff.models import LateFile, LateSubmission, Role
from projects.models import Appearance, Project, ProjectPart
from tests.budgets.making import change_reason
from tests.dxportal.staff.late_forms import (
    PASSWORD,
    create_staff,
    current_address,
    form_fields,
    late_form,
    open_browser,
    send_late,
    sign_in,
    text_of,
    without_token,
)
from tests.dxportal.staff.staff_actions import admin_address, edit, find_line, read_questions, sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fast_passwords")]


# Back to the form


def test_a_project_with_its_rows_comes_back_and_is_saved(csrf_client: Client) -> None:
    project = Project.objects.get(code="workation")
    form = form_fields(csrf_client.get(admin_address(project)).content.decode())
    (amount,) = [
        name for name, value in form.items() if value == "85,000" and not name.startswith(("initial", "appear"))
    ]
    new_row = {name.replace("__prefix__", "0"): value for name, value in form.items() if "parts-__prefix__" in name}
    form |= {"editorial_note": "一行目\r\n二行目 <b>&", amount: "86,000"}
    form |= new_row | {"parts-TOTAL_FORMS": "1", "parts-0-code": "neu", "parts-0-name": "新しい内訳"}
    form["parts-0-position"] = "0"
    to = send_late(csrf_client, admin_address(project), form | {"_save": "保存"})
    late = LateSubmission.objects.get()
    until = timezone.localtime(late.expires_at)
    assert f"{until.hour}時{until:%M}分まで預かっています" in text_of(csrf_client.get(to))

    response = sign_in(csrf_client, to)
    assert response.status_code == 200
    assert current_address(response).startswith(f"{admin_address(project)}?_late=")
    assert "ログインし直しました。" in text_of(response)
    html = response.content.decode()
    shown = form_fields(html)
    assert shown["editorial_note"] == "一行目\r\n二行目 <b>&"
    assert (shown[amount], shown["parts-0-name"]) == ("86,000", "新しい内訳")
    assert "errornote" not in html
    assert not ChangeSet.objects.exists()

    assert csrf_client.post(current_address(response), shown | {"_save": "保存"}).status_code == 302
    changes = {change.model: change.fields for change in ChangeSet.objects.get().changes.all()}
    assert changes["projects.project"] == {"editorial_note": ("", "一行目\n二行目 <b>&")}
    assert changes["budgets.budgetline"] == {"amount_thousand_yen": (85_000, 86_000)}
    assert set(changes) == {"projects.project", "budgets.budgetline", "projects.projectpart"}
    assert not LateSubmission.objects.exists()


# These forms have choices alone.
TYPED = [model for model in admin.site._registry if model not in (StageComponent, PrintedStage)]


@pytest.mark.parametrize("model", TYPED, ids=lambda model: model.__name__)
def test_every_form_of_the_admin_comes_back_as_it_was_sent(model: type[Model]) -> None:
    """Whatever is registered: the form of a new row and of one that is there, every field with what was typed."""
    administrator = User.objects.create_superuser("bureau", password=PASSWORD)
    if model is ChangeReason:
        change_reason("workation")
    row = model._default_manager.order_by("pk").first() or model._default_manager.create(name="組")
    for page in ("add", "change"):
        # The form itself; of Django's own page of groups, the page that lists what was sent.
        assert comes_back_in_its_form(administrator, admin_address(row, page)) == (model is not Group)
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("model", [Project, ProjectPart, Appearance, BudgetLine], ids=lambda model: model.__name__)
def test_the_forms_of_an_editor_come_back_too(model: type[Model]) -> None:
    """Some fields are read-only for a department editor."""
    line = BudgetLine.objects.filter(project__appearances__isnull=False, part__isnull=False)[0]
    row = model._default_manager.filter(**{"pk" if model is Project else "project": line.project_id}).first()
    assert comes_back_in_its_form(create_staff("bureau", Role.EDITOR, line.project.department.code), admin_address(row))


def comes_back_in_its_form(user: User, path: str) -> bool:
    """Whether it is the form that comes back; all that was typed has to."""
    client = sign_in_as(user)
    html = client.get(path).content.decode()
    texts = re.findall(r'<(?:input type="text"|textarea) name="((?!initial-)[^"]*)"', html)
    assert texts
    sent = form_fields(html)
    sent |= {name: f"{sent[name]}変" for name in texts}
    late = LateSubmission(user=user, path=path, fields_json=json.dumps(list(sent.items())).encode())
    late.save()
    response = client.get(late.get_absolute_url())
    assert response.status_code == 200
    assert typed_into(form_fields(response.content.decode())) == typed_into(sent)
    return 'id="content-main"' in response.content.decode()


def typed_into(form: dict[str, str]) -> dict[str, str]:
    """The fields that people fill in; passwords are not kept, and the row for new rows is Django's."""
    return {
        name: value
        for name, value in form.items()
        if not re.search("^csrf|^initial-|-__prefix__-|password[12]?$", name) or name == "usable_password"
    }


def test_the_form_leads_to_where_it_is_kept_also_from_a_filtered_list(csrf_client: Client) -> None:
    path = f"{admin_address(find_line('workation'))}?_changelist_filters=q%3Dworkation"
    html = sign_in(csrf_client, send_late(csrf_client, path, late_form(csrf_client))).content.decode()
    (action,) = re.findall(r'<form action="([^"]*)"[^>]*id="budgetline_form"', html)
    assert unescape(action).startswith(path)
    assert csrf_client.post(unescape(action), form_fields(html)).status_code == 302
    assert not LateSubmission.objects.exists()


def test_a_form_that_others_have_published_over_says_so(csrf_client: Client) -> None:
    row = find_line("workation")
    form = form_fields(csrf_client.get(admin_address(row)).content.decode()) | {"amount_thousand_yen": "8"}
    to = send_late(csrf_client, admin_address(row), form)
    type(row).objects.filter(pk=row.pk).update(amount_thousand_yen=7_000)
    response = sign_in(csrf_client, to)
    assert "ほかの人が「7,000」に変えました。" in text_of(response)
    assert form_fields(response.content.decode())["amount_thousand_yen"] == "8"


def test_it_comes_back_into_the_set_that_was_open(csrf_client: Client) -> None:
    edit(csrf_client, find_line("workation"), editorial_note="一")
    change_set = ChangeSet.objects.get()
    form = form_fields(csrf_client.get(admin_address(find_line("workation"))).content.decode())
    assert form["editorial_note"] == "一"
    response = sign_in(
        csrf_client, send_late(csrf_client, admin_address(find_line("workation")), form | {"editorial_note": "二"})
    )
    assert f"「{change_set.title}」の中で作業しています" in text_of(response)
    assert csrf_client.post(current_address(response), form_fields(response.content.decode())).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "二")}


def test_the_step_of_a_set_comes_back_with_its_reason_and_takes_nothing_by_itself(csrf_client: Client) -> None:
    author = sign_in_as(create_staff("author"))
    edit(author, find_line("workation"), editorial_note="一")
    change_set = ChangeSet.objects.get()
    author.post(change_set.get_absolute_url(), {"step": "propose", "version": change_set.version})
    change_set.refresh_from_db()
    sent = {"step": "reject", "version": str(change_set.version), "reason": "根拠を\r\n書いてください"}
    response = sign_in(csrf_client, send_late(csrf_client, change_set.get_absolute_url(), sent))
    assert form_fields(response.content.decode())["reason"] == "根拠を\r\n書いてください"
    change_set.refresh_from_db()
    assert change_set.state == State.PROPOSED
    publishing = {"step": "publish", "version": str(change_set.version)}
    sign_in(csrf_client, send_late(csrf_client, change_set.get_absolute_url(), publishing))
    change_set.refresh_from_db()
    assert change_set.state == State.PROPOSED


def test_a_title_comes_back(csrf_client: Client) -> None:
    edit(csrf_client, find_line("workation"), editorial_note="一")
    change_set = ChangeSet.objects.get()
    sent = {"step": "rename", "version": str(change_set.version), "title": "新しい題"}
    response = sign_in(csrf_client, send_late(csrf_client, change_set.get_absolute_url(), sent))
    assert form_fields(response.content.decode())["title"] == "新しい題"
    change_set.refresh_from_db()
    assert change_set.title != "新しい題"


def test_ticks_come_back(csrf_client: Client) -> None:
    edit(csrf_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    (key,) = read_questions(csrf_client.get(change_set.get_absolute_url()).content.decode())
    sent = {"step": "propose", "version": str(change_set.version), "title": "題", "question": key}
    response = sign_in(csrf_client, send_late(csrf_client, change_set.get_absolute_url(), sent))
    assert form_fields(response.content.decode())["question"] == key
    change_set.refresh_from_db()
    assert change_set.state == State.OPEN


# Pages that cannot show the input in a form: one page lists all of it, with a button


def test_a_sheet_is_kept_and_sent_with_one_button(csrf_client: Client) -> None:
    sheet = csrf_client.get("/admin/sheets/sheet.xlsx?year=2021&department=kyoiku").getvalue()
    to = send_late(csrf_client, "/admin/sheets/", {"sheet": SimpleUploadedFile("教育.xlsx", sheet, "application/x")})
    assert not Upload.objects.exists()
    response = sign_in(csrf_client, to)
    assert response.status_code == 200
    assert "預かっているファイル：教育.xlsx（" in text_of(response)
    assert not Upload.objects.exists()
    sent = csrf_client.post(current_address(response), form_fields(response.content.decode()), follow=True)
    assert "変わったところはありませんでした。" in text_of(sent)
    assert (Upload.objects.get().file_name, Upload.objects.get().size) == ("教育.xlsx", len(sheet))
    assert not LateSubmission.objects.exists()
    assert not LateFile.objects.exists()


def test_a_new_year_is_sent_again(csrf_client: Client) -> None:
    response = sign_in(csrf_client, send_late(csrf_client, "/admin/sheets/new-year/", {"base": "2021", "year": "2022"}))
    assert response.status_code == 200
    assert not ChangeSet.objects.exists()
    form = form_fields(response.content.decode())
    assert without_token(form) == {"base": "2021", "year": "2022"}
    assert (
        csrf_client.post(current_address(response), form).headers["Location"]
        == ChangeSet.objects.get().get_absolute_url()
    )


def test_rows_that_were_ticked_are_sent_again() -> None:
    client = open_browser(User.objects.create_superuser("bureau", password=PASSWORD))
    others = [create_staff(name).pk for name in ("ichiro", "jiro")]
    sent = {"action": "delete_selected", "_selected_action": others}
    response = sign_in(client, send_late(client, "/admin/auth/user/?q=ro", sent))
    assert "ログインし直しました。" in text_of(response)
    form = [("csrfmiddlewaretoken", form_fields(response.content.decode())["csrfmiddlewaretoken"])]
    hidden = re.findall(r'<input type="hidden" name="(_?[a-z_]+)" value="([^"]*)">', response.content.decode())
    assert [value for name, value in hidden if name == "_selected_action"] == [str(pk) for pk in others]
    data: dict[str, list[str]] = {}
    for name, value in [*form, *(pair for pair in hidden if pair[0] != "csrfmiddlewaretoken")]:
        data.setdefault(name, []).append(value)
    assert (
        client.post(current_address(response), data).status_code == 200
    )  # to the list, which offers no action any more
    assert User.objects.count() == 3


def test_deleting_comes_back_to_the_page_that_asks(csrf_client: Client) -> None:
    path = admin_address(find_line("workation"), "delete")
    response = sign_in(csrf_client, send_late(csrf_client, path, {"post": "yes"}))
    assert current_address(response).startswith(path)
    assert 'name="post" value="yes"' in response.content.decode()
    assert not ChangeSet.objects.exists()


def test_a_row_that_has_gone_is_told_and_the_text_is_there(csrf_client: Client) -> None:
    row = find_line("workation")
    form = form_fields(csrf_client.get(admin_address(row)).content.decode()) | {"editorial_note": "大事な注"}
    to = send_late(csrf_client, admin_address(row), form)
    row.delete()
    response = sign_in(csrf_client, to)
    assert "大事な注" in text_of(response)
    again = csrf_client.post(current_address(response), form_fields(response.content.decode()))
    assert again.status_code == 409
    assert "大事な注" in text_of(again)
