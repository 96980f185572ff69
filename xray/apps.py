from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class XrayConfig(AppConfig):
    """The room is reserved; see the package docstring."""

    name = "xray"
    verbose_name = _("Chest X-ray")
