from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnhanceConfig(AppConfig):
    """Photo enhancement."""

    name = "enhance"
    verbose_name = _("Photo enhancement")
