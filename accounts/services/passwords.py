"""Passwords: change and reset. Both end every other sign-in."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.errors import invalid
from accounts.models import User
from accounts.services.families import revoke_all_families
from accounts.services.sessions import end_sessions


def set_password(
    *, user: User, password: str, field: str = "password", keep_session: str | None = None
) -> User:
    """Store a new password, end all JWTs and all sessions but `keep_session`.

    Raises Invalid, with the validators' complaints under `field`.
    """
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise invalid({field: error}) from error
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        revoke_all_families(user=user)
        end_sessions(user=user, except_key=keep_session)
    return user
