"""Admin of users and their duties, for administrators; the last administrator cannot be removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.shortcuts import redirect

from dxportal.staff.late_submission_admin import LateSubmissionMixin
from dxportal.staff.models import Duty
from dxportal.staff.permissions import StaffPermissions

LAST_ADMINISTRATOR = (
    "この利用者は、ただ一人の管理者です。外すと、利用者と役割をだれも管理できなくなります。"
    "先に、ほかの利用者を管理者にしてください。"
)
NO_DUTY_WARNING = "「{user}」にはまだ役割がないので、ログインできません。下の「役割」で選んでください。"


def is_last_administrator(user: User) -> bool:
    """Tell whether this user is the only active administrator; locks the rows until the end of the transaction."""
    with transaction.atomic():
        administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").select_for_update()
        return [administrator.pk for administrator in administrators] == [user.pk]


class StaffForm(UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = User
        fields: tuple[str, ...] = ("username", "last_name", "first_name", "email", "is_active", "is_superuser")
        labels = {"is_active": "使用中", "is_superuser": "管理者"}
        help_texts = {
            "username": "ログインに使います。半角の英数字と @ . + - _ が使えます。",
            "email": "パスワードを忘れたとき、再設定の案内が届きます。",
            "is_active": "異動や退職のときは、消さずにこの印を外します。ログインできなくなり、記録は残ります。",
            "is_superuser": "利用者と役割を管理し、すべてを提案・公開できます。ほかの人には、下の「役割」を付けます。",
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        is_administrator = data.get("is_active") and data.get("is_superuser")
        if not is_administrator and self.instance.pk and is_last_administrator(self.instance):
            raise ValidationError(LAST_ADMINISTRATOR)
        return data


class NewStaffForm(UserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta(StaffForm.Meta):
        fields = ("username", "last_name", "first_name", "email", "is_superuser")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True


class NewPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Password form without Django's option to disable the password: not even a reset by mail would restore access."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class DutyFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Formset of duties; a new user needs at least one, unless they are an administrator."""

    def clean(self) -> None:
        super().clean()
        has_duty = [form.has_changed() and not getattr(form, "cleaned_data", {}).get("DELETE") for form in self.forms]
        if self.instance._state.adding and not self.instance.is_superuser and not any(has_duty):
            raise ValidationError("役割を一つ選んでください。役割のない利用者は、ログインできません。")


class DutyInline(admin.StackedInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = Duty
    formset = DutyFormSet
    extra = 0

    def get_extra(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        return 0 if obj and obj.duties.exists() else 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the related-object buttons of the department: it is chosen here, not edited."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "department" and field is not None:
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_view_related = field.widget.can_delete_related = False
        return field


class StaffAdmin(LateSubmissionMixin, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Admin of users, for administrators alone; without Django's groups and permissions, which have no effect here."""

    form, add_form, change_password_form = StaffForm, NewStaffForm, NewPasswordForm
    add_form_template = None
    change_user_password_template = "staff/user_password.html"  # noqa: S105  # a page
    actions = None  # users are deleted one by one
    inlines = (DutyInline,)
    list_display = ("username", "last_name", "first_name", "email", "is_active", "is_superuser")
    list_filter = ("is_superuser", "is_active", "duties__role", "duties__department")
    filter_horizontal = ()
    names = ("username", "last_name", "first_name", "email")
    fieldsets = ((None, {"fields": (*names, "password")}), ("権限", {"fields": ("is_active", "is_superuser")}))
    add_fieldsets = ((None, {"fields": (*names, "password1", "password2", "is_superuser")}),)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        user = self.get_object(request, object_id)
        if user is not None and self.has_delete_permission(request, user) and is_last_administrator(user):
            messages.error(request, LAST_ADMINISTRATOR)
            return redirect("admin:auth_user_change", user.pk)
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        if is_last_administrator(obj):  # again, in case another one was removed meanwhile
            raise PermissionDenied(LAST_ADMINISTRATOR)
        super().delete_model(request, obj)

    def save_related(self, request: HttpRequest, form: forms.BaseForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)  # type: ignore[attr-defined]  # the form of a model
        if user.is_active and not StaffPermissions.of(user).is_on_duty:
            messages.warning(request, NO_DUTY_WARNING.format(user=user))
