from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Signed messages to other systems."""

    name = "project.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        """Listen to the ends of jobs; register API, errors, personal data, periodic work."""
        from project import periodic
        from project.api import registry
        from project.jobs import hooks
        from project.webhooks import error_catalogue, personal_data, sweep
        from project.webhooks.outbox import record_ending

        hooks.on_ending(record_ending)
        registry.register("project.webhooks.api.urls")
        error_catalogue.register_all()
        personal_data.register_all()
        periodic.register(
            "webhooks.sweep", timedelta(seconds=5), sweep.sweep_deliveries, is_prompt=True
        )
        periodic.register("webhooks.prune", timedelta(hours=1), sweep.prune_deliveries)
