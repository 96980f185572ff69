"""Users, roles and tokens for operators (who look) and administrators (who edit)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Role, User
from accounts.services.families import revoke_all_families
from accounts.services.roles import default_role, ensure_administrator_remains
from accounts.services.sessions import end_sessions
from accounts.services.tokens import revoke_token
from project.errors import ServiceError

if TYPE_CHECKING:
    RoleAdminBase = admin.ModelAdmin[Role]
    ApiTokenAdminBase = admin.ModelAdmin[ApiToken]
    UserAdminBase = DjangoUserAdmin[User]
    UserFormBase = forms.ModelForm[User]
    AddFormBase = BaseUserCreationForm[User]
    PasswordFormBase = AdminPasswordChangeForm[User]
else:
    RoleAdminBase = ApiTokenAdminBase = admin.ModelAdmin
    UserAdminBase, UserFormBase = DjangoUserAdmin, forms.ModelForm
    AddFormBase, PasswordFormBase = BaseUserCreationForm, AdminPasswordChangeForm


class UserAddForm(AddFormBase):
    """A new account with a password that the validators accept."""

    class Meta:
        model = User
        fields = ("username", "email")


class UserPasswordForm(PasswordFormBase):
    """A new password for somebody else, which ends their sign-ins."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  (Django's signature)
        """Store it, then end sessions and JWTs."""
        user: User = super().save(commit)
        revoke_all_families(user=user)
        end_sessions(user=user)
        return user


class UserForm(UserFormBase):
    """Changes that would leave the house without an administrator are refused."""

    class Meta:
        model = User
        fields = ("username", "email", "language", "is_active", "is_staff", "roles")

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError last_administrator."""
        cleaned = super().clean() or self.cleaned_data
        roles = cleaned.get("roles") or []
        stays = cleaned.get("is_active") and (
            self.instance.is_superuser or any(role.code == Role.ADMINISTRATOR for role in roles)
        )
        if not stays:
            try:
                with transaction.atomic():
                    ensure_administrator_remains(without=self.instance)
            except ServiceError as error:
                raise ValidationError(error.detail, code=error.code) from error
        return cleaned


@admin.register(User)
class UserAdmin(UserAdminBase):
    """Accounts. They are deactivated here; erasing one is its owner's own step."""

    form = UserForm
    add_form = UserAddForm
    change_password_form = UserPasswordForm
    list_display = ("username", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "roles")
    search_fields = ("username", "email")
    filter_horizontal = ("roles",)
    readonly_fields = ("created_at", "updated_at", "last_login", "password_form")
    fieldsets = (
        (None, {"fields": ("username", "email", "language", "password_form")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "roles")}),
        (_("Times"), {"fields": ("created_at", "updated_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody: the admin would leave the files behind."""
        return False

    @admin.display(description=_("password"))
    def password_form(self, user: User) -> str:
        """A link; the hash is nobody's business."""
        address = reverse("admin:auth_user_password_change", args=(user.pk,))
        return format_html('<a href="{}">{}</a>', address, _("Set a new password"))

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """New accounts get the default role; a deactivated one loses its sign-ins."""
        super().save_related(request, form, formsets, change)
        user: User = form.instance
        if not change:
            user.roles.add(default_role())
        if not user.is_active:
            revoke_all_families(user=user)
            end_sessions(user=user)


@admin.register(Role)
class RoleAdmin(RoleAdminBase):
    """Roles. Those of the house stay, and so do those that somebody holds."""

    list_display = ("code", "name", "device_seconds_per_day", "description")
    search_fields = ("code", "name")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> tuple[str, ...]:
        """The code of a built-in role."""
        return ("code",) if obj is not None and obj.is_built_in else ()

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """Only a role that nobody holds and nothing depends on."""
        if obj is not None and (obj.is_built_in or obj.users.exists()):
            return False
        return super().has_delete_permission(request, obj)


@admin.register(ApiToken)
class ApiTokenAdmin(ApiTokenAdminBase):
    """Tokens: who has which, when used. Revoked here, made only by their owners."""

    list_display = ("name", "prefix", "owner", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    search_fields = ("name", "owner__username")
    fields = (
        "owner",
        "name",
        "prefix",
        "scopes",
        "from_environment",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    readonly_fields = fields
    actions = ("revoke_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: only its owner may see a secret."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Nobody: revoked tokens stay as a record."""
        return False

    @admin.action(description=_("Revoke selected tokens"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End them at once and for good."""
        for token in queryset:
            revoke_token(token=token)
            self.log_change(request, token, [{"changed": {"fields": ["revoked_at"]}}])
