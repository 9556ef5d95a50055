"""Budget sheet for departments to fill in: the budget table of one fiscal year with row keys and notes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, RowNumber
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.models import BudgetLine, ChangeReason, Stage
from budgets.models.lines import BudgetLineQuerySet
from budgets.reasons import find_base_year
from catalog.models import Department
from dxportal.changesets.current_plan import current_plan
from dxportal.cp932 import ReplacedCharacters
from dxportal.exports.csv_files import cp932_chunks, utf8_chunks
from dxportal.exports.excel import SheetForm, write_excel
from dxportal.exports.metadata_sheet import FileMetadata, MetadataLine
from dxportal.money_and_years import fiscal_year
from dxportal.revisions.publish import current_revision
from dxportal.sheets.parsed_file import fold_cell
from dxportal.sheets.upload_limits import MAX_UPLOAD_ROWS
from dxportal.tables.amount_columns import AMOUNT_COLUMNS
from dxportal.tables.cell_values import Cell, escape_formula, render_headers, render_rows
from dxportal.tables.columns import Column, ColumnType, TableRow
from dxportal.tables.registry import BUDGET_LINES
from dxportal.tables.table import Table
from dxportal.tables.table_rows import TableRows
from projects.models import AmountKind, Appearance, Nature, Project, ProjectPart
from projects.models.appearances import AppearanceQuerySet

# Labels on the metadata sheet of values that an upload reads back.
FORMAT_LABEL, REVISION_LABEL = "シートの形式", "カタログの版"
SHEET_YEAR_LABEL, DEPARTMENT_LABEL = "シートの年度", "シートの部局"
ALL_DEPARTMENTS = "すべての部局"
# Raised when the columns change, so that a sheet of the old columns is refused. Their order does not matter.
SHEET_FORMAT = 2
UNSTATED_FORMAT = 1  # format of workbooks that state none, which version 0.1.0 wrote
PREPARED_ROWS = 20  # rows below the table with year and department filled in; with them most departments print one page


def make_blank_column(name: str, label: Any, meaning: Any) -> Column:
    """Return a column that is empty in every written sheet, for values of new projects and appearances."""
    return Column(name, label, ColumnType.TEXT, meaning, Value("", CharField()), on_screen=False)


KEY_COLUMN = Column(
    "key",
    _("行キー"),
    ColumnType.CODE,
    _("この行を指す符号。変えないでください。書き足した行では空にします。"),
    "line_key",
    on_screen=False,
)
NOTE_COLUMN = Column(
    "note",
    _("編集注"),
    ColumnType.TEXT,
    _("資料に記載のない事情。公開ページに表示されます。"),
    "line_note",
    on_screen=False,
)
REASON_COLUMN = Column(
    "reason",
    _("増減の理由"),
    ColumnType.TEXT,
    _(
        "前の年度（額のあるすぐ前の年度）からの増減の理由。事業ごとに一つで、その事業の最初の行にあります。"
        "年度の比較のページに表示されます。"
    ),
    "line_reason",
    on_screen=False,
)
# Columns of the bureau's sheet only.
NEW_PROJECT_COLUMNS = (
    make_blank_column("kana", _("よみ"), _("新しい事業の名のよみ。ひらがなで。")),
    make_blank_column("nature", _("種類"), _("新しい事業の種類。空なら「事業」。")),
    make_blank_column("countermeasure", _("対応策コード"), _("関連事業として載せる対応策のコード。")),
    make_blank_column("sakigake", _("プロジェクト番号"), _("構成事業として載せるプロジェクト番号。")),
)
IDENTIFYING_COLUMNS = ("key", "fiscal_year", "project_code")
EDITABLE_COLUMNS = ("part", "stage", "kind", *AMOUNT_COLUMNS.values(), "note", REASON_COLUMN.name)
# Columns that nobody fills in, to the left of the row key, so that the others print in a legible size.
UNPRINTED_COLUMNS = ("stage_role", "amount_state", "basis", "printed_thousand_yen", "url")
PREFILLED_COLUMNS = ("fiscal_year", "department_code", "department_name")  # of the prepared rows


def make_sheet_table(*more: Column) -> Table:
    """Return the table of a sheet: the project's name first, and last the columns that are not printed."""
    columns = dict(BUDGET_LINES.by_name)
    name, unprinted = columns.pop("project_name"), [columns.pop(each) for each in UNPRINTED_COLUMNS]
    ordered = (name, *columns.values(), NOTE_COLUMN, REASON_COLUMN, *more, *unprinted, KEY_COLUMN)
    return replace(BUDGET_LINES, name="sheet", label=_("予算シート"), columns=ordered)


