"""Options are judged once, the same for every way in."""

import pytest
from rest_framework.exceptions import ValidationError

from enhance.nets.catalogue import NETWORKS
from enhance.options import AUTO_MODEL, QUALITY_LEVELS, EnhanceOptions
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


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("all", "all"), ("center", "centre"), ("centre", "centre"), ("largest", "largest"), ("none", "none"),
        ("2,0", (0, 2)), ("[2, 0, 2]", (0, 2)), ([2, 0], (0, 2)), ("7", (7,)),
    ],
)  # fmt: skip
def test_faces_are_named_by_a_word_or_by_their_numbers(given, means):
    options = parse_options({"faces": given}, default_quality="fast")
    assert options.faces == means
    assert EnhanceOptions(**options.as_json()) == options


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
        ("alpha", "network", "invalid_choice"), ("keep_gps", "perhaps", "invalid"),
        ("strip_gps", "perhaps", "invalid"), ("target_width", "0", "min_value"),
        ("target_height", "1.5", "invalid"), ("megapixels", "0", "min_value"),
        ("megapixels", "nan", "invalid"), ("denoise", "1.01", "max_value"),
        ("denoise", "-0.1", "min_value"), ("denoise", "some", "invalid"),
        ("model", "gfpgan", "invalid_choice"), ("face_restore", "true", "invalid_choice"),
        ("faces", "some", "invalid"), ("faces", "0,64", "range"), ("faces", "-1", "range"),
        ("faces", "0,x", "invalid"), ("faces", [True], "invalid"), ("faces", {"0": 1}, "invalid"), ("faces", "[]", "invalid"),
        ("min_face", "19", "min_value"), ("min_face", "2001", "max_value"), ("face_model", "1.5", "invalid_choice"),
        ("fidelity", "1.01", "range"), ("fidelity", "-0.1", "range"), ("fidelity", "nan", "invalid"),
        ("aligned", "perhaps", "invalid"), ("background", "perhaps", "invalid"), ("face_fix", "1", "unknown_option"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_refused_with_its_own_code(db, name, value, code):
    assert codes({name: value}) == {name: [code]}


def test_the_other_word_of_the_original_service_means_medium():
    assert parse_options({"quality_level": "balanced"}, default_quality="fast").quality_level == (
        "medium"
    )


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"scale": "2", "target_width": "100"}, {"scale": ["scale_or_target"]}),
        ({"scale": "2", "megapixels": "3"}, {"scale": ["scale_or_target"]}),
        ({"megapixels": "3", "target_height": "9"}, {"megapixels": ["one_target"]}),
        ({"keep_gps": "true", "strip_gps": "true"}, {"strip_gps": ["gps_twice"]}),
    ],
)
def test_a_choice_that_is_made_twice_is_refused_and_not_half_ignored(given, refused):
    assert codes(given) == refused


def test_a_target_takes_the_place_of_the_scale():
    options = parse_options({"target_width": "640"}, default_quality="fast")
    assert (options.scale, options.target_width) == (None, 640)
    assert parse_options({"megapixels": "2.5"}, default_quality="fast").megapixels == 2.5


@pytest.mark.parametrize(("stripped", "kept"), [("true", False), ("false", True)])
def test_strip_gps_is_the_opposite_of_keep_gps(stripped, kept):
    assert parse_options({"strip_gps": stripped}, default_quality="fast").keep_gps is kept


def test_every_network_of_the_catalogue_may_be_named_and_every_level_chosen(db):
    for name in (AUTO_MODEL, *NETWORKS):
        assert parse_options({"model": name}, default_quality="fast").model == name
    for level in QUALITY_LEVELS:
        assert (
            parse_options({"quality_level": level}, default_quality="fast").quality_level == level
        )
