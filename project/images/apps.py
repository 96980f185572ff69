from __future__ import annotations

import warnings
from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImagesConfig(AppConfig):
    """Image records and their files."""

    name = "project.images"
    label = "images"
    verbose_name = _("Images")

    def ready(self) -> None:
        """Register API, retention and privacy; arm Pillow's own guard against bombs."""
        from PIL import Image

        from project import periodic
        from project.api import registry
        from project.images import error_catalogue, in_use, personal_data, policy, sweep

        # The limits of loading.py come first; this one catches a decoder that disagrees.
        Image.MAX_IMAGE_PIXELS = policy.OWN_FILES.max_pixels
        warnings.simplefilter("error", Image.DecompressionBombWarning)

        registry.register("project.images.api.urls")
        error_catalogue.register_all()
        personal_data.register_all()
        in_use.register_file_check(sweep.keys_of_images)
        periodic.register("images.expire", timedelta(minutes=10), sweep.expire_images)
        periodic.register("images.sweep_orphans", timedelta(hours=1), sweep.sweep_orphans)
