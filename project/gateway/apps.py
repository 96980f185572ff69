from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """Registration with an API gateway."""

    name = "project.gateway"
    label = "gateway"
    verbose_name = _("Gateway")

    def ready(self) -> None:
        """Register the check of the settings and the end of old rows."""
        from django.core import checks

        from project import periodic
        from project.gateway.checks import check_gateway
        from project.gateway.prune import prune_attempts

        checks.register(check_gateway)
        periodic.register("gateway.prune", timedelta(hours=1), prune_attempts)
