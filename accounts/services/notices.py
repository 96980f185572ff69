"""Mail about an account. A mail server that is down never fails the change it reports."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)


def tell_address_changed(*, user: User, old_email: str) -> None:
    """Tell the old address once the change is stored: its owner may not have made it."""
    language = user.language or translation.get_language()

    def send() -> None:
        with translation.override(language):
            subject = _("The e-mail address of your account was changed")
            body = _(
                "The e-mail address of the account %(username)s was changed. "
                "If that was not you, reset your password and tell an administrator."
            ) % {"username": user.username}
        try:
            send_mail(subject, body, None, [old_email])
        except (SMTPException, OSError):
            logger.exception("could not tell user %s about the new address", user.pk)

    transaction.on_commit(send)
