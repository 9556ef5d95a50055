"""Form fields that read what people type by the one reader of typed values, for the public's forms and for staff's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models

from catalog.hidden_characters import normalize_line_breaks
from catalog.models.base import CODE
from dxportal.typed_values import (
    AMOUNT_FIELDS,
    FISCAL_YEAR_FIELDS,
    UnreadableError,
    parse_amount,
    parse_code,
    parse_count,
    parse_fiscal_year,
    widen_katakana,
)


class ParsedField(forms.IntegerField):
    """An integer that `parse`, a function of typed_values, reads; its sentence is the error."""

    @staticmethod
    def parse(text: str) -> int:
        raise NotImplementedError

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        try:
            return self.parse(text)
        except UnreadableError as error:
            raise ValidationError(str(error), code="invalid") from error


class CountField(ParsedField):
    """A page, a place in an order, a number of a document."""

    parse = staticmethod(parse_count)


class AmountField(ParsedField):
    """Thousand yen as people type it: `45,586`, `４５５８６`, `45,586千円`; shown with separators."""

    parse = staticmethod(parse_amount)
    widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value


class FiscalYearField(ParsedField):
    """A fiscal year as people type it: `2021`, `令和３年度`, `R3`; shown as a Western year."""

    parse = staticmethod(parse_fiscal_year)
    widget = forms.TextInput(attrs={"class": "vIntegerField"})


class TextField(forms.CharField):
    """A text of the catalogue: lines end with a line feed, half-width katakana is widened, characters are composed.

    Which characters it may hold is a rule of the model.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The model says the same with the character's name and place.
        self.validators = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return widen_katakana(normalize_line_breaks(text)) if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class CodeField(forms.CharField):
    """A code, typed in any width and case."""

    default_validators = [CODE]

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        try:
            return parse_code(text) if text else text
        except UnreadableError:
            return text


def form_field_options(field: models.Field[Any, Any]) -> dict[str, Any]:
    """Arguments of a model field's `formfield` that have it read by the one reader; none for other kinds of fields."""
    if field.choices:
        return {}
    if CODE in field.validators:
        return {"form_class": CodeField}
    if field.name in FISCAL_YEAR_FIELDS:
        return {"form_class": FiscalYearField, "widget": FiscalYearField.widget}
    if field.name in AMOUNT_FIELDS:
        return {"form_class": AmountField, "widget": AmountField.widget}
    if isinstance(field, models.IntegerField):
        return {"form_class": CountField}
    if isinstance(field, models.CharField | models.TextField):
        return {"form_class": TextField}
    return {}
