"""Questions about changes that are lawful but odd, which a person confirms before they are published.

Each rule yields a question for a row, or a project's fiscal year, that looks like a mistake but may be right. As the
rules of `integrity_rules`, they look at the changed rows alone, in the catalogue as the changes leave it. A changed
stage or plan asks nothing: the rows that it concerns have not changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.utils.translation import gettext, gettext_lazy

from budgets.models import BudgetLine, Stage, StageRole
from budgets.models.measures import MOVEMENTS, Measure, select_addends, sum_in_memory
from catalog.models import Plan
from catalog.row_changes import RowChange
from dxportal.changesets.row_values import KEYS_PER_QUERY, read_rows
from dxportal.money_and_years import fiscal_year as format_year
from dxportal.money_and_years import money
from projects.models import AmountKind, Appearance

ODD_RATIO = 100  # between an amount and its old value; yen typed for thousand yen are 1,000 times as much
YEARS_AROUND_PLAN = 5  # fiscal years before and after the plan's period that are nothing odd
MAX_CELLS = 20  # rows that a question lists

# Columns of budget lines that decide what a project's fiscal year states.
STATING_COLUMNS = frozenset({"project_id", "part_id", "fiscal_year", "kind", "stage_id", "amount_thousand_yen"})
LINE_KEY = ("project_id", "part_id", "fiscal_year", "stage_id", "kind")
AMOUNT_COLUMNS: dict[type[models.Model], str] = {
    BudgetLine: "amount_thousand_yen",
    Appearance: "printed_amount_thousand_yen",
}
TABLES_ASKED_ABOUT = tuple(AMOUNT_COLUMNS)  # each has a fiscal year, too


class QuestionKind(models.TextChoices):
    """Subject of a question; the label says what to look at before confirming it."""

    SCALE = "scale", gettext_lazy("円と千円を取り違えていないか、桁を間違えていないか、確かめてください。")
    YEAR = "year", gettext_lazy("年度の打ち間違いでないか、確かめてください。")
    SETTLEMENT = "settlement", gettext_lazy("決算の額と、予算の額のどちらかに間違いや抜けがないか、確かめてください。")
    NO_INITIAL = (
        "no_initial",
        gettext_lazy("補正で新しく始めた事業なら、正しいものです。当初の額を入れ忘れていないか、確かめてください。"),
    )
    BALANCE = "balance", gettext_lazy("補正のどれかが抜けていないか、確かめてください。")


@dataclass(frozen=True)
class QuestionCell:
    """An amount that a question is about, before and after the changes; None if it is not stated."""

    model: type[models.Model]
    row: UUID
    name: str
    fiscal_year: int
    stage: str
    old: int | None
    new: int | None

    @property
    def is_changed(self) -> bool:
        return self.old != self.new

    @property
    def description(self) -> str:
        """The cell as a line of text."""
        amount = f"{money(self.old)} → {money(self.new)}" if self.is_changed else money(self.new)
        return f"{self.name}　{format_year(self.fiscal_year)}　{self.stage}　{amount}"


@dataclass(frozen=True)
class Question:
    """A question about rows. `subject` identifies them, `values` are the figures asked about."""

    kind: QuestionKind
    subject: str
    values: tuple[int, ...]
    sentence: str
    cells: Sequence[QuestionCell] = field(repr=False)
    more: int = 0  # rows that are not among the cells

    @property
    def key(self) -> str:
        """The same as long as the same is asked of the same rows: another value is another question."""
        return ":".join([self.kind.value, self.subject, *map(str, self.values)])

    @property
    def hint(self) -> str:
        return str(self.kind.label)


class StatedLine(NamedTuple):
    """A budget line with what questions say of it."""

    pk: UUID
    project_id: UUID
    fiscal_year: int
    kind: str
    part_id: UUID | None
    role: str
    position: int
    stage_code: str
    amount: int
    project_name: str
    part_name: str | None
    stage_name: str

    @property
    def order(self) -> tuple[int, str]:
        """Place of the stage within the year."""
        return self.position, self.stage_code

    @property
    def name(self) -> str:
        return f"{self.project_name}（{self.part_name}）" if self.part_name else self.project_name


LINE_COLUMNS = (
    *("pk", "project_id", "fiscal_year", "kind", "part_id", "stage__role", "stage__position", "stage__code"),
    *("amount_thousand_yen", "project__name", "part__name", "stage__name"),
)
PARTS_IN_ORDER = models.F("part__position").asc(nulls_first=True)


class YearKey(NamedTuple):
    """A project, a fiscal year, and a kind of amount."""

    project: UUID
    fiscal_year: int
    kind: str


@dataclass(frozen=True)
class ProjectYear:
    """Budget lines of a project in a fiscal year and one kind of amount, some of which changed.

    `old_amounts` has the former amount of each line that is new (None) or has another amount now. `changed_roles` are
    the roles of the stages of the changed lines, before and after.
    """

    key: YearKey
    lines: Sequence[StatedLine]
    old_amounts: dict[UUID, int | None]
    changed_roles: Collection[str]

    @property
    def subject(self) -> str:
        return "/".join(map(str, self.key))

    @property
    def name(self) -> str:
        """The project and year, and the kind of amount unless it is expenditure."""
        kind = AmountKind(self.key.kind)
        suffix = "" if kind is AmountKind.EXPENDITURE else f"（{kind.label}）"
        return f"「{self.lines[0].project_name}」の{format_year(self.key.fiscal_year)}{suffix}"

    def addends(self, measure: Measure) -> list[StatedLine]:
        return select_addends(measure, ((line, line.role, line.order) for line in self.lines))

    def cells(self, lines: Iterable[StatedLine]) -> list[QuestionCell]:
        return [make_line_cell(line, self.old_amounts.get(line.pk, line.amount)) for line in lines]


def find_questions(changes: Iterable[RowChange]) -> list[Question]:
    """Return the questions about changes, which the tables hold already; each costs a query or two in all."""
    changes = list(changes)
    questions = [question for ask in ROW_RULES for question in ask(changes)]
    years = read_changed_years(changes)
    for ask_of_year, roles in YEAR_RULES:
        for year in years:
            if not roles.isdisjoint(year.changed_roles):
                questions += ask_of_year(year)
    return questions


def ask_about_scale(changes: Sequence[RowChange]) -> Iterator[Question]:
    """Ask about amounts that are 100 times as much as before, or a hundredth."""
    odd = [amount for amount in find_changed_amounts(changes) if is_of_another_scale(amount.old, amount.new)]
    lines = {line.pk: line for line in read_lines("pk", [one.row for one in odd if one.model is BudgetLine])}
    printed = Appearance.objects.in_bulk([one.row for one in odd if one.model is Appearance])
    for amount in odd:
        if amount.model is BudgetLine:
            cell = make_line_cell(lines[amount.row], amount.old, amount.new)
        else:
            cell = make_printed_cell(printed[amount.row], amount.old, amount.new)
        yield Question(
            QuestionKind.SCALE, str(amount.row), (amount.old, amount.new), describe_scale(cell), cells=[cell]
        )


class ChangedAmount(NamedTuple):
    model: type[models.Model]
    row: UUID
    old: int
    new: int


def find_changed_amounts(changes: Iterable[RowChange]) -> Iterator[ChangedAmount]:
    """Yield the amounts that were stated and are another now; a new line may replace one that is deleted."""
    changes = [change for change in changes if change.model in AMOUNT_COLUMNS]
    deleted = {line_key(one.before): one.before for one in changes if one.model is BudgetLine and not one.after}
    for change in changes:
        name, before, after = AMOUNT_COLUMNS[change.model], change.before, change.after
        if before is None and change.model is BudgetLine:
            before = deleted.get(line_key(after))
        if before is None or after is None or name not in after:
            continue
        if before[name] is not None and after[name] is not None and before[name] != after[name]:
            yield ChangedAmount(change.model, change.row, before[name], after[name])


def line_key(values: dict[str, Any] | None) -> tuple[str, ...]:
    """Return what identifies a budget line among those of all projects."""
    return tuple(str((values or {}).get(name)) for name in LINE_KEY)


def is_of_another_scale(old: int, new: int) -> bool:
    """Tell whether an amount is 100 times its old value or more, or a hundredth or less; after 0 there is no scale."""
    return old != 0 and (abs(new) >= ODD_RATIO * abs(old) or ODD_RATIO * abs(new) <= abs(old))


def describe_scale(cell: QuestionCell) -> str:
    if not cell.new:
        sentence = gettext("%(row)sの額が、%(old)sから%(new)sになります。0円は「記載なし」とは違います。")
    elif abs(cell.new) > abs(cell.old or 0):
        sentence = gettext("%(row)sの額が、%(old)sから%(new)sへ、%(ratio)s倍以上になります。")
    else:
        sentence = gettext("%(row)sの額が、%(old)sから%(new)sへ、%(ratio)s分の1以下になります。")
    row = f"「{cell.name}」の{format_year(cell.fiscal_year)}の「{cell.stage}」"
    return sentence % {"row": row, "old": money(cell.old), "new": money(cell.new), "ratio": ODD_RATIO}


def ask_about_years(changes: Sequence[RowChange]) -> Iterator[Question]:
    """Ask once about each fiscal year far outside the plan's period, with the rows that get it."""
    rows: dict[tuple[int, type[models.Model]], list[UUID]] = defaultdict(list)
    for change in changes:
        if change.model in TABLES_ASKED_ABOUT and change.after and "fiscal_year" in change.after:
            rows[change.after["fiscal_year"], change.model].append(change.row)
    plan = Plan.objects.current() if rows else None
    if plan is None:
        return
    usual = range(plan.period_from - YEARS_AROUND_PLAN, plan.period_to + YEARS_AROUND_PLAN + 1)
    for (year, model), keys in sorted(rows.items(), key=lambda item: (item[0][0], item[0][1]._meta.label)):
        if year in usual:
            continue
        keys.sort()
        yield Question(
            QuestionKind.YEAR,
            f"{model._meta.model_name}/{sha256(b''.join(key.bytes for key in keys)).hexdigest()[:32]}",
            (year,),
            gettext(
                "%(year)sの%(kind)sが%(count)s件あります。計画の期間（%(first)s〜%(last)s年度）から%(years)s年を超えて離れています。"
            )
            % {
                "year": format_year(year),
                "kind": model._meta.verbose_name,
                "count": len(keys),
                "first": plan.period_from,
                "last": plan.period_to,
                "years": YEARS_AROUND_PLAN,
            },
            cells=make_cells(model, keys[:MAX_CELLS], changes),
            more=max(0, len(keys) - MAX_CELLS),
        )


