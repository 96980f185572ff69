"""A batch of enlargements and the places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from project.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class EnhanceBatchQuerySet(models.QuerySet["EnhanceBatch"]):
    """Permission lives here: views reach batches through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Batches are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(job__owner=user)


class EnhanceBatch(models.Model):
    """Photos that were handed in together; it shares its id with the parent of their jobs.

    Its state is derived from its items whenever somebody asks (state.py). While `closed_at` is
    empty more photos may come; the parent declares how many.
    """

    id = models.UUIDField(primary_key=True, editable=False, verbose_name=_("batch"))
    job = models.OneToOneField(
        Job, models.CASCADE, verbose_name=_("job"), related_name="enhance_batch"
    )
    options = models.JSONField(
        _("options"), default=dict, help_text=_("As asked, for photos without their own.")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    touched_at = models.DateTimeField(_("last photo came"), auto_now_add=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EnhanceBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of enlargements")
        verbose_name_plural = _("batches of enlargements")
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("touched_at",),
                name="enhance_batch_open",
                condition=models.Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("enhance:batch", args=[self.pk])


class EnhanceBatchItem(models.Model):
    """One place of a batch: an enlargement, or the reason why there is none.

    `refusal` is empty, or `{code, detail}` as the owner was told.
    """

    batch = models.ForeignKey(
        EnhanceBatch, models.CASCADE, verbose_name=_("batch"), related_name="items"
    )
    index = models.PositiveIntegerField(_("place"))
    name = models.CharField(_("name"), max_length=255, blank=True)
    enhancement = models.OneToOneField(
        "enhance.Enhancement",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("enlargement"),
        related_name="batch_item",
    )
    refusal = models.JSONField(_("refusal"), default=dict, blank=True)

    class Meta:
        verbose_name = _("photo of a batch")
        verbose_name_plural = _("photos of batches")
        ordering = ("batch", "index")
        constraints = [
            models.UniqueConstraint(fields=("batch", "index"), name="enhance_batch_place")
        ]

    def __str__(self) -> str:
        # Operators see this; the name of the file is its owner's.
        return f"{self.batch_id} #{self.index}"
