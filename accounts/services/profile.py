"""What people change about themselves."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from accounts.services.authenticate import confirm_password


def confirm_new_address(
    *, user: User, email: str | None, password: str, request: HttpRequest
) -> None:
    """A new address needs the password, because whoever holds the address can reset it: a stolen
    session or token must not be enough. Raises PasswordWrong and LockedOut."""
    if email is not None and email.strip().lower() != user.email.lower():
        confirm_password(user=user, password=password, request=request)
