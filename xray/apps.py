from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class XrayConfig(AppConfig):
    """Chest X-ray analysis."""

    name = "xray"
    verbose_name = _("Chest X-ray")

    def ready(self) -> None:
        """Offer kinds, models, API and page to the platform."""
        from accounts.privacy import register_eraser, register_exporter
        from project import samples
        from project.doctor import rooms
        from project.images import in_use
        from project.inference import registry
        from project.inference import weights as inference_weights
        from project.jobs import kinds, preload
        from project.web import registry as web
        from xray import (
            api_registration,
            error_catalogue,
            kind,
            llm_registration,
            networks,
            privacy,
            sample,
        )
        from xray.ingest import error_catalogue as door_catalogue
        from xray.services.erase import is_film_in_use
        from xray.services.preload import default_models

        registry.register_resolver(networks.resolve_spec)
        inference_weights.register_resolver(networks.resolve_weights)
        kinds.register(kind.STUDY_KIND)
        kinds.register(kind.REPORT_KIND)
        preload.register_default(default_models)
        in_use.register_image_check(is_film_in_use)
        in_use.register_file_check(privacy.keys_in_use)
        register_exporter("xray", privacy.export)
        register_eraser("xray", privacy.erase, files=privacy.files_of, words=privacy.WORDS)
        api_registration.register_all()
        error_catalogue.register_all()
        door_catalogue.register_all()
        llm_registration.register_all()
        samples.register(sample.SAMPLE)
        rooms.register("xray.doctor.examine")
        web.register(
            web.Page(
                prefix="xray",
                urlconf="xray.urls",
                url_name="xray:list",
                label=_("X-ray"),
                order=30,
                icon="stethoscope",
                service="xray",
                summary=_(
                    "Scores a child's frontal chest film for pneumonia, shows where it looked and writes a report. For research only."
                ),
                action=_("Analyse a chest film"),
            )
        )
        post_migrate.connect(_offer_shipped, sender=self, dispatch_uid="xray.shipped")


def _offer_shipped(**kwargs: object) -> None:
    from django.conf import settings

    from xray.services.versions import ensure_shipped

    del kwargs
    if settings.XRAY_OFFER_SHIPPED:
        ensure_shipped()
