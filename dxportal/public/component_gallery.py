"""Gallery of the template components, with invented data."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Plan, SourceDocument
from dxportal.changesets.describe import ChangeDescription, ConcernedDepartment, FieldDescription
from dxportal.changesets.models import Change
from dxportal.public.charts import Bar, BarChart

SAMPLE_DOCUMENT = SourceDocument(number=1, label="資料", title="見本の資料", page_from=1, page_to=3)
SAMPLE_CITATION = SimpleNamespace(document=SAMPLE_DOCUMENT, page=2, page_to=None)
SAMPLE_BARS = (
    Bar("手続オンライン事業", 1_572_734, "1,572,734千円"),
    Bar("島々の学校をつなぐ遠隔授業と教材づくりのための機器整備及び運用支援事業（継続分）", 186_678, "186,678千円"),
    Bar("窓口そのまま事業", 0, "0円"),
    Bar("島の声を聞く活動", None, ""),
)
SAMPLE_PART_BARS = (
    Bar("企画局", 821_450, "2,455,250千円のうち821,450千円", "/departments/", 2_455_250),
    Bar("学びの局", 1_779_412, "3,538,824千円のうち1,779,412千円", "/departments/", 3_538_824),
)
SAMPLE_CHANGE = ChangeDescription(
    Change(name="手続オンライン事業 2021年度 当初", action="update"),
    kind="予算額",
    action="変更",
    fields=[
        FieldDescription("amount_thousand_yen", "予算額（千円）", "1,200千円", "1,500千円", 1200, 1500, is_text=False),
        FieldDescription("note", "添え書き", "手続を便利にする。", "申請と手続を便利にする。", "", "", is_text=True),
    ],
    departments=[ConcernedDepartment("planning", "企画局")],
    row=None,
)


def component_gallery(request: HttpRequest) -> HttpResponse:
    """Show every shared component under its name; the samples are in templates/_components/samples/."""
    plan = Plan(title="見本の計画", status="案", publisher="見本県", updated_on=date(2026, 4, 1))
    data: dict[str, Any] = {
        "printed": SAMPLE_CITATION,
        "plan": plan,
        "previous": ("前の見本", "/"),
        "next": ("次の見本", "/"),
        "chart": BarChart.from_bars("事業別の額の見本", "単位は千円。", SAMPLE_BARS, "sample-chart"),
        "parts": BarChart.from_bars(
            "部局別の額の見本", "枠線は資料に記載の額。", SAMPLE_PART_BARS, "sample-chart-of-parts"
        ),
        "description": SAMPLE_CHANGE,
        "contents": [("money", "sample-money"), ("badge", "sample-badge")],
    }
    names = (
        "breadcrumb",
        "card",
        "table",
        "badge",
        "money",
        "citation",
        "pager",
        "bar",
        "bar_chart",
        "notice",
        "editorial_note",
        "sakigake_number",
        "toc",
        "change",
    )
    samples = [(name, f"_components/samples/{name}.html", data) for name in names]
    return render(request, "public/component_gallery.html", {"samples": samples})
