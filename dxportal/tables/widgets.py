"""The controls of filters: Django's, but written by functions. It includes a template for each of a hundred options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from django import forms
from django.utils.safestring import SafeString


def fields(form: Iterable[forms.BoundField]) -> SafeString:
    """Each control of a form behind its label; several choices in a group of their own."""
    said = []
    for field in form:
        label = escape(str(field.label))
        if field.use_fieldset:
            said.append(f"<fieldset><legend>{label}</legend>{field.as_widget()}</fieldset>")
        else:
            said.append(f'<div><label for="{field.id_for_label}">{label}</label>{field.as_widget()}</div>')
    return SafeString("\n".join(said))


class Text(forms.TextInput):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        text = self.format_value(value)
        filled_in = {} if text is None else {"value": text}
        own = {"type": "text", "name": name, **filled_in, **self.build_attrs(self.attrs, attrs)}
        return SafeString(f"<input{attributes(own)}>")


class Select(forms.Select):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        own = {"name": name, **self.build_attrs(self.attrs, attrs)}
        options = "\n".join(
            f'<option value="{code}"{" selected" if is_chosen else ""}>{label}</option>'
            for code, label, is_chosen in offered(self, value)
        )
        return SafeString(f"<select{attributes(own)}>\n{options}\n</select>")


class CheckboxSelectMultiple(forms.CheckboxSelectMultiple):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        own = self.build_attrs(self.attrs, attrs)
        identity = escape(own.pop("id", f"id_{name}"))
        first, last = attributes({"type": "checkbox", "name": name}), attributes(own)
        boxes = [
            f'<div><label for="{identity}_{number}"><input{first} value="{code}" id="{identity}_{number}"{last}'
            f"{' checked' if is_chosen else ''}> {label}</label></div>"
            for number, (code, label, is_chosen) in enumerate(offered(self, value))
        ]
        return SafeString("\n".join([f'<div id="{identity}">', *boxes, "</div>"]))


def offered(widget: Any, value: Any) -> Iterator[tuple[str, str, bool]]:
    """Each choice: its code and its label as HTML, whether it is chosen."""
    chosen = set(widget.format_value(value))
    for code, label in widget.choices:
        yield escape(str(code)), escape(str(label)), str(code) in chosen


def attributes(values: Mapping[str, Any]) -> str:
    """As HTML: what is true stands without a value, what is false is left out."""
    said = [
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in values.items()
        if value is not False
    ]
    return "".join(said)
