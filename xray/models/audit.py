"""The audit trail: append-only rows, each sealed to the one before."""

from __future__ import annotations

import secrets
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove an event."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Events are read and added."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnly("audit events do not change")

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnly("audit events stay")


class AuditEvent(models.Model):
    """One act. `digest` covers the row and the digest before it, so an edit breaks the chain.

    `study` is a plain id: the trail outlives an erased study, without anything of the patient.
    `origin` tells the network addresses of one person apart, without being one: its key is in
    AuditKey and goes with the account. Only events of before that have an `address`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        verbose_name=_("actor"),
        related_name="+",
    )
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    origin = models.CharField(
        _("origin"),
        max_length=16,
        blank=True,
        default="",
        help_text=_("Of one person: the same value is the same network address."),
    )
    action = models.CharField(_("action"), max_length=40)
    study = models.UUIDField(_("study"), null=True, blank=True, db_index=True)
    object = models.CharField(_("object"), max_length=80, blank=True)
    before = models.CharField(_("digest before"), max_length=64, blank=True)
    after = models.CharField(_("digest after"), max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True, help_text=_("Codes only."))
    previous = models.CharField(
        _("previous digest"), max_length=64, blank=True, unique=True, help_text=_("No forks.")
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.id} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only once."""
        if not self._state.adding:
            raise AppendOnly("audit events do not change")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnly("audit events stay")


def new_key() -> str:
    """64 hex digits nobody can guess."""
    return secrets.token_hex(32)


class AuditKey(models.Model):
    """What turns a person's addresses into origins; it is forgotten with the account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        verbose_name=_("person"),
        related_name="+",
    )
    key = models.CharField(_("key"), max_length=64, default=new_key, editable=False)

    class Meta:
        verbose_name = _("key of the audit trail")
        verbose_name_plural = _("keys of the audit trail")

    def __str__(self) -> str:
        return f"audit key of account {self.pk}"