SHEET_TABLE = make_sheet_table()
BUREAU_SHEET_TABLE = make_sheet_table(*NEW_PROJECT_COLUMNS)

FILLING_RULES: list[MetadataLine] = [
    (
        _("書き込む列"),
        _(
            "内訳・予算区分・種別・予算額（千円）・融資枠（千円）・編集注・増減の理由の列です。ほかの列を変えると、取り込みません。"
        ),
    ),
    (
        _("額の列"),
        _("種別が「予算額」の額は予算額（千円）に、「融資枠」の額は融資枠（千円）に入れ、もう一方は空にします。"),
    ),
    (_("空欄のまま"), _("額を空にしても、元の額は変わりません。")),
    (_("記載なし"), _("額の列に「記載なし」と入れると、額の記載がなくなります。0 と入れると0円です。")),
    (
        _("増減の理由"),
        _(
            "事業ごとに一つです。事業に行がいくつあっても、どれか一つの行に書き、ほかの行は空にします。空にしても、元の文は"
            "消えません。「記載なし」と入れると、なくなります。"
        ),
    ),
    (
        _("行を足す"),
        _(
            "補正などは、表の下の年度の入った行に、事業名か事業コード、予算区分、額を入れます。種別は、空なら額を入れた列で決まります。"
        ),
    ),
    (_("使わない行"), _("年度の入った行は、そのままで構いません。書いた行も、行キーは空のままにします。")),
    (_("行を消す"), _("行を消しても、元の額は消えません。「記載なし」と入れてください。")),
]


