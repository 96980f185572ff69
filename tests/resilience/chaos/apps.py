"""The storm's own version of `enhance.photo`."""

from dataclasses import replace

from django.apps import AppConfig

ATTEMPTS = 100  # a storm may hit one job again and again; a job that fails is a fault


class ChaosConfig(AppConfig):
    """Last in INSTALLED_APPS, so that the kinds are there."""

    name = "tests.resilience.chaos"
    label = "chaos_tests"

    def ready(self) -> None:
        """Enlarge photos without torch: a killed worker is back in two seconds, not in ten.

        Everything around the network stays the product's: upload, rows, files, fence."""
        from project.jobs import kinds

        photo = kinds.get("enhance.photo")
        kinds._kinds[photo.key] = replace(
            photo, handler="tests.resilience.chaos.enlarge:handle", max_attempts=ATTEMPTS
        )
