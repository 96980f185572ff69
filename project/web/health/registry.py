"""What feature apps say about themselves in `/health`. They register in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["healthy", "degraded", "unhealthy"]


@dataclass(frozen=True, kw_only=True)
class AppHealth:
    """The state of one app in public words; `reason` is a code, never a path or a secret.

    `unhealthy` is for the app's own use: only a missing database or worker takes the site out.
    `facts` stand beside the status, as public as it is.
    """

    status: Status
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


_apps: dict[str, Callable[[], AppHealth]] = {}
_ai_systems: dict[str, Callable[[], bool]] = {}


def register_app(name: str, check: Callable[[], AppHealth]) -> None:
    """Add a cheap check: no inference, no network."""
    if name in _apps:
        raise ValueError(f"health of {name} is registered twice")
    _apps[name] = check


def register_ai_system(name: str, available: Callable[[], bool]) -> None:
    """Add a member of `ai_systems`, for example `basic_predictor_available`."""
    if name in _ai_systems:
        raise ValueError(f"AI system {name} is registered twice")
    _ai_systems[name] = available


def apps() -> dict[str, AppHealth]:
    """What every app says now."""
    return {name: check() for name, check in sorted(_apps.items())}


def ai_systems() -> Mapping[str, bool]:
    """Members of `ai_systems`; an app that is not installed has none of them."""
    expected = {"multimodal_available": False, "basic_predictor_available": False}
    return expected | {name: available() for name, available in _ai_systems.items()}
