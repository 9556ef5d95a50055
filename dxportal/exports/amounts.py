"""Amounts as people type and read them, in forms of the public and of staff."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

LARGEST = 10**15  # thousand yen: more than any budget, less than what a database cannot hold


class AmountField(forms.IntegerField):
    """Thousand yen as people type it: `45,586`, `４５５８６`, `45,586千円`; shown with separators."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    default_validators = [MinValueValidator(0), MaxValueValidator(LARGEST)]
    default_error_messages = {"invalid": _("金額は千円単位の整数で入れてください（例：45,586）。")}

    def to_python(self, value: Any) -> int | None:
        typed = "" if value is None else str(value).strip()
        return super().to_python(re.sub(r"[,，\s]", "", typed).removesuffix("千円") or typed)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value
