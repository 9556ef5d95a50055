from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, models, transaction

from dxportal.changesets.differences import diff_tables
from dxportal.changesets.questions import TABLES_ASKED_ABOUT, Question, find_questions
from dxportal.changesets.row_values import ValuesByRow, read_rows
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import CatalogueDiffersError, Outcome, SeveralPlansError, load_folder
from dxportal.planfiles.raw_files import FolderError
from dxportal.planfiles.schema import Folder
from dxportal.revisions.locks import take_exclusive_lock

OUTCOME_MESSAGES = {
    Outcome.LOADED: "読み込みました。",
    Outcome.UNCHANGED: "カタログはこのフォルダーと同じです。何も変えていません。",
    Outcome.REPLACED: "カタログを置き換えました。",
}


class Command(BaseCommand):
    help = "計画フォルダーを検査し、すべて正しければカタログに読み込みます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="計画フォルダー")
        parser.add_argument("--replace", action="store_true", help="内容の違うカタログを消して置き換える")
        parser.add_argument("--accept", action="store_true", help="珍しい内容（確かめること）があっても読み込む")

    def handle(self, *args: Any, folder: Path, replace: bool, accept: bool, **options: Any) -> None:
        try:
            outcome = self.load(read_folder(folder), replace, accept)
        except FolderError as error:
            raise CommandError("\n".join([*map(str, error.problems), f"{error} カタログは変えていません。"])) from error
        except SeveralPlansError as error:
            raise CommandError(
                "公開中でない計画があります。読み込むと失われるため、カタログは変えていません。"
                "管理画面でその計画を公開中にするか、消してください。"
            ) from error
        except CatalogueDiffersError as error:
            raise CommandError(
                "\n".join(
                    [
                        *map(str, error.differences),
                        f"カタログの内容がフォルダーと違います（{error}）。カタログは変えていません。",
                        "置き換えるには --replace を付けてください。今の内容は dump_plan で保存できます。",
                    ]
                )
            ) from error
        except IntegrityError as error:
            raise CommandError(
                f"データベースの決まりに合わない内容があります（{error}）。カタログは変えていません。"
            ) from error
        self.stdout.write(OUTCOME_MESSAGES[outcome])

    @transaction.atomic
    def load(self, folder: Folder, replace: bool, accept: bool) -> Outcome:
        """Load a folder and print the questions about what that changes; unless accepted, they undo the loading."""
        take_exclusive_lock()
        before = read_rows_asked_about()
        outcome = load_folder(folder, replace)
        if outcome is Outcome.UNCHANGED:
            return outcome
        questions = find_questions(diff_tables(before, read_rows_asked_about()))
        for question in questions:
            self.stdout.write(describe_question(question))
        if questions and not accept:
            raise CommandError(
                f"確かめることが{len(questions)}件あります。カタログは変えていません。"
                "正しければ、--accept を付けて読み込んでください。"
            )
        return outcome


def read_rows_asked_about() -> dict[type[models.Model], ValuesByRow]:
    return {model: read_rows(model) for model in TABLES_ASKED_ABOUT}


def describe_question(question: Question) -> str:
    """Return a question as lines of text: its sentence, what to look at, and the rows."""
    rows = [f"  {cell.description}" for cell in question.cells]
    more = [f"  ほかに{question.more}件"] if question.more else []
    return "\n".join([f"{question.sentence}{question.hint}", *rows, *more])
