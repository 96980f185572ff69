from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Jobs and their events."""

    name = "project.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Register the API of this room; hand the settings to inference, which knows no Django."""
        from django.conf import settings

        from project.api import registry
        from project.inference import config

        registry.register("project.jobs.api.urls")
        config.configure(
            model_root=settings.MODEL_ROOT,
            mirror=settings.MODEL_MIRROR,
            device=settings.DEVICE,
            torch_threads=settings.TORCH_THREADS,
            worker_memory_bytes=settings.WORKER_MEMORY_BYTES,
            allow_non_commercial=settings.ALLOW_NON_COMMERCIAL,
        )
