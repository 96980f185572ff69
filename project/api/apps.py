from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The conventions of the API; it owns no model."""

    name = "project.api"
    label = "api"
