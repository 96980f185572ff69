"""Accounts of people: register, create, change, deactivate."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import RegistrationClosed, invalid
from accounts.models import Role, User
from accounts.services.families import revoke_all_families
from accounts.services.notices import tell_address_changed
from accounts.services.roles import default_role, ensure_administrator_remains
from accounts.services.sessions import end_sessions

_CHECKED = ("username", "email", "language")


def register(*, username: str, email: str, password: str, language: str = "") -> User:
    """Open an account for a stranger; raises RegistrationClosed or Invalid."""
    ensure_registration_open()
    return create_user(username=username, email=email, password=password, language=language)


def ensure_registration_open() -> None:
    """Raises RegistrationClosed."""
    if not settings.REGISTRATION_OPEN:
        raise RegistrationClosed(_("This site does not take new accounts."))


def create_user(
    *,
    username: str,
    email: str,
    password: str,
    language: str = "",
    is_active: bool = True,
    is_staff: bool = False,
    roles: Iterable[Role] | None = None,
) -> User:
    """Make an account with `roles`, or the default role; raises Invalid."""
    user = User(
        username=User.normalize_username(username.strip()),
        email=User.objects.normalize_email(email.strip()),
        language=language,
        is_active=is_active,
        is_staff=is_staff,
    )
    errors = _profile_errors(user)
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        errors["password"] = error
    if errors:
        raise invalid(errors)
    user.set_password(password)
    with transaction.atomic():
        _save(user)
        user.roles.set([default_role()] if roles is None else roles)
    return user


def change_user(
    *,
    user: User,
    username: str | None = None,
    email: str | None = None,
    language: str | None = None,
    is_active: bool | None = None,
    is_staff: bool | None = None,
) -> User:
    """Change what is given. Raises Invalid, and LastAdministrator when nobody would be left.

    Deactivation ends every session and JWT; a new address is announced to the old one.
    """
    old_email = user.email
    if username is not None:
        user.username = User.normalize_username(username.strip())
    if email is not None:
        user.email = User.objects.normalize_email(email.strip())
    if language is not None:
        user.language = language
    if is_staff is not None:
        user.is_staff = is_staff
    errors = _profile_errors(user)
    if errors:
        raise invalid(errors)
    with transaction.atomic():
        if is_active is False and user.is_active:
            ensure_administrator_remains(without=user)
            revoke_all_families(user=user)
            end_sessions(user=user)
        if is_active is not None:
            user.is_active = is_active
        _save(user)
        if user.email.lower() != old_email.lower():
            tell_address_changed(user=user, old_email=old_email)
    return user


def _profile_errors(user: User) -> dict[str, ValidationError]:
    errors: dict[str, ValidationError] = {}
    try:
        user.clean_fields(exclude={f.name for f in User._meta.fields} - set(_CHECKED))
    except ValidationError as error:
        errors |= _by_field(error)
    if user.language and user.language not in dict(settings.LANGUAGES):
        errors["language"] = ValidationError(_("Unknown language."), code="invalid_choice")
    others = User.objects.exclude(pk=user.pk)
    if "username" not in errors and others.filter(username__iexact=user.username).exists():
        errors["username"] = ValidationError(_("This username is taken."), code="username_taken")
    if "email" not in errors and others.filter(email__iexact=user.email).exists():
        errors["email"] = ValidationError(
            _("An account with this e-mail address exists."), code="email_taken"
        )
    return errors


def _by_field(error: ValidationError) -> dict[str, ValidationError]:
    return {name: ValidationError(items) for name, items in error.error_dict.items()}


def _save(user: User) -> None:
    """Save; a name that was taken since the check is an Invalid like any other."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        errors = _profile_errors(user)
        if not errors:
            raise
        raise invalid(errors) from error
