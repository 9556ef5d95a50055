"""Admin permissions of a table of the catalogue, derived from the user's duties alone (permissions.py)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from dxportal.changesets.models import Action
from dxportal.form_fields import form_field_options
from dxportal.staff.forms import ThreeWayMergeForm
from dxportal.staff.input_limits import BoundedReferencesMixin
from dxportal.staff.permissions import EDITOR_FIELDS, StaffPermissions


class DutyPermissionsMixin(BoundedReferencesMixin):
    """Mixin for model admins and inlines that maps duties to Django's permission hooks."""

    form = ThreeWayMergeForm

    def view_on_site(self, obj: Any) -> str | None:
        """Return the address of the row's public page; None if it has none."""
        address = getattr(obj, "get_absolute_url", None)
        return address() if address else None

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_dbfield(db_field, request, **form_field_options(db_field), **kwargs)

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return StaffPermissions.of(request.user).filter_visible(super().get_queryset(request))

    def get_field_queryset(self, db: Any, db_field: Any, request: Any) -> Any:
        """Limit the choices of a foreign key to rows that the user may see; validation uses the same queryset."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.related_model._default_manager.all()
        return StaffPermissions.of(request.user).filter_visible(rows)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        staff = StaffPermissions.of(request.user)
        return staff.may_see(self.model) and (obj is None or staff.has_access(obj, staff.visible_departments))

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may_act_on(request, Action.CREATE, obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may_act_on(request, Action.UPDATE, obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may_act_on(request, Action.DELETE, obj)

    def may_act_on(self, request: Any, action: Action, obj: Any) -> bool:
        """Tell whether the user may do this; `obj` is the row, or for an inline the parent row."""
        staff = StaffPermissions.of(request.user)
        if obj is not None and not staff.has_access(obj, staff.editable_departments):
            return False
        return staff.may_act_on(action, self.model)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """Return the fields that a department editor may not change in an existing row; none for a new row."""
        return [] if obj is None else self.fixed_fields(request)

    def fixed_fields(self, request: Any) -> list[str]:
        """Return the fields that the user may not change once the row exists."""
        fields = EDITOR_FIELDS.get(self.model)
        if fields is None or StaffPermissions.of(request.user).is_bureau:
            return []
        editable = [field for field in self.opts.concrete_fields if field.editable]
        return [field.name for field in editable if field.attname not in fields]
