"""Passwords against accounts, with the lock-out that counts failures.

The one service that sees the request: django-axes counts failures per account and client address.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.errors import InvalidCredentials, LockedOut, PasswordWrong
from accounts.models import User
from project.errors import ServiceError

logger = logging.getLogger(__name__)

_STORE_RETRY_SECONDS = 5


def check_credentials(*, identifier: str, password: str, request: HttpRequest) -> User:
    """The active account that `identifier` (username or e-mail) and `password` open.

    Raises InvalidCredentials, whatever was wrong; LockedOut after too many failures; and
    ServiceError unavailable (503) when failures cannot be counted: sign-in fails closed.
    """
    # Both names of an account share one counter, and an unknown one costs the same query.
    known = User.objects.called(identifier).values_list("username", flat=True).first()
    username = known or identifier.lower()
    try:
        user = authenticate(request, username=username, password=password)
    except RedisError as error:
        logger.error("sign-in refused, failures cannot be counted: %s", type(error).__name__)
        raise ServiceError(
            _("Signing in is not possible right now. Please try again in a moment."),
            code="unavailable",
            status=503,
            retry_after_seconds=_STORE_RETRY_SECONDS,
        ) from error
    if getattr(request, "axes_locked_out", False):
        raise locked_out()
    if user is None:
        raise InvalidCredentials(_("The username or the password is wrong."))
    return user


def confirm_password(*, user: User, password: str, request: HttpRequest) -> None:
    """Raises PasswordWrong or LockedOut unless `password` is that of the signed-in `user`."""
    try:
        check_credentials(identifier=user.username, password=password, request=request)
    except InvalidCredentials as error:
        raise PasswordWrong(_("The password is wrong.")) from error


def note_sign_in(*, user: User, request: HttpRequest) -> None:
    """What Django's `login` does beside the session: last login, failure counter reset."""
    user_logged_in.send(sender=User, request=request, user=user)


def locked_out() -> LockedOut:
    """The refusal, with the time after which it ends at the latest."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return LockedOut(
        _("Too many failed attempts. Try again in %(minutes)d minutes.")
        % {"minutes": -(-seconds // 60)},
        retry_after_seconds=seconds,
    )
