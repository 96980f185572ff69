"""What programs present instead of a password: named API tokens and families of JWTs."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from project.uuid7 import uuid7


class Scope(models.TextChoices):
    """What an API token may be allowed to do."""

    JOBS_READ = "jobs:read", _("See jobs")
    JOBS_WRITE = "jobs:write", _("Start and stop jobs")
    IMAGES_READ = "images:read", _("See pictures")
    IMAGES_WRITE = "images:write", _("Upload and delete pictures")
    ACCOUNT_READ = "account:read", _("See the account")
    ACCOUNT_WRITE = "account:write", _("Change the account")
    USERS_ADMIN = "users:admin", _("Manage users and roles")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Permission and validity live here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Tokens are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)

    def usable(self, *, now: datetime) -> Self:
        """Neither revoked nor expired, of an owner who is active."""
        unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at__isnull=True, owner__is_active=True)


class ApiToken(models.Model):
    """A named key for programs: shown once, kept as sha256, limited by scopes and expiry.

    ACTIVE -> EXPIRED (by the clock) | REVOKED (for good).
    """

    owner = models.ForeignKey(User, models.CASCADE, verbose_name=_("owner"), related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(
        _("prefix"), max_length=12, help_text=_("First characters, to recognise it.")
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    from_environment = models.BooleanField(
        _("from the environment"),
        default=False,
        editable=False,
        help_text=_("Made from OMNILENS_BOOTSTRAP_TOKEN; a new value there replaces it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class TokenFamily(models.Model):
    """All refresh tokens that descend from one sign-in; only the newest may be used.

    Refreshing is one conditional UPDATE of `current_jti`. A refresh token of the family that is
    not the current one has been used before: somebody holds a copy, so the family is revoked and
    with it every access token that names it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("user"),
        related_name="token_families",
    )
    current_jti = models.CharField(_("current refresh token"), max_length=32, editable=False)
    created_at = models.DateTimeField(_("created"))
    refreshed_at = models.DateTimeField(_("refreshed"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("token family")
        verbose_name_plural = _("token families")
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("expires_at",), name="token_family_age")]

    def __str__(self) -> str:
        return str(self.id)
