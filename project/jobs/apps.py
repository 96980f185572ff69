from datetime import timedelta
from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Jobs and their events."""

    name = "project.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Register API, periodic work and the files of running jobs; hand the settings to
        inference, which knows no Django."""
        from django.conf import settings

        from project import periodic
        from project.api import registry
        from project.images import in_use
        from project.inference import config
        from project.jobs import error_catalogue, personal_data, prune
        from project.jobs.files import keys_of_running_jobs

        # Whoever dispatches needs the configured Celery application to be the current one.
        import_module("project.celery")
        registry.register("project.jobs.api.urls")
        error_catalogue.register_all()
        in_use.register_file_check(keys_of_running_jobs)
        personal_data.register_all()
        periodic.register("jobs.prune", timedelta(minutes=10), prune.prune)
        config.configure(
            model_root=settings.MODEL_ROOT,
            mirror=settings.MODEL_MIRROR,
            device=settings.DEVICE,
            torch_threads=settings.TORCH_THREADS,
            worker_memory_bytes=settings.WORKER_MEMORY_BYTES,
            allow_non_commercial=settings.ALLOW_NON_COMMERCIAL,
        )