@dataclass(frozen=True)
class BudgetSheet:
    """Sheet of a fiscal year: its budget lines and projects without an amount, of one department or all (None)."""

    year: int
    department: Department | None

    @property
    def table(self) -> Table:
        return SHEET_TABLE if self.department else BUREAU_SHEET_TABLE

    @property
    def columns(self) -> list[Column]:
        return self.table.in_files

    @property
    def lines(self) -> BudgetLineQuerySet:
        lines = BudgetLine.objects.for_year(self.year)
        return lines.of_department(self.department) if self.department else lines

    @property
    def without_line(self) -> AppearanceQuerySet:
        """The first appearances of the projects of the year that have no line in it, of any department."""
        appearances = Appearance.objects.current().for_year(self.year).first_of_each_project()
        has_line = BudgetLine.objects.for_year(self.year).filter(project=OuterRef("project"))
        without_line = appearances.filter(~Exists(has_line))
        return without_line.filter(department=self.department) if self.department else without_line

    @cached_property
    def base_year(self) -> int:
        """The year from which the reasons explain the changes; the sheet's own if no year before has an amount."""
        return find_base_year(self.year)

    @property
    def table_rows(self) -> TableRows:
        return self.make_table_rows(self.lines, self.without_line)

    def __iter__(self) -> Iterator[TableRow]:
        return iter(self.table_rows)

    def rows_of_projects(self, projects: Collection[UUID]) -> Iterator[TableRow]:
        """Read only the rows of some projects."""
        of_projects = Q(project__in=list(projects))
        return iter(self.make_table_rows(self.lines.filter(of_projects), self.without_line.filter(of_projects)))

    def make_table_rows(self, lines: BudgetLineQuerySet, without_line: AppearanceQuerySet) -> TableRows:
        text = self.select_reason()
        first = Case(When(is_first_line_of_project(), then=text), default=Value("", TextField()))
        with_keys = annotate_row_keys(lines).annotate(line_reason=first)
        return TableRows(self.table, (with_keys, without_line.annotate(line_reason=text)))

    def select_reason(self) -> Combinable:
        """Return the expression for the reason of a row's project, NULL if none is stated."""
        reasons = ChangeReason.objects.between(self.base_year, self.year).filter(project=OuterRef("project"))
        return Subquery(reasons.order_by().values("text"))

    def render_rows(self, changed: ReplacedCharacters | None = None) -> Iterator[tuple[Cell, ...]]:
        return render_rows(self.columns, self.table_rows, by_name=False, replaced=changed)

    @property
    def labels(self) -> list[str]:
        return render_headers(self.columns, by_name=False)

    @property
    def name(self) -> str:
        """File name without extension: `予算シート_令和３年度（2021年度）_教育庁_20261126`."""
        scope = self.department or ALL_DEPARTMENTS
        return f"{self.table.label}_{fiscal_year(self.year)}_{scope}_{timezone.localdate():%Y%m%d}"

    def write_excel(self, file: BinaryIO) -> None:
        changed = ReplacedCharacters()
        rows = list(self.render_rows(changed))
        metadata = replace(self.make_metadata(len(rows)), replaced=changed)
        write_excel(file, self.labels, rows, metadata, self.make_form(len(rows)))

    def write_csv(self, file: BinaryIO, encoding: str) -> None:
        pieces = cp932_chunks if encoding == "cp932" else utf8_chunks
        file.writelines(pieces(self.labels, self.render_rows()))

    def make_metadata(self, count: int) -> FileMetadata:
        metadata = FileMetadata.of_rows(self.table, count, current_plan())
        of_sheet: list[MetadataLine] = [
            (FORMAT_LABEL, SHEET_FORMAT),
            (REVISION_LABEL, current_revision()),
            (SHEET_YEAR_LABEL, str(self.year)),
            (DEPARTMENT_LABEL, self.department.code if self.department else ALL_DEPARTMENTS),
        ]
        return replace(
            metadata,
            sections=[(gettext("このシート"), of_sheet), (gettext("書き込み方"), FILLING_RULES), *metadata.sections],
        )

    def make_form(self, count: int) -> SheetForm:
        """Return the Excel options for a table of `count` rows: editable columns, drop-downs and prepared rows."""
        names = [column.name for column in self.columns]
        editable = [*EDITABLE_COLUMNS, *(column.name for column in NEW_PROJECT_COLUMNS if column.name in names)]
        return SheetForm(
            frozenset(map(names.index, editable)),
            self.choices(self.columns),
            {number: str(column.meaning) for number, column in enumerate(self.columns)},
            MAX_UPLOAD_ROWS,
            prepared_row=self.prepared_row,
            prepared_rows=max(0, min(PREPARED_ROWS, MAX_UPLOAD_ROWS - count)),
            printed_columns=names.index(UNPRINTED_COLUMNS[0]),
        )

    @property
    def prepared_row(self) -> list[Cell]:
        """Cells of a row in which a line can be added: the year, and the department if the sheet is of one."""
        cells: dict[str, Cell] = {"fiscal_year": self.year}
        if self.department:
            cells |= {
                "department_code": self.department.code,
                "department_name": escape_formula(self.department.name),
            }
        return [cells.get(column.name) for column in self.columns]

    def choices(self, columns: Sequence[Column | None]) -> dict[int, list[str]]:
        """Return drop-down lists by column index, from 0.

        Project names are offered where no project can be added; parts are those of any project of the sheet.
        """
        stating, others = (rows.order_by().values("project") for rows in (self.lines, self.without_line))
        projects = Project.objects.filter(Q(pk__in=stating) | Q(pk__in=others))
        parts = ProjectPart.objects.filter(project__in=projects)
        offered = {
            "project_name": [*dict.fromkeys(projects.values_list("name", flat=True))] if self.department else [],
            "part": [*dict.fromkeys(parts.order_by("name", "code").values_list("name", flat=True))],
            "stage": list(Stage.objects.values_list("name", flat=True)),
            "kind": [str(kind) for kind in AmountKind.labels],
            "nature": [str(nature) for nature in Nature.labels],
        }
        choices = {index: offered.get(column.name, []) for index, column in enumerate(columns) if column}
        return {index: words for index, words in choices.items() if words}

    @cached_property
    def by_header(self) -> dict[str, Column]:
        return {fold_cell(word): column for column in self.columns for word in (column.name, str(column.label))}


def is_first_line_of_project() -> Exact:
    """Return the condition for the line of a project that stands first in a sheet."""
    order = [F(path.removeprefix("-")).asc(nulls_first=True) for path in (*BUDGET_LINES.order, "pk")]  # of one year
    return Exact(Window(RowNumber(), partition_by=F("project"), order_by=order), Value(1))


def annotate_row_keys(lines: QuerySet[BudgetLine]) -> Any:
    """Annotate budget lines with the columns that only sheets have: row key and note."""
    slash, nothing = Value("/"), Value("", CharField())
    return lines.annotate(
        line_key=Concat(
            "project__code",
            slash,
            Case(When(part__isnull=True, then=nothing), default=Concat("part__code", slash)),
            Cast("fiscal_year", CharField()),
            slash,
            "stage__code",
            slash,
            "kind",
            output_field=CharField(),
        ),
        line_note=F("editorial_note"),
    )
