from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    """Live feed; it owns no model."""

    name = "project.realtime"
    label = "realtime"
    verbose_name = _("Live feed")
