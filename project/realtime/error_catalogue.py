"""The error codes of the live feed, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    register(
        "too_many_connections",
        429,
        _("Too many live connections"),
        _("Close another tab, or poll instead."),
    )
