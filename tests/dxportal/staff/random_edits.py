"""Random edits of the catalogue as a person makes them: through the admin's own forms, with whatever can be typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.test import Client
from hypothesis import strategies as st

from catalog.models import Department, DepartmentAlias, Plan, SourceDocument, TermWord
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, NamedPart, SakigakeProject
from tests.dxportal.staff.staff_actions import admin_address, parse_form

# Texts that fields of every kind take_step, or should refuse in words.
ODD_TEXTS = (
    "新しい文",
    "表\tの中",
    "\ufeff先頭に印",
    "幅の\u200bない空白",
    "か\u3099ぎ",
    "ﾊﾝｶｸｶﾞﾅ",
    "一行目\r\n二行目",
    "一行目\n\n二行目",
    "改行\u0085の文",
    "復帰\rの文",
    "　前後の空白 ",
    "\u00a0固定の空白\u00a0",
    "神",
    "部局1",
    "旧部局2",
    "ことば1",
    "コトバ１",
    "vision",
    "7",
    "#: - 'yaml'",
    "null",
    "",
)
ODD_NUMBERS = ("0", "1", "2", "3", "4", "5", "6", "7", "12", "99", "100", "999", "1000", "9999", "10000", "2021", "")


@dataclass(frozen=True)
class Chance:
    """The choices of one edit: numbers that are taken modulo the length of what there is to choose from."""

    row: int
    field: int
    value: int

    def pick(self, rows: models.QuerySet[Any]) -> Any:
        found = list(rows.order_by("pk"))
        return found[self.row % len(found)] if found else None


Edit = Callable[[Client], Any]


def typed_value(row: Any, name: str, chance: Chance) -> str:
    """Choose a value that somebody might type or choose in a field of a row's form."""
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        others = [str(one.pk) for one in field.related_model._default_manager.order_by("pk")]
        choices = [*others, ""] if field.null else others
    elif field.choices:
        choices = [*(str(code) for code, _ in field.choices), ""]
    elif isinstance(field, models.BooleanField):
        choices = ["", "on"]
    elif isinstance(field, models.IntegerField):
        choices = list(ODD_NUMBERS)
    elif isinstance(field, models.DateField):
        choices = ["2027-04-01", ""]
    else:
        choices = list(ODD_TEXTS)
    return choices[chance.value % len(choices)]


def with_value(form: dict[str, str], row: Any, name: str, value: str) -> dict[str, str]:
    if isinstance(row._meta.get_field(name), models.BooleanField) and not value:
        return {key: held for key, held in form.items() if key != name}
    return form | {name: value}


def editable(row: Any) -> list[str]:
    return [field.name for field in row._meta.concrete_fields if field.editable]


def form_of(client: Client, row: Any) -> dict[str, str]:
    shown = client.get(admin_address(row))
    assert shown.status_code == 200, shown.status_code
    return parse_form(shown.content.decode())


def change(client: Client, row: Any, **values: str) -> Any:
    form = form_of(client, row)
    for name, value in values.items():
        form = with_value(form, row, name, value)
    return client.post(admin_address(row), form | {"_save": "保存"})


def change_any_field(model: type[models.Model], chance: Chance, client: Client) -> Any:
    row = chance.pick(model._default_manager.all())
    if row is None:
        return None
    names = editable(row)
    name = names[chance.field % len(names)]
    return change(client, row, **{name: typed_value(row, name, chance)})


def move(chance: Chance, client: Client) -> Any:
    """Give a row another position: among the others, at their end, or one that is taken."""
    tables = [model for model in CATALOGUE if "position" in {field.name for field in model._meta.concrete_fields}]
    row = chance.pick(tables[chance.field % len(tables)]._default_manager.all())
    return change(client, row, position=str(chance.value % 12)) if row else None


def change_page(chance: Chance, client: Client) -> Any:
    tables = [model for model in CATALOGUE if "page" in {field.name for field in model._meta.concrete_fields}]
    row = chance.pick(tables[chance.field % len(tables)]._default_manager.all())
    if row is None:
        return None
    return change(
        client, row, **{("page", "page_to")[chance.value % 2 * hasattr(row, "page_to")]: str(chance.value % 9)}
    )


def change_pages_of_document(chance: Chance, client: Client) -> Any:
    row = chance.pick(SourceDocument.objects.all())
    return change(client, row, **{("page_from", "page_to")[chance.field % 2]: str(chance.value % 9)})


