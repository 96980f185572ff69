"""Where the end of a job is to be told, what was told, each attempt, and the secrets that sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from project.jobs.models import Job
from project.uuid7 import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

MAX_URL_CHARACTERS = 2048


class Callback(models.Model):
    """The address that one job's end is sent to."""

    job = models.OneToOneField(
        Job, models.CASCADE, verbose_name=_("job"), related_name="callback", primary_key=True
    )
    url = models.CharField(_("address"), max_length=MAX_URL_CHARACTERS)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")

    def __str__(self) -> str:
        return str(self.job_id)


class SigningSecret(models.Model):
    """A person's webhook secret, sealed. While a new one is introduced, two are valid."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="signing_secrets",
    )
    sealed = models.TextField(_("sealed"), editable=False)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Set when a newer one was made.")
    )

    class Meta:
        verbose_name = _("signing secret")
        verbose_name_plural = _("signing secrets")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("owner",),
                condition=Q(expires_at__isnull=True),
                name="signing_secret_newest",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.created_at:%Y-%m-%d}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Permission lives here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Deliveries are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)


class Delivery(models.Model):
    """One event for one address: the outbox row, written in the transaction that ends the job.

    PENDING -> DELIVERED | FAILED; FAILED | DELIVERED -> PENDING when somebody sends it again.
    Only the holder of `lease_token` may record an attempt (claim.py, deliver.py). `data` is what
    the event says; the row outlives a job that is deleted meanwhile.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="webhook_deliveries",
    )
    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("job"),
        related_name="delivery",
    )
    url = models.CharField(_("address"), max_length=MAX_URL_CHARACTERS)
    origin = models.CharField(
        _("host"), max_length=300, help_text=_("Scheme, host and port, for operators.")
    )
    type = models.CharField(_("event"), max_length=40)
    data = models.JSONField(_("data"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    attempts_left = models.PositiveSmallIntegerField(_("attempts left"))
    next_attempt_at = models.DateTimeField(_("next attempt"))
    claimed_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(_("last status"), null=True, blank=True)
    error_code = models.CharField(_("last error"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="pending") | Q(finished_at__isnull=False),
                name="delivery_end_is_dated",
            )
        ]
        indexes = [
            models.Index(
                fields=("next_attempt_at",), name="delivery_due", condition=Q(state="pending")
            ),
            models.Index(fields=("owner", "-created_at"), name="delivery_owner_newest"),
            models.Index(fields=("owner", "-claimed_at"), name="delivery_owner_served"),
            models.Index(
                fields=("finished_at",),
                name="delivery_age",
                condition=Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be sent."""
        return self.state == self.State.PENDING


class DeliveryAttempt(models.Model):
    """One try: what came back, or why nothing did."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, verbose_name=_("delivery"), related_name="tries"
    )
    number = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("at"))
    seconds = models.FloatField(_("seconds"), default=0.0)
    status_code = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    excerpt = models.CharField(
        _("answer"), max_length=200, blank=True, help_text=_("The beginning of the answer.")
    )

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ("delivery", "number")
        constraints = [
            models.UniqueConstraint(fields=("delivery", "number"), name="delivery_attempt_number")
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} #{self.number}"
