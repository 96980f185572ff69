from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class XrayConfig(AppConfig):
    """The room is reserved; see the package docstring."""

    name = "xray"
    verbose_name = _("Chest X-ray")

    def ready(self) -> None:
        """Offer the API and the language model to the platform."""
        from project.api import registry as api
        from xray import error_catalogue, llm_registration
        from xray.ingest import error_catalogue as door_catalogue

        api.register("xray.api.urls")
        error_catalogue.register_all()
        door_catalogue.register_all()
        llm_registration.register_all()
