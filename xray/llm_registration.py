"""What the language model adds to the platform."""

from __future__ import annotations


def register_all() -> None:
    """Its periodic look and its member of `ai_systems`."""
    from project import periodic
    from project.web.health import registry as site_health
    from xray.services import llm_status

    periodic.register("xray.llm_check", llm_status.CHECK_EVERY, llm_status.check_current_backend)
    site_health.register_ai_system("multimodal_available", llm_status.multimodal_available)
