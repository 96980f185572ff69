"""`/api/v1/`: whatever the rooms registered, in that order, in both spellings."""

from importlib import import_module

from django.urls import URLResolver, include, path

from project.api.registry import registered
from project.api.slashes import both_spellings


def _mount(urlconf: str) -> URLResolver:
    """The patterns of one room, in its own namespace if it has one."""
    patterns = both_spellings(urlconf, named=True)
    app_name = getattr(import_module(urlconf), "app_name", None)
    return path("", include((patterns, app_name) if app_name else patterns))


urlpatterns = [_mount(urlconf) for urlconf in registered()]