def make_cells(model: type[models.Model], keys: Collection[UUID], changes: Iterable[RowChange]) -> list[QuestionCell]:
    """Return the cells of changed rows with what they state now, and stated before."""
    name, before = AMOUNT_COLUMNS[model], {one.row: one.before for one in changes if one.model is model}

    def old_amount(row: UUID, amount: int | None) -> int | None:
        sides = before.get(row)
        return None if sides is None else sides.get(name, amount)

    if model is BudgetLine:
        return [make_line_cell(line, old_amount(line.pk, line.amount)) for line in read_lines("pk", keys)]
    rows = Appearance.objects.in_bulk(keys)
    amounts = {key: rows[key].printed_amount_thousand_yen for key in keys}
    return [make_printed_cell(rows[key], old_amount(key, amounts[key]), amounts[key]) for key in keys]


def ask_about_settlement(year: ProjectYear) -> Iterator[Question]:
    """Ask about a settlement above what was available; a year whose budget nobody states has nothing to exceed."""
    settlement, available = year.addends(Measure.SETTLEMENT), year.addends(Measure.AVAILABLE)
    spent, limit = (sum_in_memory(line.amount for line in lines) for lines in (settlement, available))
    if spent is None or limit is None or spent <= limit:
        return
    yield Question(
        QuestionKind.SETTLEMENT,
        year.subject,
        (limit, spent),
        gettext("%(year)sの決算（%(spent)s）が、予算現額（%(limit)s）を超えています。")
        % {"year": year.name, "spent": money(spent), "limit": money(limit)},
        cells=year.cells([*available, *settlement]),
    )


