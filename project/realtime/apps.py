from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    """Live feed; it owns no model."""

    name = "project.realtime"
    label = "realtime"
    verbose_name = _("Live feed")

    def ready(self) -> None:
        """Take the changes of jobs, watch for lost rights, register the API."""
        from project.api import registry
        from project.jobs import hooks
        from project.realtime import error_catalogue
        from project.realtime.publisher import publish_change
        from project.realtime.revocation import connect_signals

        hooks.set_publisher(publish_change)
        connect_signals()
        registry.register("project.realtime.api.urls")
        error_catalogue.register_all()
