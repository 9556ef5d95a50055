"""Fiscal years of the catalogue: in which of them each section of the portal has rows, and on which it opens.

A year that states no amount, such as a new one whose appearances are published before its amounts, opens no section
about money; a line of another year changes no section that has nothing of that year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection

from budgets.models import BudgetLine, BudgetSum, Measure, Stage, StageRole
from budgets.models.measures import choose_opening_measure
from catalog.compiled_queries import to_database_value
from catalog.models import Countermeasure, Plan
from projects.models import Appearance, SakigakeProject


class YearContent(StrEnum):
    """Kind of rows of a fiscal year; `own` rows are those of the goal, department or Sakigake project of a page."""

    LINE = "line"
    PRINTED_AMOUNT = "printed_amount"  # an appearance that prints an amount
    LISTING = "listing"
    COMPONENT = "component"
    COMPONENT_AMOUNT = "component_amount"  # a component that prints an amount, or whose project has a line
    CARRIED_IN = "carried_in"  # a line of what was carried in from the year before
    OWN = "own"
    OWN_AMOUNT = "own_amount"  # the same of own rows


STATES = "states_"  # prefix of the content of a year that states an amount of a measure
LINES, APPEARANCES = BudgetLine._meta.db_table, Appearance._meta.db_table
CURRENT_PLAN = f"(SELECT id FROM {Plan._meta.db_table} WHERE is_current)"  # noqa: S608  # a table's name
STATES_AMOUNT = f"""(
    appearance.printed_amount_thousand_yen IS NOT NULL OR EXISTS (
        SELECT 1 FROM {LINES} AS line
        WHERE line.project_id = appearance.project_id AND line.fiscal_year = appearance.fiscal_year
    )
)"""  # noqa: S608  # a table's name


def select_printing_years(content: YearContent, condition: str) -> str:
    """Return the SELECT of the years in which an appearance of the current plan meets a condition."""
    return f"""
