"""Presets as the form shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from enhance.forms import TARGET
from enhance.options import TARGETS
from enhance.presets.models import Preset
from enhance.presets.save import MOST_PER_OWNER


@dataclass(frozen=True, kw_only=True)
class PresetChoice:
    """One preset; `fields` are its options as the fields of the form are called, in JSON."""

    id: UUID
    name: str
    is_chosen: bool
    fields: str


def preset_choices(user: User | AnonymousUser, *, chosen: Preset | None) -> list[PresetChoice]:
    """The own presets by name."""
    own = Preset.objects.visible_to(user).order_by("name")[:MOST_PER_OWNER]
    return [
        PresetChoice(
            id=preset.pk,
            name=preset.name,
            is_chosen=chosen is not None and preset.pk == chosen.pk,
            fields=json.dumps(form_values(preset.options)),
        )
        for preset in own
    ]


def form_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the form has them: a target is the choice of a scale there."""
    has_target = any(options.get(name) for name in TARGETS)
    return {**options, "scale": TARGET} if has_target else dict(options)
