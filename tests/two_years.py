"""One department through two fiscal years: the steps as a list, and the sums that somebody adds up from the list.

Each step says which budget lines it adds. What follows from the lines is worked out from what the words mean, and by
nothing of the portal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import yaml

from tests.sites import ROOT

DEPARTMENT, DEPARTMENT_NAME = "shoko-rodo", "商工労働部"
EXPENDITURE, LENDING_LIMIT = "expenditure", "lending_limit"
PRINTED_YEAR, FIRST, SECOND = 2021, 2022, 2023

# Stages in the order of the year: code, name, role.
STAGES = {
    "initial": ("当初", "initial"),
    "initial-with-february": ("当初（前年度２月補正を含む）", "initial"),
    "june": ("６月補正", "supplementary"),
    "february": ("２月補正", "supplementary"),
    "carried-in": ("前年度からの繰越", "carried_in"),
    "settlement": ("決算", "settlement"),
    "carried-out": ("翌年度への繰越", "carried_out"),
}
MOVEMENTS = ("initial", "supplementary")
# The roles that each measure adds up, and its name; the scenario has no balance.
MEASURES = {
    "initial": ("当初予算額", ("initial",)),
    "supplementary": ("補正予算額", ("supplementary",)),
    "current": ("現計予算額", MOVEMENTS),
    "available": ("予算現額", (*MOVEMENTS, "carried_in")),
    "settlement": ("決算額", ("settlement",)),
    "carried_out": ("翌年度繰越額", ("carried_out",)),
    "request": ("要求額", ()),
}
LISTING_UNSTATED = ("initial", "current", "available", "settlement", "all")


@dataclass(frozen=True)
class Line:
    """A budget line in thousand yen; `part` is empty for the whole project."""

    project: str
    year: int
    stage: str
    amount: int
    part: str = ""
    kind: str = EXPENDITURE
    department: str = DEPARTMENT

    @property
    def role(self) -> str:
        return STAGES[self.stage][1]

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        return (self.project, self.part, str(self.year), self.stage, self.kind)


@dataclass(frozen=True)
class Reason:
    project: str
    year: int
    text: str

    @property
    def base_year(self) -> int:
        return self.year - 1


@dataclass(frozen=True)
class Step:
    """A step of the year: the lines and reasons that it adds, and what it asks before it is proposed.

    `opens`: the fiscal year that the bureau starts before it. `born`: the project that the bureau adds before it.
    """

    title: str
    year: int
    adds: tuple[Line, ...]
    reasons: tuple[Reason, ...] = ()
    questions: tuple[str, ...] = ()
    opens: int | None = None
    born: str = ""
    by_sheet: bool = False


@dataclass(frozen=True)
class NewProject:
    """A project that a supplement creates, with the countermeasure that lists it."""

    code: str
    name: str
    kana: str
    countermeasure: str


BORN = NewProject("quick-relief", "緊急経営支援事業", "きんきゅうけいえいしえんじぎょう", "1-2-1-1")
# Of the shipped plan: each project that the scenario speaks of, by name.
NAMES = {
    "3d-manufacturing": "３Ｄものづくり技術活用推進事業",
    "regional-employment": "地域雇用創造事業",
    "sme-loan": "中小企業制度融資",
    "space-industry": "宇宙利用産業創出支援事業",
    "virtual-lab": "産学公によるバーチャルラボ構築事業",
    "sme-dx": "中小企業ＤＸ推進総合支援事業",
    BORN.code: BORN.name,
}
PART_NAMES = {"career-up": "求職者向けキャリアアップ支援", "skill-up": "スキルアップ実装支援", "dx": "ＤＸ対応資金"}
SILENT = "data-science"  # listed in every year, and states nothing in the two years

STEPS = (
    Step("当年度の６月補正", PRINTED_YEAR, (Line("sme-dx", PRINTED_YEAR, "june", 8_454),)),
    Step(
        "当初",
        FIRST,
        (
            Line("3d-manufacturing", FIRST, "initial", 10_000),
            Line("regional-employment", FIRST, "initial", 4_000, part="career-up"),
            Line("sme-loan", FIRST, "initial", 600_000, part="dx", kind=LENDING_LIMIT),
            Line("space-industry", FIRST, "initial", 2_000),
            Line("virtual-lab", FIRST, "initial", 0),
        ),
        opens=FIRST,
        by_sheet=True,
    ),
    Step(
        "６月補正",
        FIRST,
        (
            Line("3d-manufacturing", FIRST, "june", 2_500),
            Line("regional-employment", FIRST, "june", 700, part="skill-up"),
            Line(BORN.code, FIRST, "june", 3_300),
        ),
        questions=(
            "「緊急経営支援事業」の令和４年度（2022年度）には、補正など（3,300千円）がありますが、当初の額がありません。",
        ),
        born=BORN.code,
    ),
    Step(
        "２月補正",
        FIRST,
        (
            Line("3d-manufacturing", FIRST, "february", -1_200),
            Line("sme-loan", FIRST, "february", -150_000, part="dx", kind=LENDING_LIMIT),
            Line(BORN.code, FIRST, "february", -300),
        ),
        questions=(
            "「緊急経営支援事業」の令和４年度（2022年度）には、補正など（3,000千円）がありますが、当初の額がありません。",
        ),
    ),
    Step(
        "翌年度への繰越",
        FIRST,
        (Line("3d-manufacturing", FIRST, "carried-out", 3_000), Line(BORN.code, FIRST, "carried-out", 0)),
    ),
    Step(
        "決算",
        FIRST,
        (
            Line("3d-manufacturing", FIRST, "settlement", 7_900),
            Line("regional-employment", FIRST, "settlement", 4_600),
            Line("sme-loan", FIRST, "settlement", 420_000, kind=LENDING_LIMIT),
            Line("virtual-lab", FIRST, "settlement", 0),
            Line(BORN.code, FIRST, "settlement", 2_950),
        ),
    ),
    Step(
        "次の年の当初",
        SECOND,
        (
            Line("3d-manufacturing", SECOND, "initial", 13_000),
            Line("3d-manufacturing", SECOND, "carried-in", 3_000),
            Line("regional-employment", SECOND, "initial", 4_400),
            Line("sme-loan", SECOND, "initial", 480_000, part="dx", kind=LENDING_LIMIT),
            Line("sme-dx", SECOND, "initial", 250_000),
            Line(BORN.code, SECOND, "initial", 3_300),
        ),
        reasons=(Reason("3d-manufacturing", SECOND, "造形機を１台増やし、\n研修の回数を増やすため。"),),
        opens=SECOND,
        by_sheet=True,
    ),
)


def read_printed_lines() -> list[Line]:
    """Read the budget lines of the shipped plan from its folder."""
    projects = yaml.safe_load((ROOT / "fixtures" / "yamaguchi-2021" / "projects.yaml").read_text())
    return [
        Line(
            project["code"],
            line["fiscal_year"],
            line["stage"],
            line["amount_thousand_yen"],
            line.get("part", ""),
            line.get("kind", EXPENDITURE),
            line["department"],
        )
        for project in projects
        for line in project.get("budget_lines", ())
    ]


PRINTED_LINES = read_printed_lines()


def lines_after(step: Step) -> list[Line]:
    """Return the lines of the scenario that exist after a step."""
    done = STEPS[: STEPS.index(step) + 1]
    return [line for each in done for line in each.adds]


def reasons_after(step: Step) -> list[Reason]:
    return [reason for each in STEPS[: STEPS.index(step) + 1] for reason in each.reasons]


def addends(measure: str, lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if measure == "all" or line.role in MEASURES[measure][1]]


def add_up(lines: Iterable[Line], kind: str = EXPENDITURE) -> int | None:
    """Add up the amounts of one kind; None without any: not stated is not 0."""
    amounts = [line.amount for line in lines if line.kind == kind]
    return sum(amounts) if amounts else None


@dataclass
class Catalogue:
    """A reader's knowledge of the catalogue: its lines, and the projects that appear in each year, with departments."""

    lines: list[Line]
    appearing: dict[int, dict[str, str]] = field(default_factory=dict)

    def of_year(self, year: int | None) -> list[Line]:
        return [line for line in self.lines if year is None or line.year == year]

    def projects(self, year: int) -> dict[str, str]:
        """Return the projects of a year with their departments: those that appear or have a line."""
        return {line.project: line.department for line in self.of_year(year)} | self.appearing.get(year, {})

    def unstated(self, measure: str, year: int) -> dict[str, str]:
        """Return the projects of a year that state no amount of a measure."""
        if measure not in LISTING_UNSTATED:
            return {}
        stating = {line.project for line in addends(measure, self.of_year(year))}
        return {code: of for code, of in self.projects(year).items() if code not in stating}

    def stated_measures(self, year: int | None) -> dict[str, int]:
        """Return the expenditure of each measure that states any."""
        sums = {measure: add_up(addends(measure, self.of_year(year))) for measure in MEASURES}
        return {measure: amount for measure, amount in sums.items() if amount is not None}

    def opening_measure(self, year: int | None) -> str:
        lines = self.of_year(year)
        order = ("initial", "current", "settlement", "request")
        return next((measure for measure in order if addends(measure, lines)), "initial")


