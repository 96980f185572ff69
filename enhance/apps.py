from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnhanceConfig(AppConfig):
    """Photo enhancement."""

    name = "enhance"
    verbose_name = _("Photo enhancement")

    def ready(self) -> None:
        """Offer kind, models, API, page and sample to the platform."""
        from accounts.privacy import register_eraser, register_exporter
        from enhance import (
            error_catalogue,
            health,
            kind,
            model_kind,
            operator_models,
            privacy,
            sample,
        )
        from enhance.batches import kind as batch_kind
        from enhance.batches.submit import close_abandoned
        from enhance.faces import registration as faces
        from enhance.nets import weights
        from enhance.services.erase import is_source_in_use
        from enhance.services.warm import default_models
        from project import periodic, samples
        from project.api import registry as api
        from project.doctor import self_test
        from project.images import in_use
        from project.inference import registry
        from project.inference import weights as inference_weights
        from project.jobs import kinds, preload
        from project.web import registry as web
        from project.web.health import registry as site_health

        weights.register_all()
        registry.register_resolver(operator_models.resolve_spec)
        inference_weights.register_resolver(operator_models.resolve_weights)
        faces.register_all()
        kinds.register(kind.PHOTO)
        kinds.register(batch_kind.BATCH)
        periodic.register("enhance.close_batches", timedelta(minutes=1), close_abandoned)
        kinds.register(model_kind.MODEL_CHECK)
        in_use.register_file_check(operator_models.keys_of_models)
        preload.register_default(default_models)
        in_use.register_image_check(is_source_in_use)
        self_test.register("enhance.self_test.examine.examine")
        samples.register(sample.SAMPLE)
        register_exporter("enhance", privacy.export)
        register_eraser("enhance", privacy.erase, words=privacy.WORDS)
        api.register("enhance.api.urls")
        error_catalogue.register_all()
        site_health.register_app("enhance", health.check)
        web.register(
            web.Page(
                prefix="enhance",
                urlconf="enhance.urls",
                url_name="enhance:list",
                label=_("Enhance"),
                order=20,
                icon="image-upscale",
                service="enhance",
                summary=_("Enlarges a photo up to 16 times. A network redraws the fine detail."),
                action=_("Enlarge a photo"),
            )
        )
