"""`/api/v1/`: whatever the rooms registered, in that order, in both spellings."""

from importlib import import_module

from django.urls import include, path

from project.api.registry import registered
from project.api.slashes import both_spellings


def _module(urlconf: str) -> object:
    """What `include` takes: the patterns, with the module's own namespace if it has one."""
    patterns = both_spellings(urlconf, named=True)
    app_name = getattr(import_module(urlconf), "app_name", None)
    return (patterns, app_name) if app_name else patterns


urlpatterns = [path("", include(_module(urlconf))) for urlconf in registered()]
