"""Form fields of public and staff forms that parse their input by `typed_values`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models

from catalog.models.base import CODE_VALIDATOR
from catalog.normal_form import normalize_text
from dxportal.money_and_years import with_triangle
from dxportal.typed_values import (
    AMOUNT_FIELDS,
    FISCAL_YEAR_FIELDS,
    UnreadableError,
    parse_code,
    parse_count,
    parse_fiscal_year,
    parse_signed_amount,
)


class ParsedField(forms.IntegerField):
    """Integer field parsed by `parse`, a function of typed_values, whose sentence is the error message."""

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
    """Field for a page, a position or a document number."""

    parse = staticmethod(parse_count)


class AmountField(ParsedField):
    """Field for an amount in thousand yen: `45,586`, `４５５８６`, `△3,000`; displayed with separators and △."""

    parse = staticmethod(parse_signed_amount)
    widget = forms.TextInput  # a numeric keypad would lack △ and the minus

    def prepare_value(self, value: Any) -> Any:
        return with_triangle(value) if isinstance(value, int) else value


class FiscalYearField(ParsedField):
    """Field for a fiscal year: `2021`, `令和３年度`, `R3`; displayed as a Western year."""

    parse = staticmethod(parse_fiscal_year)
    widget = forms.TextInput(attrs={"class": "vIntegerField"})


class TextField(forms.CharField):
    """Field for a text in the form that the catalogue keeps; the model validates which characters are allowed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The model's message names the character and its position.
        self.validators = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return normalize_text(text) if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class CodeField(forms.CharField):
    """Field for a code, in any width and case."""

    default_validators = [CODE_VALIDATOR]

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        try:
            return parse_code(text) if text else text
        except UnreadableError:
            return text


def form_field_options(field: models.Field[Any, Any]) -> dict[str, Any]:
    """Return the arguments for a model field's `formfield` that select the field class above; none for other types."""
    if field.choices:
        return {}
    if CODE_VALIDATOR in field.validators:
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