def ask_about_missing_initial(year: ProjectYear) -> Iterator[Question]:
    """Ask about a supplement without an initial budget, as of a project that a supplement creates."""
    supplements = year.addends(Measure.SUPPLEMENTARY)
    if not supplements or year.addends(Measure.INITIAL):
        return
    total = sum_in_memory(line.amount for line in supplements) or 0
    yield Question(
        QuestionKind.NO_INITIAL,
        year.subject,
        (len(supplements), total),
        gettext("%(year)sには、補正など（%(total)s）がありますが、当初の額がありません。")
        % {"year": year.name, "total": money(total)},
        cells=year.cells(supplements),
    )


def ask_about_balances(year: ProjectYear) -> Iterator[Question]:
    """Ask about each balance that the movements before it in the year do not add up to, where the initial is known.

    Parts are compared one by one if all these lines are of parts, else together.
    """
    for order in sorted({line.order for line in year.lines if line.role == StageRole.REVISED}):
        lines = [
            line
            for line in year.lines
            if (line.role == StageRole.REVISED and line.order == order)
            or (line.role in MOVEMENTS and line.order < order)
        ]
        parts = {line.part_id for line in lines}
        for part in parts if None not in parts else [None]:
            yield from ask_about_balance(year, [line for line in lines if part in (None, line.part_id)])


