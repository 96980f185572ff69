"""Where the language model lives, as operators set it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xray.choices import LlmKind


class LlmBackend(models.Model):
    """One server. The first enabled one by `order` is used; its secret is sealed."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(
        _("protocol"), max_length=8, choices=LlmKind.choices, default=LlmKind.OLLAMA
    )
    # No URLField: that refuses names without a dot, such as `http://ollama:11434` in a network of
    # containers. The verb that saves asks the guard that will judge the call.
    base_url = models.CharField(_("address"), max_length=255)
    model = models.CharField(_("model"), max_length=120)
    sealed_secret = models.TextField(_("secret"), blank=True, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=False)
    sends_images = models.BooleanField(
        _("sends the picture"),
        default=False,
        help_text=_("Only for a multimodal model on a host that may see films."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("language model server")
        verbose_name_plural = _("language model servers")
        ordering = ("order", "id")

    def __str__(self) -> str:
        return self.name
