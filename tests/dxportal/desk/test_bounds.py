"""Addresses of the desk that nobody means: answered, never an error of the server."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db

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
)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:60])
def test_it_is_answered(address: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("administrator"))
    assert client.get(f"/admin/{address}").status_code < 500


def test_a_value_that_can_be_is_taken_for_a_new_row(client: Client) -> None:
    client.force_login(User.objects.create_superuser("administrator"))
    html = client.get("/admin/projects/project/add/?name=新しい名&code=zz").content.decode()
    assert 'value="新しい名"' in html
