"""Synonyms and their readings, by which a search is expanded."""

from __future__ import annotations

from django.db import models

from catalog.models.base import Identified, code_field, editorial_note_field, position_field


class TermQuerySet(models.QuerySet["Term"]):
    def get_by_natural_key(self, code: str) -> Term:
        return self.get(code=code)


class Term(Identified):
    """Set of synonyms (子育て, こそだて): a search for one finds all. Independent of plans."""

    code = code_field(unique=True)
    position = position_field(help_text="一覧での順番。小さいものから並びます。")
    editorial_note = editorial_note_field()

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = "同義語"
        verbose_name_plural = "同義語"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code

    def natural_key(self) -> tuple[str, ...]:
        return (self.code,)


class TermWordQuerySet(models.QuerySet["TermWord"]):
    def get_by_natural_key(self, term_code: str, text: str) -> TermWord:
        return self.get(term__code=term_code, text=text)


class TermWord(Identified):
    """Word of a term, or a reading of one."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="words", verbose_name="同義語")
    text = models.CharField(
        "言葉",
        max_length=100,
        help_text="幅、大小、ひらがなとカタカナの違いは、書き分けなくても検索できます。",
    )
    is_reading = models.BooleanField("よみ", default=False, help_text="漢字などの読みを、かなで書いたものであるとき。")
    position = position_field()

    objects = TermWordQuerySet.as_manager()

    class Meta:
        verbose_name = "言葉"
        verbose_name_plural = "言葉"
        ordering = ["is_reading", "position", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "text"],
                name="termword_once_in_term",
                violation_error_message="この言葉は、もう入っています。どちらかの行を消してください。",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, ...]:
        return (self.term.code, self.text)
