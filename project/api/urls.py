"""`/api/v1/`: whatever the rooms registered, in that order."""

from django.urls import include, path

from project.api.registry import registered

urlpatterns = [path("", include(module)) for module in registered()]
