from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    """The room is reserved; see the package docstring."""

    name = "monitoring"
    verbose_name = _("Video monitoring")