SELECT '{content}', fiscal_year FROM printing WHERE EXISTS (
    SELECT 1 FROM {APPEARANCES} AS appearance
    WHERE plan_id = {CURRENT_PLAN} AND appearance.fiscal_year = printing.fiscal_year AND {condition}
)
"""  # noqa: S608  # names of tables


# Loose index scans: each step seeks the next lower year, so the cost does not grow with the number of lines.
YEARS_QUERY = f"""
WITH RECURSIVE stating(fiscal_year) AS (
    SELECT max(fiscal_year) FROM {LINES}
    UNION ALL
    SELECT (SELECT max(fiscal_year) FROM {LINES} WHERE fiscal_year < stating.fiscal_year)
    FROM stating WHERE fiscal_year IS NOT NULL
), printing(fiscal_year) AS (
    SELECT max(fiscal_year) FROM {APPEARANCES} WHERE plan_id = {CURRENT_PLAN}
    UNION ALL
    SELECT (
        SELECT max(fiscal_year) FROM {APPEARANCES}
        WHERE plan_id = {CURRENT_PLAN} AND fiscal_year < printing.fiscal_year
    )
    FROM printing WHERE fiscal_year IS NOT NULL
), measures(measure) AS (
    VALUES {", ".join(f"('{measure}')" for measure in Measure if measure.has_total)}
)
SELECT '{YearContent.LINE}', fiscal_year FROM stating WHERE fiscal_year IS NOT NULL
UNION ALL SELECT '{STATES}' || measure, fiscal_year FROM stating CROSS JOIN measures WHERE EXISTS (
    SELECT 1 FROM {BudgetSum._meta.db_table} AS sums
    WHERE sums.fiscal_year = stating.fiscal_year AND sums.measure = measures.measure AND sums.kind IS NOT NULL
)
UNION ALL SELECT '{YearContent.CARRIED_IN}', fiscal_year FROM stating WHERE EXISTS (
    SELECT 1 FROM {BudgetSum._meta.db_table} AS sums
    INNER JOIN {Stage._meta.db_table} AS stage ON stage.id = sums.stage_id AND stage.role = '{StageRole.CARRIED_IN}'
    WHERE sums.fiscal_year = stating.fiscal_year AND sums.measure = '{Measure.ALL}'
)
UNION ALL {select_printing_years(YearContent.LISTING, "countermeasure_id IS NOT NULL")}
UNION ALL {select_printing_years(YearContent.COMPONENT, "sakigake_project_id IS NOT NULL")}
UNION ALL {select_printing_years(YearContent.PRINTED_AMOUNT, "printed_amount_thousand_yen IS NOT NULL")}
UNION ALL {select_printing_years(YearContent.COMPONENT_AMOUNT, f"sakigake_project_id IS NOT NULL AND {STATES_AMOUNT}")}
"""  # noqa: S608  # names of tables

# Years of the own rows of a page, whose key is the parameter.
OWN_CONTENT = f"CASE WHEN {{}} THEN '{YearContent.OWN_AMOUNT}' ELSE '{YearContent.OWN}' END"
DEPARTMENT_YEARS_QUERY = f"""
SELECT {OWN_CONTENT.format("kind IS NOT NULL")}, fiscal_year FROM {BudgetSum._meta.db_table} WHERE department_id = %s
"""  # noqa: S608  # names of tables
GOAL_YEARS_QUERY = f"""
SELECT {OWN_CONTENT.format(STATES_AMOUNT)}, fiscal_year FROM {APPEARANCES} AS appearance
WHERE countermeasure_id IN (SELECT id FROM {Countermeasure._meta.db_table} WHERE goal_id = %s)
"""  # noqa: S608  # names of tables
SAKIGAKE_PROJECT_YEARS_QUERY = f"""
SELECT {OWN_CONTENT.format(STATES_AMOUNT)}, fiscal_year FROM {APPEARANCES} AS appearance
WHERE sakigake_project_id = (
    SELECT id FROM {SakigakeProject._meta.db_table} WHERE plan_id = {CURRENT_PLAN} AND number = %s
)
"""  # noqa: S608  # names of tables


@dataclass(frozen=True)
class SectionYears:
    """The fiscal years of a section, latest first, and the one on which it opens (0: there is none).

    `all_years` are those of the catalogue, each of which may be asked for; `years` those in which the section has rows.
    """

    all_years: list[int]
    years: list[int]
    default: int


@dataclass(frozen=True)
class CatalogueYears:
    """The fiscal years of the catalogue by what they contain, and the years of each section."""

    by_content: Mapping[str, Set[int]]

    @property
    def all_years(self) -> list[int]:
        """The years in which projects appear or state an amount, latest first."""
        return sort_latest_first(self.lines | self.appearances)

    @property
    def lines(self) -> Set[int]:
        """The years in which a line states an amount."""
        return self.years_with(YearContent.LINE)

    def stated_measures(self, fiscal_year: int) -> list[Measure]:
        """Return the measures of which a year states an amount, in the order of a year; 0: any year."""
        years = {fiscal_year} if fiscal_year else {*self.all_years}
        return [measure for measure in Measure if years & self.by_content.get(f"{STATES}{measure}", frozenset())]

    def distinct_measures(self, fiscal_year: int) -> list[Measure]:
        """Return the stated measures that can differ from one another; 0: of any year.

        Without a supplement the current budget is the initial one, without carrying in what is available is current.
        """
        stated = self.stated_measures(fiscal_year)
        years = {fiscal_year} if fiscal_year else {*self.all_years}
        equal = set()
        if Measure.INITIAL in stated and Measure.SUPPLEMENTARY not in stated:
            equal.add(Measure.CURRENT)
        if not years & self.years_with(YearContent.CARRIED_IN):
            equal.add(Measure.AVAILABLE)
        return [measure for measure in stated if measure not in equal]

    def opening_measure(self, fiscal_year: int) -> Measure:
        """Return the measure on which a year opens; 0: on which all years together do."""
        return choose_opening_measure(self.stated_measures(fiscal_year))

    @property
    def appearances(self) -> Set[int]:
        """The years in which projects appear in the current plan."""
        return self.years_with(YearContent.LISTING) | self.years_with(YearContent.COMPONENT)

    @property
    def budgets(self) -> SectionYears:
        """Years of the budget table, the comparison and the charts: opens on the latest with a line."""
        return self.make_section({*self.all_years})

    @property
    def listings(self) -> SectionYears:
        """Years of the related projects, which are no amounts: opens on the latest in which any is listed."""
        listings = self.years_with(YearContent.LISTING)
        return self.make_section(listings, listings)

    @property
    def sakigake(self) -> SectionYears:
        """Years of the Sakigake projects: opens on the latest in which a component states an amount."""
        return self.make_section(self.years_with(YearContent.COMPONENT), self.years_with(YearContent.COMPONENT_AMOUNT))

    @property
    def check(self) -> SectionYears:
        """Years of the reconciliation: opens on the latest in which print states an amount."""
        printed = self.years_with(YearContent.PRINTED_AMOUNT)
        return self.make_section(self.lines | printed, printed)

    @property
    def appearing(self) -> SectionYears:
        """Years for work on what appears, such as missing amounts: opens on the latest, though it states none yet."""
        return self.make_section(self.appearances, self.appearances)

    @property
    def own_rows(self) -> SectionYears:
        """Years of the page's own rows: opens on the latest in which they state an amount."""
        stated = self.years_with(YearContent.OWN_AMOUNT)
        return self.make_section(self.years_with(YearContent.OWN) | stated, stated)

    def years_with(self, content: YearContent) -> Set[int]:
        return self.by_content.get(content, frozenset())

    def make_section(self, years: Set[int], preferred: Set[int] = frozenset()) -> SectionYears:
        """Open a section on its latest preferred year, else on its latest with a line, else on its latest."""
        candidates = (preferred, years & self.lines, years, self.lines, self.appearances)
        return SectionYears(
            self.all_years, sort_latest_first(years), next((max(each) for each in candidates if each), 0)
        )


def sort_latest_first(years: Set[int]) -> list[int]:
    return sorted(years, reverse=True)


def read_years() -> CatalogueYears:
    """Read the years of all sections; one query, like each of the following, which add those of own rows."""
    return fetch_years(YEARS_QUERY)


def read_years_of_goal(goal: UUID) -> CatalogueYears:
    """Read the years; own rows are a goal's related projects."""
    return fetch_years(f"{YEARS_QUERY} UNION ALL {GOAL_YEARS_QUERY}", goal)


def read_years_of_department(department: UUID) -> CatalogueYears:
    """Read the years; own rows are a department's rows of the budget table."""
    return fetch_years(f"{YEARS_QUERY} UNION ALL {DEPARTMENT_YEARS_QUERY}", department)


def read_years_of_sakigake_project(number: int) -> CatalogueYears:
    """Read the years; own rows are the components of a Sakigake project of the current plan."""
    return fetch_years(f"{YEARS_QUERY} UNION ALL {SAKIGAKE_PROJECT_YEARS_QUERY}", number)


def fetch_years(query: str, *values: UUID | int) -> CatalogueYears:
    by_content: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        # Within a SELECT, as a recorder of changes takes no other statement that only reads.
        within = f"SELECT * FROM ({query}) AS years"  # noqa: S608  # queries of this module
        cursor.execute(within, [to_database_value(value) for value in values])
        for content, year in cursor.fetchall():
            by_content[content].add(year)
    return CatalogueYears(by_content)
