"""Options as clients send them: JSON, form fields or query, one set of rules for all three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enhance import options as choices
from enhance.options import EnhanceOptions

AUTO = "auto"


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": [AUTO]},
            {
                "type": "integer",
                "minimum": choices.MIN_TILE_SIZE,
                "maximum": choices.MAX_TILE_SIZE,
            },
        ]
    }
)
class TileSizeField(serializers.IntegerField):
    """`auto`, or the side of a tile in pixels."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=choices.MIN_TILE_SIZE, max_value=choices.MAX_TILE_SIZE, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The word passes as it is; anything else is a bounded integer."""
        return AUTO if data == AUTO else super().run_validation(data)

    def to_representation(self, value: Any) -> Any:
        """As stored."""
        return value if value == AUTO else super().to_representation(value)


@extend_schema_field(OpenApiTypes.FLOAT)
class ScaleField(serializers.FloatField):
    """1 to 16. Two digits behind the point are kept, so that a shown scale is the used one."""

    def to_internal_value(self, data: Any) -> float:
        """Within bounds, rounded; the base refuses what is no finite number."""
        value = super().to_internal_value(data)
        if not choices.MIN_SCALE <= value <= choices.MAX_SCALE:
            self.fail("range", low=choices.MIN_SCALE, high=choices.MAX_SCALE)
        return round(value, 2)

    default_error_messages = {
        "range": _("The scale must lie between {low} and {high}."),
    }


class QualityLevelField(serializers.ChoiceField):
    """`fast` or `high`; the other words of the original service get an answer of their own."""

    default_error_messages = {
        "quality_level_unavailable": _(
            "Quality level {input} is not available yet. Allowed: {allowed}."
        ),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=choices.QUALITY_LEVELS, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Refuses planned levels by name instead of treating them as another one."""
        if data in choices.PLANNED_QUALITY_LEVELS:
            allowed = ", ".join(choices.QUALITY_LEVELS)
            self.fail("quality_level_unavailable", input=data, allowed=allowed)
        return super().to_internal_value(data)


class OptionsSerializer(serializers.Serializer[EnhanceOptions]):
    """The options of one enlargement; names that are not known are refused, not ignored."""

    IGNORED = frozenset({"file", "csrfmiddlewaretoken"})

    scale = ScaleField(default=4.0, help_text=_("1 to 16 times each side."))
    quality_level = QualityLevelField(
        required=False,
        help_text=_("`high` is the large network; the default is `fast` without a GPU."),
    )
    model = serializers.ChoiceField(
        choices=choices.MODEL_NAMES,
        default=choices.AUTO_MODEL,
        help_text=_("A network by name; `auto` is the one of the quality level."),
    )
    output_format = serializers.ChoiceField(
        choices=choices.OUTPUT_FORMATS,
        default="same",
        help_text=_("`same` keeps JPEG, PNG, WEBP and TIFF; other formats become PNG."),
    )
    jpeg_quality = serializers.IntegerField(
        min_value=1,
        max_value=100,
        default=choices.DEFAULT_JPEG_QUALITY,
        help_text=_("Of JPEG and WEBP."),
    )
    keep_metadata = serializers.BooleanField(
        default=True, help_text=_("Keep the colour profile and the EXIF data, without the place.")
    )
    keep_gps = serializers.BooleanField(
        default=False, help_text=_("With `keep_metadata`: keep also where the photo was taken.")
    )
    alpha = serializers.ChoiceField(
        choices=choices.ALPHA_MODES,
        default="resize",
        help_text=_("What becomes of transparency: `drop` shows the colours below it."),
    )
    tile_size = TileSizeField(default=AUTO, help_text=_("Side of a tile in pixels, or `auto`."))
    tile_pad = serializers.IntegerField(
        min_value=0,
        max_value=choices.MAX_TILE_PAD,
        allow_null=True,
        default=None,
        help_text=_("Pixels a tile sees beyond its border; by default what the network needs."),
    )

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Empty form fields count as not given."""
        given = {name: value for name, value in data.items() if value not in ("", None)}
        unknown = sorted(set(given) - set(self.fields) - self.IGNORED)
        if unknown:
            detail = _("Unknown option. Allowed: %(allowed)s.") % {
                "allowed": ", ".join(OptionsSerializer().fields)
            }
            raise serializers.ValidationError(
                {
                    name: [serializers.ErrorDetail(str(detail), code="unknown_option")]
                    for name in unknown
                }
            )
        return dict(super().to_internal_value(given))


class ParamsSerializer(OptionsSerializer):
    """What the job row keeps: resolved options, and what the plan needs beside them.

    The pictures are not here but in the Enhancement row: the fingerprint of a repeated request
    must not change with the random name of its upload.
    """

    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)
    source_format = serializers.ChoiceField(choices=choices.SOURCE_FORMATS)
    bit_depth = serializers.ChoiceField(choices=(8, 16), default=8)
    device = serializers.ChoiceField(choices=("cpu", "cuda"))
    passes = serializers.IntegerField(min_value=1, max_value=2)


def parse_options(
    data: Mapping[str, Any], *, default_quality: choices.QualityLevel
) -> EnhanceOptions:
    """Options from any mapping of strings or JSON values.

    Raises rest_framework ValidationError with one coded list per wrong option.
    """
    serializer = OptionsSerializer(data=dict(data.items()))
    serializer.is_valid(raise_exception=True)
    return EnhanceOptions(**{"quality_level": default_quality, **serializer.validated_data})
