"""Django's and our own checks, as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks

from project.checks import GUARDED_PROFILES, unsafe_settings
from project.doctor.findings import Finding, error, ok, warning


def examine_settings() -> Iterator[Finding]:
    """`manage.py check`, without the deployment checks."""
    yield from _as_findings("settings", checks.run_checks())


def examine_production(settings: Any) -> Iterator[Finding]:
    """`manage.py check --deploy`, and our refusals even when another profile is active."""
    if settings.PROFILE not in GUARDED_PROFILES:
        yield error(
            "profile",
            f"The profile is {settings.PROFILE}, not production.",
            "export DJANGO_SETTINGS_MODULE=project.settings.production",
        )
        yield from _as_findings("production", list(unsafe_settings(settings)))
    yield from _as_findings("production", checks.run_checks(include_deployment_checks=True))


def _as_findings(topic: str, messages: list[checks.CheckMessage]) -> Iterator[Finding]:
    shown = [message for message in messages if not message.is_silenced()]
    for message in shown:
        repair = message.hint or f"See the check {message.id} in Django's documentation."
        make = error if message.level >= checks.ERROR else warning
        yield make(topic, f"{message.msg} ({message.id})", repair)
    if not shown:
        yield ok(topic, "Every check passes.")
