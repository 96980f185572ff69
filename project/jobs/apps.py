from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Jobs and their events."""

    name = "project.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Register the API of this room."""
        from project.api import registry

        registry.register("project.jobs.api.urls")
