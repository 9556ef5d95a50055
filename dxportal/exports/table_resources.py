"""Resources and formats of django-import-export, so that the admin exports the same files as the public pages."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from import_export import resources
from import_export.formats.base_formats import Format
from tablib import Dataset

from dxportal.changesets.current_plan import current_plan
from dxportal.exports.csv_files import utf8_chunks
from dxportal.exports.excel import write_excel
from dxportal.exports.metadata_sheet import FileMetadata
from dxportal.tables.cell_values import make_field
from dxportal.tables.registry import TABLES
from dxportal.tables.table import Table
from dxportal.tables.table_rows import TableRows


class TableResource(resources.Resource):
    """Resource of a table: columns under the registry's labels; the dataset's `title` is the table's name."""

    table: Table

    def filter_export(self, queryset: Any, **options: Any) -> TableRows:
        """Return the rows as mappings of the table's columns, in the table's order."""
        return TableRows(self.table, (queryset,))

    def after_export(self, queryset: Any, dataset: Dataset, **options: Any) -> None:
        dataset.title = self.table.name

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls.table.label)


def make_resource(table: Table) -> type[TableResource]:
    """Make the resource class of a table, with one field per column."""
    fields = {column.name: make_field(column, by_name=False) for column in table.in_files}
    return type(f"{table.name.capitalize()}Resource", (TableResource,), {"table": table, **fields})


class TableFormat(Format):
    """Export format that uses the writers of the public downloads; export only (`dxportal.sheets` reads files)."""

    extension: str

    def get_title(self) -> str:
        return self.extension

    def get_extension(self) -> str:
        return self.extension

    def is_binary(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True


class ExcelFormat(TableFormat):
    extension = "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        table = next(table for table in TABLES if table.name == dataset.title)
        file = BytesIO()
        about = FileMetadata.of_rows(table, len(dataset), current_plan())
        write_excel(file, dataset.headers, map(list, dataset), about)
        return file.getvalue()


class CsvFormat(TableFormat):
    extension = "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        return b"".join(utf8_chunks(dataset.headers, map(list, dataset)))
