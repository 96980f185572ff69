"""What the language model adds to the platform."""

from __future__ import annotations


def register_all() -> None:
    """Its periodic look, its member of `ai_systems`, and the end of its drafts."""
    from project import periodic
    from project.jobs import hooks
    from project.web.health import registry as site_health
    from xray.services import drafts, llm_status

    periodic.register("xray.llm_check", llm_status.CHECK_EVERY, llm_status.check_current_backend)
    site_health.register_ai_system("multimodal_available", llm_status.multimodal_available)
    hooks.on_ending(drafts.forget_drafts)
