"""What a manifest says: a picture was opened, then this was done to it, by this software.

Action names and the need for `digitalSourceType` follow the C2PA specification 2.4, section
18.15. Nothing about a person belongs here: no user, no file name, no address, no machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from project.images.marking import SourceType

OPENED = "c2pa.opened"
CREATED = "c2pa.created"
EDITED = "c2pa.edited"
RESIZED = "c2pa.resized.proportional"
SOFTWARE = "Omnilens"
PARAMETER_PREFIX = "omnilens."
_SOURCE = "source"

Scalar = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Edit:
    """The one thing that the platform did to the picture."""

    source_type: str
    description: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    resized: bool = False
    source_media_type: str = ""


def definition(edit: Edit, *, version: str, title: str = "") -> dict[str, Any]:
    """The manifest definition for the library."""
    is_new = edit.source_type == SourceType.GENERATED
    actions = [_edit_action(edit, version, CREATED if is_new else EDITED)]
    if not is_new:
        actions.insert(0, {"action": OPENED, "parameters": {"ingredientIds": [_SOURCE]}})
    if edit.resized:
        # Keeping the shape is no editorial change, so it needs no source type.
        actions.append({"action": RESIZED})
    manifest: dict[str, Any] = {
        "claim_generator_info": [{"name": SOFTWARE, "version": version}],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "created": True,
                # Complete from the stored original on, which is the ingredient.
                "data": {"actions": actions, "allActionsIncluded": True},
            }
        ],
    }
    if title:
        manifest["title"] = title
    if not is_new:
        manifest["ingredients"] = [_ingredient(edit)]
    return manifest


def _edit_action(edit: Edit, version: str, name: str) -> dict[str, Any]:
    parameters: dict[str, Scalar] = {
        PARAMETER_PREFIX + key: value for key, value in edit.parameters.items()
    }
    if edit.models:
        parameters[f"{PARAMETER_PREFIX}models"] = ", ".join(
            f"{model} {revision}".strip() for model, revision in sorted(edit.models.items())
        )
    action: dict[str, Any] = {
        "action": name,
        "digitalSourceType": str(edit.source_type),
        "softwareAgent": {"name": SOFTWARE, "version": version},
    }
    if edit.description:
        action["description"] = edit.description
    if parameters:
        action["parameters"] = parameters
    return action


def _ingredient(edit: Edit) -> dict[str, Any]:
    """That there was an original. Neither its hash nor its thumbnail: both would let whoever
    holds the original, or only the result, learn more than the result shows."""
    ingredient = {"relationship": "parentOf", "label": _SOURCE}
    if edit.source_media_type:
        ingredient["format"] = edit.source_media_type
    return ingredient