def put_into_another_document(chance: Chance, client: Client) -> Any:
    tables = [m for m in CATALOGUE if {"document", "page"} <= {field.name for field in m._meta.concrete_fields}]
    row = chance.pick(tables[chance.field % len(tables)]._default_manager.all())
    if row is None:
        return None
    document = Chance(chance.value, 0, 0).pick(SourceDocument.objects.all())
    return change(client, row, document=str(document.pk), page=str(document.page_from))


def rename_department(chance: Chance, client: Client) -> Any:
    row = chance.pick(Department.objects.all())
    form = form_of(client, row) | {"name": ODD_TEXTS[chance.value % len(ODD_TEXTS)]}
    if chance.field % 2 and "aliases-TOTAL_FORMS" in form:  # as the refusal says: with the printed name below
        number = int(form["aliases-TOTAL_FORMS"])
        form |= {"aliases-TOTAL_FORMS": str(number + 1), f"aliases-{number}-label": row.name}
        form |= {f"aliases-{number}-position": str(number + 1)}
    return client.post(admin_address(row), form | {"_save": "保存"})


def give_alias_away(chance: Chance, client: Client) -> Any:
    row = chance.pick(DepartmentAlias.objects.all())
    other = Chance(chance.value, 0, 0).pick(Department.objects.all())
    return change(client, row, department=str(other.pk)) if row else None


def print_another_department(chance: Chance, client: Client) -> Any:
    """Change the department of an appearance, its printed name, or both."""
    row = chance.pick(Appearance.objects.all())
    other = Chance(chance.value, 0, 0).pick(Department.objects.all())
    values = {"department": str(other.pk), "printed_department": other.name}
    if chance.field % 3 < 2:
        del values[("department", "printed_department")[chance.field % 3]]
    return change(client, row, **values)


def mark_reading(chance: Chance, client: Client) -> Any:
    row = chance.pick(TermWord.objects.all())
    return change(client, row, is_reading="" if row.is_reading else "on") if row else None


def copied(row: Any, chance: Chance) -> dict[str, str]:
    """Return the form values of a new row like another, with a code of its own."""
    values = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.editable and value is not None and value is not False:
            values[field.name] = "on" if value is True else str(value)
    number = 200 + chance.value % 50
    if "code" in values:
        values["code"] = f"new-{number}"
    if isinstance(row, SakigakeProject):
        values |= {"number": str(number), "code": str(number)}
    for name in ("name", "text", "label"):
        if name in values:
            values[name] += f" {number}"
    return values


def add(model: type[models.Model], chance: Chance, client: Client) -> Any:
    row = chance.pick(model._default_manager.all())
    if row is None:
        return None
    values = copied(row, chance)
    names = [name for name in editable(row) if name != "code"]
    name = names[chance.field % len(names)]
    values = with_value(values, row, name, typed_value(row, name, chance))
    shown = client.get(admin_address(model(), "add"))
    form = parse_form(shown.content.decode()) | values
    return client.post(admin_address(model(), "add"), form | {"_save": "保存"})


def delete(model: type[models.Model], chance: Chance, client: Client) -> Any:
    """Delete a row, and before it what refers to it, row by row as the admin asks for it."""
    row = chance.pick(model._default_manager.all())
    if row is None or model is Plan:
        return None
    if isinstance(row, Appearance):
        for named in NamedPart.objects.filter(appearance=row):
            client.post(admin_address(named, "delete"), {"post": "yes"})
    return client.post(admin_address(row, "delete"), {"post": "yes"})


def delete_plan(chance: Chance, client: Client) -> Any:
    """Take the current plan away, by its mark or by another plan in its place."""
    row = Plan.objects.get(is_current=True)
    if chance.field % 2:
        return change(client, row, is_current="")
    return add(Plan, chance, client)


SPECIAL = (
    move,
    change_page,
    change_pages_of_document,
    put_into_another_document,
    rename_department,
    give_alias_away,
    print_another_department,
    mark_reading,
    delete_plan,
)
numbers = st.integers(0, 10_000)
chances = st.builds(Chance, numbers, numbers, numbers)
models_of_catalogue = st.sampled_from(CATALOGUE)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda model, chance: lambda client: change_any_field(model, chance, client), models_of_catalogue, chances
    ),
    st.builds(lambda kind, chance: lambda client: kind(chance, client), st.sampled_from(SPECIAL), chances),
    st.builds(lambda model, chance: lambda client: add(model, chance, client), models_of_catalogue, chances),
    st.builds(lambda model, chance: lambda client: delete(model, chance, client), models_of_catalogue, chances),
)
