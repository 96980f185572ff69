from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectConfig(AppConfig):
    """The platform itself: system checks and its own periodic work."""

    name = "project"
    verbose_name = _("Platform")

    def ready(self) -> None:
        """Register the checks and the rotation of the log file."""
        from django.conf import settings

        from project import checks, log_file, periodic

        checks.register_all()
        if settings.LOG_FILE is not None:
            path = settings.LOG_FILE
            periodic.register("rotate-log", timedelta(minutes=1), lambda: log_file.rotate(path))
