"""Confirmations of questions: what a person has ticked before a set is proposed or published."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from dxportal.changesets.models import ChangeSet, Confirmation
from dxportal.changesets.questions import Question, find_questions
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.workflow import WorkflowError, read_differences


class UnconfirmedQuestionsError(WorkflowError):
    """A set whose questions are not all confirmed; the user can tick them and try again."""


@dataclass(frozen=True)
class QuestionStatus:
    """A question with its confirmation, or None."""

    question: Question
    confirmation: Confirmation | None


def derive_questions(change_set: ChangeSet) -> list[Question]:
    """Derive the questions about a set from its differences; raises ConflictError or RefusedByCatalogueError."""
    with preview_catalogue(read_differences(change_set)) as unpublished:
        return find_questions(unpublished)


def pair_with_confirmations(change_set: ChangeSet, questions: Iterable[Question]) -> list[QuestionStatus]:
    """Pair each question with its confirmation; one query."""
    confirmations = {row.key: row for row in change_set.confirmations.select_related("user")}
    return [QuestionStatus(question, confirmations.get(question.key)) for question in questions]


@transaction.atomic
def store_confirmations(
    change_set: ChangeSet, user: User, questions: Collection[Question], ticked_keys: Collection[str]
) -> list[Question]:
    """Store that the user confirms the ticked questions; return those that nobody has confirmed yet.

    Confirmations of what is no longer asked, such as a value that was changed again, are deleted.
    """
    stored = dict(change_set.confirmations.values_list("key", "pk"))
    by_key = {question.key: question for question in questions}
    change_set.confirmations.filter(pk__in=[pk for key, pk in stored.items() if key not in by_key]).delete()
    Confirmation.objects.bulk_create(
        [
            Confirmation(change_set=change_set, key=key, sentence=by_key[key].sentence, user=user)
            for key in dict.fromkeys(ticked_keys)
            if key in by_key and key not in stored
        ],
        ignore_conflicts=True,  # ticked twice at the same time
    )
    return [question for key, question in by_key.items() if key not in stored and key not in ticked_keys]


def require_confirmed(
    change_set: ChangeSet, user: User, questions: Collection[Question], ticked_keys: Collection[str]
) -> None:
    """Store the user's ticks; UnconfirmedQuestionsError if a question is left, while the ticks stay stored."""
    if left := store_confirmations(change_set, user, questions, ticked_keys):
        raise UnconfirmedQuestionsError(
            f"まだ確かめていないことが{len(left)}件あります。確かめて、正しければ印を付けてください。"
        )
