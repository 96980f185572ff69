"""A forgotten password: a link by mail, valid once and for PASSWORD_RESET_TIMEOUT."""

from __future__ import annotations

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)

Link = Callable[[str, str], str]


def send_reset_link(*, email: str, link: Link) -> None:
    """Mail `link(uid, token)` to the active account with this address, if there is one.

    Says nothing about whether there was: the caller shows the same page either way.
    """
    user = User.objects.called(email).filter(is_active=True).first() if "@" in email else None
    if user is None or not user.has_usable_password():
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    address = link(uid, default_token_generator.make_token(user))
    with translation.override(user.language or translation.get_language()):
        subject = _("Reset your password")
        body = _(
            "Somebody, probably you, asked for a new password for the account %(username)s.\n\n"
            "Choose it here:\n%(link)s\n\n"
            "If it was not you, ignore this mail: nothing has changed."
        ) % {"username": user.username, "link": address}
    try:
        send_mail(subject, body, None, [user.email])
    except (SMTPException, OSError):
        logger.exception("could not mail the reset link of user %s", user.pk)


def user_behind_link(*, uid: str, token: str) -> User | None:
    """The active user for whom the link was made, unless it was used, expired or forged."""
    try:
        primary_key = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    user = User.objects.filter(pk=primary_key, is_active=True).first()
    return user if user and default_token_generator.check_token(user, token) else None
