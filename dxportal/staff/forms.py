"""Model form with a field-level merge, so that a stale form cannot silently revert a later publication."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.forms import BoundField

from dxportal.changesets.integrity_rules import find_overlaps_of_edits


class ThreeWayMergeForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Three-way merge by field: untouched fields keep the stored value, a field changed by both sides is an error.

    The base of the merge is each field's hidden initial input. The error page keeps the user's input and renews the
    base, so that submitting again overwrites the stored value.
    """

    fixed_fields: Collection[str] = ()  # fields that can be set in a new row only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        self.locked_fields = [] if is_new else [name for name in self.fixed_fields if name in self.fields]
        for field in self.fields.values():
            field.show_hidden_initial = True
        for name in self.locked_fields:  # still sent, in case the row has been deleted and is added anew; else ignored
            self.fields[name].widget.attrs["readonly"] = True

    def _post_clean(self) -> None:
        if not self.instance._state.adding:
            for name in self.fields:
                if name in self.cleaned_data and self[name].html_initial_name in self.data:
                    self.merge_field(name, self[name])
            self.cleaned_data |= {name: getattr(self.instance, name) for name in self.locked_fields}
        super()._post_clean()  # type: ignore[misc]  # not in the stubs

    def merge_field(self, name: str, bound: BoundField) -> None:
        """Merge one field: base, stored value and input."""
        base = bound.field.widget.value_from_datadict(self.data, self.files, bound.html_initial_name)
        stored = self.initial.get(name)
        if not bound.field.has_changed(self.as_initial(bound, base), bound.data):
            self.cleaned_data[name] = getattr(self.instance, name)  # not touched
        elif bound.field.has_changed(stored, base) and bound.field.has_changed(stored, bound.data):
            text = self.format_stored_value(bound, stored)
            self.add_error(
                name,
                f"開いているあいだに、ほかの人が「{text}」に変えました。このまま保存すると、入力した値で置き換えます。",
            )
            data: Any = self.data
            self.data = data = data.copy()  # request.POST is immutable
            data[bound.html_initial_name] = bound.field.prepare_value(stored)

    def as_initial(self, bound: BoundField, base: Any) -> Any:
        """Convert the value of the hidden initial input to what `has_changed` compares with."""
        try:
            return bound.field.to_python(base)
        except forms.ValidationError:
            return base

    def format_stored_value(self, bound: BoundField, stored: Any) -> str:
        """Format a stored value for the message."""
        if stored in (None, ""):
            return "空"
        if isinstance(bound.field, forms.ModelChoiceField):
            rows: Any = bound.field.queryset
            return str(rows.model._default_manager.filter(pk=stored).first() or "空")
        choices = dict(getattr(bound.field, "choices", ()))
        return str(choices.get(stored, bound.field.prepare_value(stored)))


class BudgetLineForm(ThreeWayMergeForm):
    """Form of one budget line that tells, where the stage is chosen, of another line that states the same amount."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            for _, sentence in find_overlaps_of_edits([self.instance]):
                self.add_error("stage" if "stage" in self.fields else None, sentence)
