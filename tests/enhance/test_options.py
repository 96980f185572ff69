"""Options are judged once, the same for every way in."""

import pytest
from rest_framework.exceptions import ValidationError

from enhance.nets.catalogue import NETWORKS
from enhance.options import MODEL_NAMES, EnhanceOptions
from enhance.serializers import parse_options


def codes(data):
    with pytest.raises(ValidationError) as caught:
        parse_options(data, default_quality="fast")
    return {name: [item.code for item in items] for name, items in caught.value.detail.items()}


def test_nothing_given_means_the_documented_defaults():
    assert parse_options({}, default_quality="fast") == EnhanceOptions(quality_level="fast")
    assert parse_options({}, default_quality="high") == EnhanceOptions(quality_level="high")


def test_text_and_json_values_mean_the_same():
    text = {"scale": "2.5", "tile_size": "256", "tile_pad": "8", "jpeg_quality": "80",
            "quality_level": "high", "model": "realesrgan-x4plus-anime", "output_format": "jpg"}  # fmt: skip
    json = {**text, "scale": 2.5, "tile_size": 256, "tile_pad": 8, "jpeg_quality": 80}
    assert parse_options(text, default_quality="fast") == parse_options(
        json, default_quality="fast"
    )


def test_an_empty_form_field_counts_as_not_given():
    assert parse_options({"scale": "", "tile_pad": ""}, default_quality="fast").scale == 4.0


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("scale", "0.99", "range"), ("scale", "16.01", "range"), ("scale", "nan", "invalid"),
        ("scale", "inf", "invalid"), ("scale", "large", "invalid"),
        ("tile_size", "63", "min_value"), ("tile_size", "1025", "max_value"),
        ("tile_size", "big", "invalid"), ("tile_pad", "-1", "min_value"), ("tile_pad", "65", "max_value"),
        ("jpeg_quality", "0", "min_value"), ("jpeg_quality", "101", "max_value"),
        ("output_format", "gif", "invalid_choice"), ("quality_level", "best", "invalid_choice"),
        ("quality_level", "medium", "quality_level_unavailable"),
        ("quality_level", "balanced", "quality_level_unavailable"),
        ("quality_level", "max", "quality_level_unavailable"),
        ("alpha", "model", "invalid_choice"), ("keep_gps", "perhaps", "invalid"),
        ("model", "gfpgan", "invalid_choice"), ("face_restore", "true", "unknown_option"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_refused_with_its_own_code(name, value, code):
    assert codes({name: value}) == {name: [code]}


def test_an_unavailable_quality_names_what_is_allowed():
    with pytest.raises(ValidationError, match="fast, high"):
        parse_options({"quality_level": "max"}, default_quality="fast")


def test_every_network_of_the_catalogue_may_be_named_and_no_other():
    assert set(MODEL_NAMES) == {"auto", *NETWORKS}
