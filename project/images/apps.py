from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImagesConfig(AppConfig):
    """Image records and their files."""

    name = "project.images"
    label = "images"
    verbose_name = _("Images")

    def ready(self) -> None:
        """Register the API of this room."""
        from project.api import registry

        registry.register("project.images.api.urls")
