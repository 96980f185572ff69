from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles, tokens, privacy."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register this room's API and pages with the platform."""
        from project.api import registry

        registry.register("accounts.api.urls")
