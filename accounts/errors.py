"""What accounts refuses, each with a stable code."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from project.errors import ServiceError


class RegistrationClosed(ServiceError):
    """Nobody may create an account here."""

    code = "registration_closed"
    status = 403


class InvalidCredentials(ServiceError):
    """Unknown account, wrong password and inactive account all look like this."""

    code = "invalid_credentials"
    status = 401


class LockedOut(ServiceError):
    """Too many failed sign-ins."""

    code = "locked_out"
    status = 429


class PasswordWrong(ServiceError):
    """A signed-in person confirmed with a wrong password."""

    code = "password_wrong"
    status = 403


class TokenNotValid(ServiceError):
    """A refresh token that is malformed, expired, revoked or not ours."""

    code = "token_not_valid"
    status = 401


class TokenReused(ServiceError):
    """A refresh token was used a second time; its family is revoked."""

    code = "token_reused"
    status = 401


class RoleInUse(ServiceError):
    """The role is still assigned."""

    code = "role_in_use"
    status = 409


class RoleBuiltIn(ServiceError):
    """The house depends on the role."""

    code = "role_built_in"
    status = 409


class LastAdministrator(ServiceError):
    """The change would leave nobody who can let others in."""

    code = "last_administrator"
    status = 409


class ScopeNotAllowed(ServiceError):
    """A token cannot be given more than its maker holds."""

    code = "scope_not_allowed"
    status = 403


class Invalid(ServiceError):
    """Wrong fields; `fields` says which and why."""

    code = "invalid"
    status = 400


def invalid(errors: Mapping[str, ValidationError]) -> Invalid:
    """One Invalid from Django's validation errors, by field."""
    fields = {
        name: [
            {"code": item.code or "invalid", "detail": " ".join(item.messages)}
            for item in error.error_list
        ]
        for name, error in errors.items()
    }
    return Invalid(_("Please correct the fields named below."), fields=fields)
