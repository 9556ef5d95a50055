"""Pages say what administrations say: none shows a word that the portal once had of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from budgets.models import BudgetLine, Stage
from catalog.models import Plan, Term
from dxportal.staff.models import Role
from projects.models import Appearance, Project, SakigakeProject
from tests.conftest import ROOT
from tests.dxportal.staff.staff_actions import admin_address, create_user, sign_in_as
from tests.page_paths import NOT_IN_SITEMAP, ONE_OF_EACH_KIND

FORMER_WORDS = (
    # tables and their files
    "一行ずつ",
    "まとめる",
    "まとめない",
    "まとめ方",
    "行をファイルで",
    "Excelで受け取",
    "書き込んで送る",
    "機械で読む",
    "機械のための名",
    "列の意味",
    "データ辞書",
    "お持ちください",
    "お持ちになる",
    "いまは書き出せません",
    "比べる元",
    "前の額",
    "前の部局",
    "よみの順",
    # money
    "印刷された額",
    "印刷された予算額",
    "数えた額",
    "先に数えた",
    "一度ずつ",
    "一度だけ数え",
    "ゼロとはみなし",
    "再び現れた額",
    "印刷のない額",
    "説明のつかない差",
    "ちょうどなります",
    "額の大きさ",
    "事業なし",
    # words of the plan
    "予算の区分",
    "まとめた区分",
    "個別の区分",
    "合わせた区分",
    "重点プロジェクト",
    "構成事業等",
    "性質",
    "掲載されているところ",
    "か所にも掲載",
    "一覧は",
    "計画の地図",
    # search
    "ことば",
    "探す",
    "探した",
    "探しました",
    "入れた語句",
    "上の欄に入れて",
    "同じ意味とみなす",
    # the record of changes, errors, the foot of each page
    "公開のあとに改めた",
    "職員用：",
    "文字を写し",
    "未確認",
    "データベースを使えない",
    "リクエストを処理",
)
FORMER = re.compile("|".join(map(re.escape, FORMER_WORDS)) + r"|(?<![\d,])0千円|(?<=>)外す(?=<)")
# Stored values, and words in sheets that departments still hold, stay as they are.
STORED = {
    ("catalog/models/plans.py", "重点プロジェクト"),
    ("dxportal/planfiles/schema.py", "重点プロジェクト"),
    ("dxportal/sheets/budget_sheet.py", "予算の区分"),
    ("dxportal/sheets/budget_sheet.py", "性質"),
    ("dxportal/sheets/budget_sheet.py", "重点プロジェクト番号"),
}
PAGES = (
    *ONE_OF_EACH_KIND,
    *NOT_IN_SITEMAP,
    "/areas/",
    "/pillars/",
    "/pillars/1/",
    "/projects/",
    "/projects/optical-fibre-request/",
    "/projects/smart-factory-model/",
    "/sakigake/",
    "/sakigake/9/",
    "/departments/",
    "/sources/",
    "/sources/4/17/",
    "/budgets/?year=2021",
    "/budgets/?year=2021&project=workation&amount_min=85000&amount_max=85000",
    "/budgets/?year=2021&group=sakigake",
    "/budgets/?year=2021&group=area&unit=words",
    "/budgets/compare/?year=2021",
    "/budgets.csv?year=1999",
    "/search/?q=%E2%80%8B",
    "/search/?q=" + "a" * 300,
)
DESK = ("/admin/", "/admin/sheets/", "/admin/changes/", "/admin/auth/user/", "/admin/password-reset/")


def words_shown(html: str) -> set[str]:
    """The former words that a page shows; those of the plan itself, and of a query, are among them."""
    html = unescape(re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL))
    return set(FORMER.findall(html))


def words_of_the_plan() -> set[str]:
    """The former words that the text of the print holds."""
    folder = ROOT / "fixtures" / "yamaguchi-2021"
    printed = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.yaml") if path.name != "plan.yaml")
    return set(FORMER.findall(printed))


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_no_public_page_shows_a_former_word(path: str, client: Client) -> None:
    html = client.get(path, follow=True).content.decode()
    assert "</html>" in html
    assert words_shown(html) <= words_of_the_plan() | set(FORMER.findall(unquote(path)))


@pytest.mark.django_db
def test_no_page_of_the_desk_shows_a_former_word() -> None:
    client = sign_in_as(create_user("midori", Role.BUREAU))
    rows = [model.objects.first() for model in (Project, BudgetLine, Stage, Appearance, SakigakeProject, Plan, Term)]
    tables = [admin_address(model, "changelist") for model in admin.site._registry if model._meta.app_label != "auth"]
    for path in (*DESK, *tables, *(admin_address(row) for row in rows), reverse("admin:change_sets")):
        html = client.get(path, follow=True).content.decode()
        assert "</html>" in html, path
        assert words_shown(html) <= words_of_the_plan(), path


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted([*(ROOT / "templates").rglob("*"), *(ROOT / "static" / "js").rglob("*")]):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)


def texts_of_the_code() -> Iterator[tuple[str, str]]:
    """The texts of the deployed code, docstrings and migrations left out."""
    for app in ("catalog", "projects", "budgets", "dxportal"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            alone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in alone:
                    yield str(path.relative_to(ROOT)), node.value


def test_no_text_holds_a_former_word() -> None:
    """Whatever page, file or message it would be shown in."""
    texts = [*templates(), *texts_of_the_code()]
    assert len(texts) > 1000
    found = {(path, word) for path, text in texts if (path, text) not in STORED for word in FORMER.findall(text)}
    assert found == set()


@pytest.mark.parametrize("document", ["README.ja.md", "docs/data.ja.md", "docs/staff.ja.md", "docs/operations.ja.md"])
def test_no_manual_holds_a_former_word(document: str) -> None:
    assert FORMER.findall((ROOT / document).read_text(encoding="utf-8")) == []


def test_a_former_word_is_seen() -> None:
    assert FORMER.findall("合わせて0千円、10,000千円、<a>外す</a>") == ["0千円", "外す"]
    assert {word for word in FORMER_WORDS if not FORMER.fullmatch(word)} == set()
