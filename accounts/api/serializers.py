"""Shapes of requests and responses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.models import ApiToken, PrivacyReceipt, Role, Scope, User

PASSWORD_MAX_CHARACTERS = 1024


def _password(*, required: bool = True) -> serializers.CharField:
    return serializers.CharField(
        required=required,
        max_length=PASSWORD_MAX_CHARACTERS,
        trim_whitespace=False,
        write_only=True,
    )


def _language() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=settings.LANGUAGES,
        allow_blank=True,
        required=False,
        help_text="Empty: the browser's.",
    )


MAX_DEVICE_SECONDS = 2**31 - 1  # of a PositiveIntegerField on every database


class UserSerializer(serializers.ModelSerializer[User]):
    """One account."""

    id = serializers.CharField(source="pk", read_only=True)
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "language",
            "is_active",
            "is_staff",
            "roles",
            "created_at",
            "updated_at",
            "last_login",
        )
        read_only_fields = fields

    def get_roles(self, user: User) -> list[str]:
        """Codes."""
        return sorted(role.code for role in user.roles.all())


class RegisterSerializer(serializers.Serializer[Any]):
    """A stranger asks for an account."""

    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    password = _password()
    language = _language()


class NewUserSerializer(RegisterSerializer):
    """An administrator makes an account; without `roles` it gets the default role."""

    is_active = serializers.BooleanField(default=True)
    is_staff = serializers.BooleanField(default=False)
    roles = serializers.ListField(child=serializers.CharField(max_length=50), required=False)


class ProfileSerializer(serializers.Serializer[Any]):
    """What people change about themselves; a new e-mail address needs the password."""

    email = serializers.EmailField(max_length=254, required=False)
    language = _language()
    password = _password(required=False)


class UserChangeSerializer(ProfileSerializer):
    """What administrators change about others."""

    username = serializers.CharField(max_length=150, required=False)
    is_active = serializers.BooleanField(required=False)
    is_staff = serializers.BooleanField(required=False)


class RoleCodesSerializer(serializers.Serializer[Any]):
    """Exactly these roles, by code."""

    roles = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100)


class LoginSerializer(serializers.Serializer[Any]):
    """Username or e-mail address, and password."""

    username = serializers.CharField(max_length=254, required=False)
    email = serializers.CharField(max_length=254, required=False)
    password = _password()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two names."""
        if not (attrs.get("username") or attrs.get("email")):
            raise serializers.ValidationError(
                {"username": serializers.Field.default_error_messages["required"]}, code="required"
            )
        return attrs


class RefreshSerializer(serializers.Serializer[Any]):
    """The newest refresh token of a sign-in."""

    refresh = serializers.CharField(max_length=4096)


class LogoutSerializer(serializers.Serializer[Any]):
    """Needed only without a Bearer access token."""

    refresh = serializers.CharField(max_length=4096, required=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    """Send `access` as `Authorization: Bearer`; trade `refresh` for the next pair once."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"], default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds until `access` expires.")
    user = UserSerializer()


class RoleSerializer(serializers.ModelSerializer[Role]):
    """One role."""

    id = serializers.CharField(source="pk", read_only=True)
    built_in = serializers.BooleanField(source="is_built_in", read_only=True)

    class Meta:
        model = Role
        fields = (
            "id", "code", "name", "description", "device_seconds_per_day", "built_in",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class NewRoleSerializer(serializers.Serializer[Any]):
    """A role to make."""

    code = serializers.SlugField(max_length=50)
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(allow_blank=True, default="", max_length=2000)
    device_seconds_per_day = serializers.IntegerField(
        min_value=0, max_value=MAX_DEVICE_SECONDS, allow_null=True, default=None
    )


class RoleChangeSerializer(serializers.Serializer[Any]):
    """What changes about a role."""

    code = serializers.SlugField(max_length=50, required=False)
    name = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(allow_blank=True, required=False, max_length=2000)
    device_seconds_per_day = serializers.IntegerField(
        min_value=0, max_value=MAX_DEVICE_SECONDS, allow_null=True, required=False
    )


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """One API token, without its secret."""

    id = serializers.CharField(source="pk", read_only=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields = fields


class CreatedTokenSerializer(ApiTokenSerializer):
    """The only answer that carries the secret."""

    secret = serializers.CharField(read_only=True, help_text="Shown once.")

    class Meta:
        model = ApiToken
        fields = (*ApiTokenSerializer.Meta.fields, "secret")
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer[Any]):
    """A token to make."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, max_length=20
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class EraseSerializer(serializers.Serializer[Any]):
    """The password, so that a stolen token cannot erase an account."""

    password = _password()


class ReceiptSerializer(serializers.ModelSerializer[PrivacyReceipt]):
    """What was erased: counts, no names."""

    id = serializers.CharField(source="pk", read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = PrivacyReceipt
        fields = ("id", "kind", "counts", "created_at", "finished_at")
        read_only_fields = fields
