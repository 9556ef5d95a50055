"""Texts that spreadsheets are known to spoil, and a way to write them into every table."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any
from uuid import uuid4

from django.db.models import Model

from budgets.models import BudgetLine, Stage
from catalog.models import Area, Countermeasure, Department, Domain, Goal, Plan, SourceDocument
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

# They get a ' before them; the first ones are formulas to LibreOffice without it (see the test of the counter).
DANGEROUS = (
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/","見る")',
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "-",
    "@SUM(1;2)",
    "\t=1+1",
    "\n=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1;2)",
    "'",
    "'=2+2",
    "''二つ",
)
HARMLESS = (
    "電\x1b子",
    "縦\x0bタブ",
    "\x1b",
    "_x001B_",
    "_x001b_",
    "__x001B__",
    "_x005F_x001B_",
    "改_x000D_行",
    "一行目\n二行目",
    "一行目\r\n二行目",
    "一行目\r二行目",
    "\ufffe非文字",
    "🗾と👨‍👩‍👧",
    "𠮷野家",
    " 前後の空白 ",
    "二つ  並ぶ空白",
    "　=1+1",
    " =1+1",
    '"引用符",とコンマ;セミコロン',
    "#N/A",
    "<f>1+1</f> & <!-- -->",
    "長い文" * 200,
)
# A CSV does not say what is a text: a spreadsheet that opens one takes these for numbers, dates and truth values.
LIKE_NUMBERS = ("0001", "1e5", "2024/1/1", "12:30", "TRUE", "１２３", "%", "1,234", "￥100", "5%")
TEXTS = (*DANGEROUS, *HARMLESS, *LIKE_NUMBERS)

FIELDS: tuple[tuple[type[Model], str], ...] = (
    (Project, "name"),
    (ProjectPart, "name"),
    (Department, "name"),
    (Stage, "name"),
    (Appearance, "printed_name"),
    (Appearance, "printed_department"),
    (Appearance, "note"),
    (NamedPart, "label"),
    (Area, "name"),
    (Domain, "name"),
    (Goal, "text"),
    (Goal, "keyword"),
    (Countermeasure, "text"),
    (SakigakeProject, "name"),
    (SourceDocument, "label"),
    (Plan, "title"),
    (Plan, "notice"),
)


def write_texts() -> None:
    """Every text into the name of a project, and as many as there are rows into every other field of text."""
    for number, (model, name) in enumerate(FIELDS):
        rows: Any = model._default_manager
        longest = getattr(model._meta.get_field(name), "max_length", None)
        keys = rows.order_by("pk").values_list("pk", flat=True)
        for key, text in zip(keys, islice(cycle(TEXTS), number, None), strict=False):
            rows.filter(pk=key).update(**{name: text[:longest]})


def write_next_year() -> None:
    """The lines of the year before once more, every amount half as much again."""
    lines = list(BudgetLine.objects.all())
    for line in lines:
        line.pk = uuid4()
        line.fiscal_year += 1
        line.amount_thousand_yen = line.amount_thousand_yen * 3 // 2
    BudgetLine.objects.bulk_create(lines)
