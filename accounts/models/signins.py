"""Where people are signed in."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class BrowserSessionQuerySet(models.QuerySet["BrowserSession"]):
    """Permission lives here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Sessions are their owner's alone."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user=user)


class BrowserSession(AbstractBaseSession):
    """One browser. Knows whose it is, so that people can end their other sessions.

    `session_key` is a secret like a password: pages name a session by `handle` instead.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        verbose_name=_("user"),
        related_name="sessions",
    )
    handle = models.UUIDField(_("handle"), editable=False)
    client = models.CharField(_("browser"), max_length=200, blank=True)
    signed_in_at = models.DateTimeField(_("signed in"), null=True)

    objects = BrowserSessionQuerySet.as_manager()  # type: ignore[assignment,misc]  # the base declares Django's session manager

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("session")  # type: ignore[assignment]  # the stubs of the base say str
        verbose_name_plural = _("sessions")  # type: ignore[assignment]  # as above

    def __str__(self) -> str:
        return str(self.handle)
