"""What the API of this room adds to the platform."""

from __future__ import annotations


def register_all() -> None:
    """Its routes, those of the original service, and its part of `/health`."""
    from project.api import registry as api
    from project.web.health import registry as site_health
    from xray import health

    api.register("xray.api.urls")
    api.register_original("xray.api.compat")
    site_health.register_app("xray", health.check)
    site_health.register_ai_system("basic_predictor_available", health.predictor_available)
