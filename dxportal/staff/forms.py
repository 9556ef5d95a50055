"""A form that knows what it was opened with, so that an old one cannot quietly revert what others have published."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.forms import BoundField


class UnstaleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Fields that were not touched stay as they are stored; what both sides changed is an error that keeps the input.

    What each field showed when the form was opened comes back in a hidden input. Submitting once more after the error
    means the input, over what is stored now.
    """

    fixed: Collection[str] = ()  # fields that are filled in once, with a new row

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locked = [] if self.instance._state.adding else [name for name in self.fixed if name in self.fields]
        for field in self.fields.values():
            field.show_hidden_initial = True
        for name in self.locked:  # sent all the same, for a row that has gone meanwhile; what is sent is not taken
            self.fields[name].widget.attrs["readonly"] = True

    def _post_clean(self) -> None:
        if not self.instance._state.adding:
            for name in self.fields:
                if name in self.cleaned_data and self[name].html_initial_name in self.data:
                    self.settle(name, self[name])
            self.cleaned_data |= {name: getattr(self.instance, name) for name in self.locked}
        super()._post_clean()  # type: ignore[misc]  # not in the stubs

    def settle(self, name: str, bound: BoundField) -> None:
        shown = bound.field.widget.value_from_datadict(self.data, self.files, bound.html_initial_name)
        stored = self.initial.get(name)
        if not bound.field.has_changed(self.as_initial(bound, shown), bound.data):
            self.cleaned_data[name] = getattr(self.instance, name)  # not touched
        elif bound.field.has_changed(stored, shown) and bound.field.has_changed(stored, bound.data):
            text = self.text_of(bound, stored)
            self.add_error(
                name,
                f"開いているあいだに、ほかの人が「{text}」に変えました。このまま保存すると、入力した値で置き換えます。",
            )
            data: Any = self.data
            self.data = data = data.copy()  # no longer that of the request
            data[bound.html_initial_name] = bound.field.prepare_value(stored)

    def as_initial(self, bound: BoundField, shown: Any) -> Any:
        """The value of the hidden input as the field compares it."""
        try:
            return bound.field.to_python(shown)
        except forms.ValidationError:
            return shown

    def text_of(self, bound: BoundField, stored: Any) -> str:
        if stored in (None, ""):
            return "空"
        if isinstance(bound.field, forms.ModelChoiceField):
            rows: Any = bound.field.queryset
            return str(rows.model._default_manager.filter(pk=stored).first() or "空")
        choices = dict(getattr(bound.field, "choices", ()))
        return str(choices.get(stored, bound.field.prepare_value(stored)))
