"""Between the HTML form and the one serializer that judges options."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from enhance.options import TARGETS

# The choices beside 2, 4 and 8; their numbers are in fields of their own.
OTHER_SCALE, TARGET = "other", "target"
FIDELITY_PREFIX = "fidelity-"
OWN_FIELDS = frozenset({"source", "scale_other", "csrfmiddlewaretoken", "preset_name"})


def submitted_values(data: QueryDict) -> Mapping[str, str]:
    """The posted option fields as plain text, the scale as one field."""
    values = {name: str(value) for name, value in data.items() if name not in OWN_FIELDS}
    has_target = any(values.get(name) for name in TARGETS)
    if values.get("scale") == TARGET and has_target:
        del values["scale"]
    elif "scale" in values:
        # What was typed for another choice than the one that is chosen.
        values = {name: value for name, value in values.items() if name not in TARGETS}
    if values.get("scale") == OTHER_SCALE:
        # An empty number stays the word, which the serializer refuses.
        values["scale"] = str(data.get("scale_other") or OTHER_SCALE)
    return values


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """Texts by field name, for the template."""
    detail = error.detail
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(item) for item in detail]}
    return {str(name): [str(item) for item in items] for name, items in detail.items()}


def task_id_of(text: str | None) -> UUID | None:
    """The id of an enlargement in a query or a form, or None when it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def submitted_faces(data: QueryDict) -> list[dict[str, object]]:
    """The posted faces of a result as the API takes them; the form counts in per cent.

    Raises rest_framework ValidationError for a strength that is no number.
    """
    enabled = set(data.getlist("enabled"))
    faces: list[dict[str, object]] = []
    for name, value in data.items():
        if not name.startswith(FIDELITY_PREFIX):
            continue
        index = name.removeprefix(FIDELITY_PREFIX)
        try:
            fidelity = float(str(value)) / 100
        except ValueError as error:
            raise ValidationError({name: [_("A valid number is required.")]}) from error
        faces.append({"index": index, "enabled": index in enabled, "fidelity": fidelity})
    return faces
