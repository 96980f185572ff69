"""Options as clients send them: JSON, form fields or query, one set of rules for all three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enhance import options as choices
from enhance.faces.fields import FaceOptionsSerializer
from enhance.nets.catalogue import NETWORKS
from enhance.operator_models import is_operator_model
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
    """One of the levels; `balanced` is the original service's other word for `medium`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=choices.QUALITY_LEVELS, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The level itself."""
        return super().to_internal_value(choices.QUALITY_ALIASES.get(str(data), data))


class ShareField(serializers.FloatField):
    """0 to 1, kept to two digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0.0, max_value=1.0, **kwargs)

    def to_internal_value(self, data: Any) -> float:
        """Rounded, so that a shown share is the used one."""
        return round(super().to_internal_value(data), 2)


@extend_schema_field(OpenApiTypes.STR)
class ModelField(serializers.ChoiceField):
    """`auto`, a network of the catalogue, or one that operators of this server added."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=(choices.AUTO_MODEL, *NETWORKS), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Only a name that is no other's costs a look into the database."""
        may_be_one = isinstance(data, str) and data.isprintable()  # PostgreSQL knows no NUL
        if may_be_one and data not in self.choices and is_operator_model(data):
            return data
        return super().to_internal_value(data)


class OptionsSerializer(FaceOptionsSerializer):
    """The options of one enlargement; names that are not known are refused, not ignored."""

    IGNORED = frozenset({"file", "csrfmiddlewaretoken"})

    scale = ScaleField(default=4.0, help_text=_("1 to 16 times each side; not with a target."))
    target_width = serializers.IntegerField(
        min_value=1,
        max_value=choices.MAX_TARGET_SIDE,
        allow_null=True,
        default=None,
        help_text=_("Instead of `scale`: pixels. With `target_height`: what fits into both."),
    )
    target_height = serializers.IntegerField(
        min_value=1,
        max_value=choices.MAX_TARGET_SIDE,
        allow_null=True,
        default=None,
        help_text=_("Instead of `scale`: pixels."),
    )
    megapixels = serializers.FloatField(
        min_value=0.000_001,
        max_value=choices.MAX_TARGET_MEGAPIXELS,
        allow_null=True,
        default=None,
        help_text=_("Instead of `scale`: how large the result is in all."),
    )
    quality_level = QualityLevelField(
        required=False,
        help_text=_(
            "`fast` is a small network; `medium` (or `balanced`), `high` and `max` the large one, `max` with the mean of eight views. The default is `fast` without a GPU, else `high`."
        ),
    )
    model = ModelField(
        default=choices.AUTO_MODEL,
        help_text=_("A network by name; `auto` is the one of the quality level."),
    )
    denoise = ShareField(
        allow_null=True,
        default=None,
        help_text=_("0 to 1: how much noise `realesr-general-x4v3` removes; no other network can."),
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
    strip_gps = serializers.BooleanField(
        allow_null=True,
        default=None,
        write_only=True,
        help_text=_("The opposite of `keep_gps`, in the words of other programs."),
    )
    alpha = serializers.ChoiceField(
        choices=choices.ALPHA_MODES,
        default="resize",
        help_text=_(
            "What becomes of transparency: `model` enlarges it with the network, `resize` beside it, `drop` shows the colours below it."
        ),
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
        self._check_pairs(given)
        values = dict(super().to_internal_value(given))
        stripped = values.pop("strip_gps")
        if stripped is not None:
            values["keep_gps"] = not stripped
        if any(values[name] is not None for name in choices.TARGETS):
            values["scale"] = None
        return values

    def _check_pairs(self, given: Mapping[str, Any]) -> None:
        """Options that say the same thing twice are refused: one of them would be ignored."""
        targets = [name for name in choices.TARGETS if name in given]
        if targets and "scale" in given:
            self._refuse("scale", "scale_or_target", _("Give either a scale or a target size."))
        if "megapixels" in given and len(targets) > 1:
            self._refuse("megapixels", "one_target", _("Give either megapixels or sides."))
        if {"keep_gps", "strip_gps"} <= set(given):
            self._refuse("strip_gps", "gps_twice", _("Give either keep_gps or strip_gps."))

    def _refuse(self, name: str, code: str, text: Any) -> None:
        detail = serializers.ErrorDetail(str(text), code=code)
        raise serializers.ValidationError({name: [detail]})


class ParamsSerializer(OptionsSerializer):
    """What the job row keeps: resolved options, and what the plan needs beside them.

    The pictures are not here but in the Enhancement row: the fingerprint of a repeated request
    must not change with the random name of its upload.
    """

    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)
    source_format = serializers.ChoiceField(choices=choices.SOURCE_FORMATS)
    bit_depth = serializers.ChoiceField(choices=(8, 16), default=8)
    has_alpha = serializers.BooleanField(default=False)
    device = serializers.ChoiceField(choices=("cpu", "cuda"))
    passes = serializers.IntegerField(min_value=1, max_value=2)
    tile = serializers.IntegerField(min_value=1, required=False)
    network = serializers.JSONField(required=False)


def parse_options(
    data: Mapping[str, Any], *, default_quality: choices.QualityLevel
) -> EnhanceOptions:
    """Options from any mapping of strings or JSON values.

    Raises rest_framework ValidationError with one coded list per wrong option.
    """
    serializer = OptionsSerializer(data=dict(data.items()))
    serializer.is_valid(raise_exception=True)
    return EnhanceOptions(**{"quality_level": default_quality, **serializer.validated_data})
