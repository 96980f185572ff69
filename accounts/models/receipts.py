"""Proof that personal data was handed out or erased."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from project.uuid7 import uuid7


class PrivacyReceiptQuerySet(models.QuerySet["PrivacyReceipt"]):
    """Permission lives here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Receipts of exports; that of an erasure belongs to nobody any more."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)

    def unfinished(self) -> Self:
        """Erasures whose files are still to be deleted."""
        return self.filter(kind=PrivacyReceipt.Kind.ERASURE, finished_at__isnull=True)


class PrivacyReceipt(models.Model):
    """One export or erasure. An erasure keeps no owner: counts and times, nothing of the person.

    Erasure: rows gone and files listed (one transaction) -> files deleted -> FINISHED.
    `pending_files` holds random storage keys, so that a crash in between leaves work, not litter.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("Export")
        ERASURE = "erasure", _("Erasure")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        verbose_name=_("owner"),
        related_name="privacy_receipts",
    )
    counts = models.JSONField(_("counts"), default=dict)
    pending_files = models.JSONField(_("files to delete"), default=list)
    created_at = models.DateTimeField(_("created"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = PrivacyReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy receipt")
        verbose_name_plural = _("privacy receipts")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