def ask_about_balance(year: ProjectYear, lines: Sequence[StatedLine]) -> Iterator[Question]:
    """Compare a balance with its movements, all of the whole project or of one part."""
    balances = [line for line in lines if line.role == StageRole.REVISED]
    movements = [line for line in lines if line.role != StageRole.REVISED]
    if not balances or not any(line.role == StageRole.INITIAL for line in movements):
        return
    stated, reached = (sum_in_memory(line.amount for line in side) or 0 for side in (balances, movements))
    if stated == reached:
        return
    parts = {line.part_name for line in lines}
    name = f"{year.name}（{parts.pop()}）" if len(parts) == 1 and None not in parts else year.name
    yield Question(
        QuestionKind.BALANCE,
        f"{year.subject}/{balances[0].pk}",
        (stated, reached),
        gettext("%(year)sの「%(stage)s」（%(stated)s）が、当初とそのあとの補正などの合計（%(reached)s）と違います。")
        % {"year": name, "stage": balances[0].stage_name, "stated": money(stated), "reached": money(reached)},
        cells=year.cells([*movements, *balances]),
    )


ROW_RULES = (ask_about_scale, ask_about_years)
# Rules of a project's fiscal year, each with the roles of the stages whose lines, changed, may bring the question up.
YEAR_RULES = (
    (
        ask_about_settlement,
        frozenset({*MOVEMENTS, StageRole.REVISED, StageRole.CARRIED_IN, StageRole.SETTLEMENT}),
    ),
    (ask_about_missing_initial, frozenset(MOVEMENTS)),
    (ask_about_balances, frozenset({*MOVEMENTS, StageRole.REVISED})),
)


def read_changed_years(changes: Iterable[RowChange]) -> list[ProjectYear]:
    """Read the fiscal years of projects in which a changed budget line states something, or did."""
    changed = [one for one in changes if one.model is BudgetLine and one.touches(STATING_COLUMNS)]
    if not changed:
        return []
    stored = read_rows(BudgetLine, [one.row for one in changed if one.before is not None and one.after is not None])
    roles = {str(pk): role for pk, role in Stage.objects.order_by().values_list("pk", "role")}
    roles_by_year: dict[YearKey, set[str]] = defaultdict(set)
    old_amounts: dict[UUID, int | None] = {}
    for change in changed:
        after = change.after if change.before is None else stored.get(change.row)
        before = None if change.before is None else {**(after or {}), **change.before}
        for values in filter(None, (before, after)):
            key = YearKey(UUID(str(values["project_id"])), values["fiscal_year"], values["kind"])
            roles_by_year[key].add(roles.get(str(values["stage_id"]), ""))
        old_amounts[change.row] = None if before is None else before["amount_thousand_yen"]
    lines: dict[YearKey, list[StatedLine]] = defaultdict(list)
    for line in read_lines("project", {key.project for key in roles_by_year}):
        key = YearKey(line.project_id, line.fiscal_year, line.kind)
        if key in roles_by_year:
            lines[key].append(line)
    return [
        ProjectYear(key, of_year, {line.pk: old_amounts[line.pk] for line in of_year if line.pk in old_amounts}, roles_)
        for key, of_year in lines.items()
        if (roles_ := roles_by_year[key])
    ]


def read_lines(column: str, keys: Collection[UUID]) -> list[StatedLine]:
    """Read the budget lines whose `column` is one of these keys, by project, year, and order of the stages."""
    keys = list(keys)
    return [
        StatedLine(*row)
        for start in range(0, len(keys), KEYS_PER_QUERY)
        for row in BudgetLine.objects.filter(**{f"{column}__in": keys[start : start + KEYS_PER_QUERY]})
        .order_by("project__name", "project", "fiscal_year", "stage__position", PARTS_IN_ORDER, "pk")
        .values_list(*LINE_COLUMNS)
    ]


def make_line_cell(line: StatedLine, old: int | None, new: int | None = None) -> QuestionCell:
    amount = line.amount if new is None else new
    return QuestionCell(BudgetLine, line.pk, line.name, line.fiscal_year, line.stage_name, old, amount)


def make_printed_cell(row: Appearance, old: int | None, new: int | None) -> QuestionCell:
    name = gettext("資料に記載の額")
    return QuestionCell(Appearance, row.pk, row.printed_name, row.fiscal_year, name, old, new)
