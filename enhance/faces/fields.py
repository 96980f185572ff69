"""The face options as clients send them: a serializer that the other options inherit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enhance import options as choices
from enhance.options import FaceSelection

# What Americans, and so the original's command line, write.
_SPELLINGS = {"center": "centre"}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": list(choices.FACE_CHOICES)},
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 0, "maximum": choices.MAX_FACES - 1},
                "minItems": 1,
                "maxItems": choices.MAX_FACES,
            },
        ]
    }
)
class FacesField(serializers.Field[FaceSelection, Any, Any, Any]):
    """`all`, `centre`, `largest`, `none`, or indices: a JSON list, or `0,2` in a form."""

    default_error_messages = {
        "invalid": _("Give all, centre, largest, none, or the numbers of faces such as 0,2."),
        "range": _("The faces of a picture are numbered from 0 to {last}."),
    }

    def to_internal_value(self, data: Any) -> FaceSelection:
        """The word, or the indices once each and in order."""
        if isinstance(data, str):
            word = _SPELLINGS.get(data.strip(), data.strip())
            if word in choices.FACE_CHOICES:
                return cast("FaceSelection", word)
            data = self._numbers(word)
        if not isinstance(data, Sequence) or not data:
            self.fail("invalid")
        if any(not isinstance(index, int) or isinstance(index, bool) for index in data):
            self.fail("invalid")
        last = choices.MAX_FACES - 1
        if any(not 0 <= index <= last for index in data):
            self.fail("range", last=last)
        return tuple(sorted(set(data)))

    def to_representation(self, value: Any) -> Any:
        """As stored."""
        return value if isinstance(value, str) else list(value)

    def _numbers(self, text: str) -> list[Any]:
        bare = text.removeprefix("[").removesuffix("]")
        try:
            numbers: list[Any] = json.loads(f"[{bare}]")
        except json.JSONDecodeError:
            self.fail("invalid")
        return numbers


class FidelityField(serializers.FloatField):
    """0 to 1. Two digits behind the point are kept, so that the shown value is the used one."""

    default_error_messages = {"range": _("The strength must lie between 0 and 1.")}

    def to_internal_value(self, data: Any) -> float:
        """Within bounds, rounded; the base refuses what is no number."""
        value = super().to_internal_value(data)
        if not 0.0 <= value <= 1.0:  # NaN, too
            self.fail("range")
        return round(value, 2)


class FaceOptionsSerializer(serializers.Serializer[Any]):
    """The part of the options that says what happens to faces."""

    face_restore = serializers.ChoiceField(
        choices=choices.FACE_RESTORES,
        default="auto",
        help_text=_(
            "`auto` restores faces when the weights are installed; `required` is refused without."
        ),
    )
    face_model = serializers.ChoiceField(
        choices=choices.FACE_MODELS,
        default="auto",
        help_text=_("Version of GFPGAN; `auto` is the newest that is installed."),
    )
    faces = FacesField(
        default="all",
        help_text=_("Which faces: `all`, `centre`, `largest`, `none`, or indices of the preview."),
    )
    min_face = serializers.IntegerField(
        min_value=choices.MIN_MIN_FACE,
        max_value=choices.MAX_MIN_FACE,
        default=choices.MIN_MIN_FACE,
        help_text=_("Smaller faces are left as they are; pixels of the original."),
    )
    aligned = serializers.BooleanField(
        default=False, help_text=_("The picture is one upright, aligned face: nothing is searched.")
    )
    fidelity = FidelityField(
        default=1.0,
        help_text=_("How much of the restored face is shown: 0 nothing, 1 all of it."),
    )
    background = serializers.BooleanField(
        default=True,
        help_text=_("`off` resamples the picture without a network and restores the faces only."),
    )
