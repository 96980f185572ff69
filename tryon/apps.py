from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TryonConfig(AppConfig):
    """The room is reserved; see the package docstring."""

    name = "tryon"
    verbose_name = _("Virtual try-on")
