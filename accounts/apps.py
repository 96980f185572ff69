from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles, tokens, privacy."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register this room's API, error codes and personal data with the platform."""
        import accounts.api.schema  # noqa: F401  (drf-spectacular registers what is imported)
        from accounts import error_catalogue, housekeeping, personal_data
        from accounts.models import Role
        from accounts.services.roles import ensure_built_in_roles, invalidate_cache
        from project import periodic
        from project.api import registry

        registry.register("accounts.api.urls")
        error_catalogue.register_all()
        personal_data.register_all()
        periodic.register("accounts.tidy", timedelta(hours=1), housekeeping.tidy_accounts)
        post_migrate.connect(ensure_built_in_roles, sender=self)
        post_save.connect(invalidate_cache, sender=Role)
        post_delete.connect(invalidate_cache, sender=Role)