def by_project(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.project].append(line)
    return found


def words(amount: int | None) -> str:
    """Return an amount as pages print it."""
    if amount is None:
        return "記載なし"
    return f"{'△' if amount < 0 else ''}{abs(amount):,}千円" if amount else "0円"


@dataclass(frozen=True)
class Figures:
    """Expenditure and lending limit (None if not stated), rows that state an amount, and rows that state none."""

    expenditure: int | None
    lending_limit: int | None
    stated: int
    silent: int

    @classmethod
    def of(cls, lines: Iterable[Line], silent: int = 0) -> Figures:
        lines = list(lines)
        return cls(add_up(lines), add_up(lines, LENDING_LIMIT), len(lines), silent)


# Coverage of combined stages, as (stage, year offset): amounts of another coverage are not subtracted.
COVERED = {"initial-with-february": {("february", -1), ("initial", 0)}}


@dataclass(frozen=True)
class Change:
    """A project in two years: its sums, and how it changed."""

    base: int | None
    now: int | None
    base_limit: int | None
    limit: int | None
    change: int | None
    kind: str


def compare_project(catalogue: Catalogue, project: str, base_year: int, year: int) -> Change:
    """Compare the initial budgets of a project."""
    sides = []
    for side in (base_year, year):
        lines = [line for line in addends("initial", catalogue.of_year(side)) if line.project == project]
        covered = {each for line in lines for each in COVERED.get(line.stage, {(line.stage, 0)})}
        sides.append((add_up(lines), add_up(lines, LENDING_LIMIT), covered, project in catalogue.projects(side)))
    (base, base_limit, base_covered, was_there), (now, limit, covered, is_there) = sides
    by_limit = base is None and now is None
    before, after = (base_limit, limit) if by_limit else (base, now)
    if before is not None and after is not None:
        if base_covered != covered:
            return Change(base, now, base_limit, limit, None, "incomparable")
        kind = "increased" if after > before else "decreased" if after < before else "same"
        return Change(base, now, base_limit, limit, None if by_limit else after - before, kind)
    if before is None and after is None:
        kind = "silent" if was_there and is_there else "new" if is_there else "ended"
    elif before is None:
        kind = "stated" if was_there else "new"
    else:
        kind = "unstated" if is_there else "ended"
    return Change(base, now, base_limit, limit, None, kind)


def ladder(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """Return the steps of one project, year and kind, with the sums that add up more than one step."""
    lines = list(lines)

    def steps(*roles: str) -> list[tuple[str, int]]:
        found = [(code, [line for line in lines if line.stage == code]) for code in STAGES]
        return [
            (STAGES[code][0], sum(line.amount for line in own)) for code, own in found if own and own[0].role in roles
        ]

    movements, carried = steps(*MOVEMENTS), steps("carried_in")
    current = [("現計", sum(amount for _, amount in movements))] if len(movements) > 1 else []
    available = [("予算現額", sum(amount for _, amount in [*movements, *carried]))] if carried else []
    return [*movements, *current, *carried, *available, *steps("settlement", "carried_out")]


def spent_of_available(lines: Iterable[Line]) -> tuple[int | None, int | None, int | None]:
    """Return what was available, what of it was spent, and what is left unused, of one project, year and kind."""
    lines = list(lines)
    sums = [
        sum(line.amount for line in own) if own else None
        for own in (addends(measure, lines) for measure in ("available", "settlement", "carried_out"))
    ]
    available, spent, carried = sums
    if available is None or spent is None or carried is None:
        return available, spent, None
    return available, spent, available - spent - carried
