"""What `/styleguide/` shows: each component in its states, for operators and the browser tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from project.jobs.models import Job
from project.web.canvas_example import example_canvas

NAMES: Final = ("cat.png", "boat.jpg", "oak.tif", "fair.webp")
THEMES: Final = ("light", "dark")
SERVICES: Final = ("tryon", "enhance", "xray", "monitoring")
COLOURS: Final = ("bg", "surface", "raised", "hover", "line", "edge", "ink", "ink-2", "ink-3")
ACCENTS: Final = ("accent", *SERVICES, "ok", "warn", "bad")
ICONS: Final = (
    "house", "image-upscale", "history", "gauge", "upload", "download", "search", "star",
    "circle-check", "circle-alert", "triangle-alert", "info", "refresh-cw", "trash-2", "x",
)  # fmt: skip


class SampleForm(forms.Form):
    """Fields with a hint, an error and a choice."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("Shown to you only."))
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    size = forms.ChoiceField(
        label=gettext_lazy("Size"),
        choices=(("2", "2 ×"), ("4", "4 ×"), ("16", "16 ×")),
    )
    locked = forms.CharField(label=gettext_lazy("Not to be changed"), disabled=True)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One finished-looking row for the table."""

    name: str
    service: str
    state: str
    state_label: str
    size: int
    seconds: float
    at: datetime


def styleguide_context(*, now: datetime | None = None) -> dict[str, Any]:
    """Everything the template needs, in the reader's language."""
    now = now or timezone.now()
    return {
        "themes": [(theme, _form(theme)) for theme in THEMES],
        "colours": COLOURS,
        "accents": ACCENTS,
        "services": SERVICES,
        "icons": ICONS,
        "states": [(state.value, state.label) for state in Job.State],
        "rows": _rows(now),
        "canvas_example": example_canvas(takes_keys=True),
    }


def _form(theme: str) -> SampleForm:
    """One name right, one address wrong; ids differ between the two themes."""
    data = {"name": "Ada", "email": "ada@", "size": "4"}
    return SampleForm(data, auto_id=f"{theme}_%s", initial={"locked": _("Kept by the operator")})


def _rows(now: datetime) -> list[Sample]:
    states = (Job.State.RUNNING, Job.State.SUCCEEDED, Job.State.FAILED, Job.State.CANCELLED)
    return [
        Sample(
            name=NAMES[number],
            service=SERVICES[number % len(SERVICES)],
            state=state.value,
            state_label=str(state.label),
            size=340_000 * 7**number,
            seconds=9.0 * 8**number,
            at=now - timedelta(minutes=2 * 30**number),
        )
        for number, state in enumerate(states)
    ]
