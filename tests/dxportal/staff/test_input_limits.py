"""Requests to the desk that no form sends: each is answered, never by an error of the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.db import models
from django.db.transaction import atomic
from django.test import Client, RequestFactory
from django.urls import reverse

from dxportal.staff.admin_site import DeskAdminSite
from dxportal.staff.input_limits import BoundedModelAdmin
from tests.dxportal.staff.staff_actions import parse_form

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LINES = "budgets/budgetline/"
FOUND = "autocomplete/?app_label=budgets&model_name=budgetline&field_name=project&term="
ADDRESSES = (
    LINES + "?fiscal_year__regex=(",
    LINES + "?kind__iregex=(",
    LINES + "?fiscal_year__exact=99999999999999999999",
    LINES + "?q=" + "あ" * 50_000,
    LINES + "?q=" + "a " * 5_000,
    LINES + "?q=%00",
    LINES + "?p=abc&o=zz",
    LINES + "?department__id__exact=abc",
    LINES + "?amount_thousand_yen__gt=zz",
    LINES + "?stage__id__exact=%00",
    LINES + "export/?fiscal_year__regex=(",
    "projects/appearance/?fiscal_year=9223372036854775808",
    "projects/project/abc/change/",
    "projects/project/00000000-0000-0000-0000-000000000000/change/",
    "projects/project/?_popup=1&_to_field=zz",
    "projects/project/add/?department=zz",
    "projects/project/add/?department=" + "9" * 5_000,
    "projects/project/add/?no_such_field=1",
    FOUND + "%00",
    FOUND + "a " * 3_000,
    "autocomplete/?app_label=x",
    "r/1/abc/",
    "r/99999999999999999999/1/",
    "changes/?page=99999999999999999999&state=x",
    "changes/99999999999999999999/",
    "changes/99999999999999999999/preview/",
    "auth/user/?username__regex=(",
    "auth/user/?last_login__year=99999999",
    "auth/user/?duties__department__id__exact=zz",
    "auth/user/zz/password/",
    "auth/user/99999999999999999999/password/",
)
ODD_VALUES = ("(", "99999999", "99999999999999999999")
ODD_KEYS = ("abc", "-1", "9" * 900, "_00")
ODD_QUERIES = (
    "e=1",
    "p=abc&o=zz.-99.x",
    "p=99999999999999999999",
    "all=&o=-9",
    "_to_field=zz",
    "pk=zz",
    "id__in=z,(,9",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:60])
def test_it_is_answered(superuser_client: Client, address: str) -> None:
    assert superuser_client.get(f"/admin/{address}").status_code < 500


def test_a_value_that_can_be_is_taken_for_a_new_row(superuser_client: Client) -> None:
    html = superuser_client.get("/admin/projects/project/add/?name=新しい名&code=zz").content.decode()
    assert 'value="新しい名"' in html


def test_no_table_can_be_registered_without_bounds() -> None:
    site = DeskAdminSite()
    site.register(User)
    site.register(admin.models.LogEntry, admin.ModelAdmin)
    for registry in (site._registry, admin.site._registry):
        assert all(isinstance(one, BoundedModelAdmin) for one in registry.values())


def lookups_of(model: type[models.Model]) -> Iterator[str]:
    """Every lookup of a field of each kind that a table has, and of the keys of the tables beside it."""
    for field in {type(field): field for field in model._meta.get_fields()}.values():
        if not field.is_relation:
            yield from (f"{field.name}__{lookup}" for lookup in field.get_lookups())
            transforms = [name for name in ("year", "month", "date", "time") if field.get_transform(name)]
            yield from (f"{field.name}__{name}__gte" for name in transforms)
        else:
            yield from (f"{field.name}", f"{field.name}__in", f"{field.name}__isnull", f"{field.name}__pk__gt")


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_a_list_can_be_narrowed_by_anything(rf: RequestFactory, model: type[models.Model]) -> None:
    """A list, an error that leads back to the list, or a refusal: nothing else comes of a filter."""
    user = User.objects.create_superuser("administrator")
    answered = 0
    for lookup in lookups_of(model):
        for value in ODD_VALUES:
            request = rf.get("/", {lookup: value})
            request.user = user
            with suppress(IncorrectLookupParameters, SuspiciousOperation), atomic():
                admin.site._registry[model].get_changelist_instance(request)
            answered += 1
    assert answered > 20


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_any_row_and_any_view_of_a_list_can_be_asked_for(superuser_client: Client, model: type[models.Model]) -> None:
    changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    asked = [f"{changelist}{key}/{page}/" for key in ODD_KEYS for page in ("change", "delete", "history")]
    asked += [f"{changelist}?{query}" for query in ODD_QUERIES] + [f"{changelist}add/?{'&'.join(ODD_QUERIES)}"]
    for address in asked:
        assert superuser_client.get(address).status_code < 500, address


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_any_form_can_be_sent(superuser_client: Client, model: type[models.Model]) -> None:
    """Actions, rows that an action is meant for, and every field of a form: with NUL, and with what cannot be."""
    changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    form = first_rows_of(parse_form(superuser_client.get(f"{changelist}add/").content.decode()))
    for value in ("a\0b", "abc", "99999999999999999999"):
        for action in ("delete_selected", value):
            sent = {"action": action, "_selected_action": value, "index": "0", "select_across": "0", "post": "yes"}
            assert superuser_client.post(changelist, sent).status_code < 500, (action, value)
        odd = {name: text if name.endswith("_FORMS") else value for name, text in form.items()}
        assert superuser_client.post(f"{changelist}add/", odd).status_code < 500, value


def first_rows_of(form: dict[str, str]) -> dict[str, str]:
    """A form with one new row of each kind that stands inside it."""
    counted = {name: "1" if name.endswith("-TOTAL_FORMS") else text for name, text in form.items()}
    return {name.replace("__prefix__", "0"): text for name, text in counted.items()}
