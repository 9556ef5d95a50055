"""Plan folders of any size, for tests of costs that must not grow with a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from dxportal.planfiles import schema
from dxportal.planfiles.schema import Folder

# Roles of the stages before and after the supplements of a year, each with a stage of its own.
ROLES_BEFORE: Sequence[schema.StageRoleCode] = ("request", "initial")
ROLES_AFTER: Sequence[schema.StageRoleCode] = ("revised", "adjustment", "carried_in", "settlement", "carried_out")


def generate_folder(size: int, years: Sequence[int] = ()) -> Folder:
    """Return a plan with `size` rows under every parent: areas, goals, departments, projects, parts, years, repeats.

    Each project states an amount of each plain stage, but every third one has no initial budget.
    """
    numbers = range(1, size + 1)
    years = list(years) or [2021 + number for number in numbers]
    departments = [schema.DepartmentRow(code=f"d{n}", name=f"部局{n}", aliases=[f"旧部局{n}"]) for n in numbers]
    supplements = [schema.StageRow(code=f"s{n}", name=f"区分{n}", role="supplementary") for n in numbers]
    supplements[0].printed_in.append(schema.PrintedStageRow(document=1))
    before, after = (
        [schema.StageRow(code=role.replace("_", "-"), name=f"区分{role}", role=role) for role in roles]
        for roles in (ROLES_BEFORE, ROLES_AFTER)
    )
    covers = [schema.CoveredStageRow(stage=f"s{n}", year_offset=-1) for n in numbers]
    combined = schema.StageRow(code="combined", name="合算した区分", role="initial", covers=covers)
    stages = [*before, combined, *supplements, *after]
    projects = [
        schema.ProjectRow(
            code=f"p{n}",
            name=f"事業{n}",
            department="d1",
            parts=[schema.PartRow(code=f"t{m}", name=f"内訳{m}") for m in numbers],
            budget_lines=[
                schema.BudgetLineRow(
                    fiscal_year=year,
                    stage=stage.code,
                    amount_thousand_yen=-m if stage.role == "adjustment" else 1000 * n + m,
                    department="d1",
                    document=1,
                    page=1,
                )
                for year in years
                for m, stage in enumerate(stages, 1)
                if not stage.covers and (n % 3 or stage.role != "initial")
            ],
            change_reasons=[
                schema.ChangeReasonRow(fiscal_year=year, base_year=base, text=f"{base}年度からの理由{n}")
                for base, year in pairwise(sorted(years))
            ],
        )
        for n in numbers
    ]
    unstated = [schema.ProjectRow(code=f"u{n}", name=f"額のない事業{n}", department="d1") for n in numbers]
    return Folder(
        plan=schema.PlanFile(
            code="generated",
            title="生成した計画",
            period_from=2022,
            period_to=2030,
            publisher="試験県",
            is_official=False,
            licence="試験",
            notice="試験のための計画です。",
            updated_on=date(2026, 11, 23),
        ),
        departments=departments,
        stages=stages,
        projects=sorted([*projects, *unstated], key=lambda project: project.code),
        terms=[
            schema.TermRow(code=f"w{n}", words=[f"ことば{n}", f"言いかえ{n}"], readings=[f"よみ{n}"]) for n in numbers
        ],
        documents=[document_file(size, years)],
    )


def document_file(size: int, years: list[int]) -> schema.DocumentFile:
    numbers = range(1, size + 1)
    return schema.DocumentFile(
        number=1,
        label="資料",
        title="題",
        page_from=1,
        page_to=4,
        passages=[
            schema.PassageRow(code="vision", page=1, heading="ビジョン", text="将来"),
            *(
                schema.PassageRow(
                    code=f"x{n}",
                    page=1,
                    text=f"文{n}",
                    passages=[schema.PassageRow(code=f"x{n}-{m}", page=1, text="箱") for m in numbers],
                )
                for n in numbers
            ),
        ],
        pillars=[
            schema.PillarRow(
                code=str(n),
                page=1,
                name=f"柱{n}",
                text="説明",
                items=[
                    schema.PillarItemRow(
                        code=f"{n}-{m}",
                        page=1,
                        text="項目",
                        items=[schema.PillarItemRow(code=f"{n}-{m}-1", page=1, text="細目")],
                    )
                    for m in numbers
                ],
            )
            for n in numbers
        ],
        areas=[area_row(n, size, years) for n in numbers],
        promotion_bodies=[schema.PromotionBodyRow(code=f"b{n}", page=3, name=f"組織{n}") for n in range(size + 1)],
        promotion_links=[
            schema.PromotionLinkRow(code=f"l{n}", page=3, label="支援", source="b0", target=f"b{n}") for n in numbers
        ],
        sakigake_projects=[
            schema.SakigakeProjectRow(
                code=str(n),
                page=4,
                name=f"魁{n}",
                description="説明",
                overview_page=4,
                components=[
                    schema.ComponentRow(
                        code=f"k{n}-{m}",
                        page=4,
                        project=f"p{m}",
                        name=f"事業{m}",
                        repeat=n > 1,
                        amount_thousand_yen=1,
                        fiscal_year=year,
                        department="部局1",
                        parts=[schema.NamedPartRow(part=f"t{t}", label=f"内訳{t}") for t in numbers],
                    )
                    for year in years
                    for m in numbers
                ],
            )
            for n in numbers
        ],
        strategy_sections=[strategy_row(n, size) for n in numbers],
    )


def area_row(n: int, size: int, years: list[int]) -> schema.AreaRow:
    numbers = range(1, size + 1)
    return schema.AreaRow(
        code=str(n),
        page=2,
        name=f"分野{n}",
        future_images=[schema.FutureImageRow(code=f"{n}-{m}", page=2, text="将来像") for m in numbers],
        domains=[
            schema.DomainRow(
                code=f"{n}-{d}",
                page=2,
                name=f"区分{d}",
                goals=[
                    schema.GoalRow(
                        code=f"{n}-{d}-{g}",
                        page=2,
                        keyword="目標",
                        text="目標文",
                        countermeasures=[countermeasure_row(f"{n}-{d}-{g}-{c}", size, years) for c in numbers],
                    )
                    for g in numbers
                ],
            )
            for d in numbers
        ],
    )


def countermeasure_row(code: str, size: int, years: list[int]) -> schema.CountermeasureRow:
    """Return a countermeasure: the first of a goal with related projects of every year, others of the last year."""
    numbers = range(1, size + 1)
    if not code.endswith("-1-1"):
        years = years[-1:]
    return schema.CountermeasureRow(
        code=code,
        page=2,
        text="対応策",
        related_projects=[
            schema.RelatedProjectsRow(
                fiscal_year=year,
                department=f"部局{d}",
                projects=[
                    schema.ListingRow(
                        code=f"{code}-{d}-{kind}{p}",
                        page=2,
                        project=f"{kind}{p}",
                        name="事業",
                        parts=[schema.NamedPartRow(part=f"t{t}", label="内訳", brackets="（）") for t in numbers]
                        if kind == "p"
                        else [],
                    )
                    for kind in "pu"
                    for p in numbers
                ],
            )
            for year in years
            for d in numbers
        ],
    )


def strategy_row(n: int, size: int) -> schema.StrategySectionRow:
    numbers = range(1, size + 1)
    return schema.StrategySectionRow(
        code=str(n),
        page=4,
        name=f"章{n}",
        headings=[
            schema.PolicyHeadingRow(
                code=f"{n}-{h}",
                page=4,
                name="柱",
                measures=[
                    schema.PolicyMeasureRow(
                        code=f"{n}-{h}-{m}",
                        page=4,
                        name="展開",
                        mark="new",
                        initiatives=[
                            schema.InitiativeRow(code=f"{n}-{h}-{m}-{i}", page=4, text="取組", mark="revised")
                            for i in numbers
                        ],
                    )
                    for m in numbers
                ],
            )
            for h in numbers
        ],
    )
