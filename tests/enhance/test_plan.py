"""The plan says before the upload what will be done, and refuses what cannot be."""

from dataclasses import replace

import pytest

from enhance.nets.catalogue import NETWORKS
from enhance.options import EnhanceOptions
from enhance.output_format import JPEG_MAX_SIDE, WEBP_MAX_SIDE
from enhance.plan import Limits, make_plan
from project.errors import ServiceError

LIMITS = Limits(output_pixels=200_000_000, high_quality_cpu_pixels=2_000_000)
FAST = EnhanceOptions(quality_level="fast")


def plan(width=512, height=512, options=FAST, *, limits=LIMITS, source_format="PNG", **more):
    return make_plan(
        width=width,
        height=height,
        source_format=source_format,
        options=options,
        limits=limits,
        **more,
    )


def refusal(*args, **more):
    with pytest.raises(ServiceError) as caught:
        plan(*args, **more)
    assert caught.value.status == 422
    return caught.value


@pytest.mark.parametrize(
    ("scale", "size", "passes", "resample"),
    [
        (1.0, (101, 67), 1, "area"), (1.5, (152, 101), 1, "lanczos"), (2.0, (202, 134), 1, "area"),
        (3.0, (303, 201), 1, "lanczos"), (4.0, (404, 268), 1, "none"),
        (8.0, (808, 536), 2, "area"), (16.0, (1616, 1072), 2, "none"),
    ],
)  # fmt: skip
def test_each_scale_has_its_exact_size_and_its_passes(scale, size, passes, resample):
    made = plan(101, 67, replace(FAST, scale=scale))
    assert (made.output_width, made.output_height) == size
    assert (len(made.passes), made.resample) == (passes, resample)


def test_half_pixels_round_up_and_nothing_vanishes():
    made = plan(1, 3, replace(FAST, scale=1.5))
    assert (made.output_width, made.output_height) == (2, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"scale": 2.0}, {"quality_level": "high"}, {"output_format": "jpg"}, {"jpeg_quality": 60},
        {"tile_size": 128}, {"tile_pad": 4}, {"model": "realesrgan-x4plus-anime"},
    ],
)  # fmt: skip
def test_every_option_changes_the_plan(change):
    assert plan(options=replace(FAST, **change)).as_json() != plan().as_json()


def test_tiles_are_counted_over_both_passes():
    made = plan(100, 100, EnhanceOptions(quality_level="fast", scale=16, tile_size=128))
    assert [step.grid.tiles for step in made.passes] == [1, 9]
    assert made.tiles == 10


def test_a_second_pass_is_left_out_when_its_canvas_exceeds_the_limit():
    limits = replace(LIMITS, output_pixels=100 * 100 * 16 * 16 - 1)
    assert len(plan(100, 100, replace(FAST, scale=8.0), limits=limits).passes) == 1


def test_a_second_pass_is_left_out_when_the_processor_would_take_too_long():
    options = EnhanceOptions(quality_level="high", scale=8.0)
    assert len(plan(400, 400, options).passes) == 1
    assert len(plan(400, 400, options, device="cuda").passes) == 2


def test_an_output_over_the_limit_is_refused_with_the_largest_scale():
    error = refusal(2048, 2048, replace(FAST, scale=16.0))
    assert (error.code, error.extra["largest_scale"]) == ("output_too_large", 6.9)
    plan(2048, 2048, replace(FAST, scale=6.9))
    refusal(2048, 2048, replace(FAST, scale=6.91))


def test_a_picture_that_is_too_large_at_scale_one_has_no_largest_scale():
    error = refusal(30_000, 30_000, replace(FAST, scale=1.0))
    assert error.extra["largest_scale"] is None


def test_a_jpeg_beyond_its_side_limit_is_refused_with_the_largest_scale():
    options = replace(FAST, scale=16.0, output_format="jpg")
    error = refusal(8000, 4, options)
    assert (error.code, error.extra["largest_scale"]) == ("jpeg_side_limit", 8.18)
    assert plan(8000, 4, replace(options, scale=8.18)).output_width <= JPEG_MAX_SIDE
    assert plan(8000, 4, replace(options, output_format="png")).output_width == 128_000


@pytest.mark.parametrize(
    ("name", "code", "limit"),
    [("jpg", "jpeg_side_limit", JPEG_MAX_SIDE), ("webp", "webp_side_limit", WEBP_MAX_SIDE)],
)
def test_a_side_that_a_format_cannot_hold_is_refused_and_the_largest_scale_fits(name, code, limit):
    options = replace(FAST, scale=16.0, output_format=name)
    side = limit // 16 + 1
    error = refusal(side, 4, options)
    assert (error.code, error.extra["limit"]) == (code, limit)
    largest = error.extra["largest_scale"]
    assert plan(side, 4, replace(options, scale=largest)).output_width <= limit
    refusal(side, 4, replace(options, scale=round(largest + 0.01, 2)))
    assert plan(side - 1, 4, options).output_width <= limit
    assert plan(side, 4, replace(options, output_format="tiff")).output_width == side * 16


@pytest.mark.parametrize(
    ("name", "depth"), [("png", 16), ("tiff", 16), ("jpg", 8), ("webp", 8), ("same", 16)]
)
def test_sixteen_bits_stay_where_the_format_holds_them(name, depth):
    options = replace(FAST, output_format=name)
    deep = plan(options=options, bit_depth=16)
    assert deep.bit_depth == deep.as_json()["bit_depth"] == depth
    assert plan(options=options).bit_depth == 8


def test_sixteen_bits_need_twice_the_memory_for_pictures_and_have_a_rate_of_their_own():
    deep, flat = plan(bit_depth=16), plan()
    canvas = 512 * 512 * 16
    assert deep.memory_bytes - flat.memory_bytes == 3 * (canvas + 2 * canvas)
    assert deep.rate_bucket != flat.rate_bucket
    reduced = plan(bit_depth=16, options=replace(FAST, output_format="jpg"))
    assert (reduced.memory_bytes, reduced.rate_bucket) == (flat.memory_bytes, flat.rate_bucket)


def test_high_quality_has_a_limit_on_a_processor_and_none_on_a_gpu():
    options = EnhanceOptions(quality_level="high")
    error = refusal(2000, 1001, options)
    assert error.code == "too_large_for_device"
    assert error.extra == {
        "largest_pixels": 2_000_000,
        "allowed_quality_levels": ["fast"],
        "allowed_models": ["realesrgan-x4plus-anime", "realesr-animevideov3"],
    }
    assert plan(2000, 1000, options).network == "realesrgan-x4plus"
    assert plan(2000, 1001, options, device="cuda").network == "realesrgan-x4plus"
    assert plan(2000, 1001, FAST).network == "realesr-animevideov3"


def test_a_processor_takes_the_same_work_of_each_network_and_always_the_cheapest():
    anime = EnhanceOptions(quality_level="high", model="realesrgan-x4plus-anime")
    most = int(2_000_000 * 35.85 / 11.41)
    assert plan(most, 1, anime).network == "realesrgan-x4plus-anime"
    error = refusal(most + 1, 1, anime)
    assert error.extra == {
        "largest_pixels": most,
        "allowed_quality_levels": ["fast"],
        "allowed_models": ["realesr-animevideov3"],
    }
    assert plan(30_000, 6000, replace(FAST, scale=1.0)).network == "realesr-animevideov3"


@pytest.mark.parametrize("quality", ["fast", "high"])
@pytest.mark.parametrize("model", sorted(NETWORKS))
def test_a_named_model_wins_over_the_quality_level(quality, model):
    assert plan(options=EnhanceOptions(quality_level=quality, model=model)).network == model


@pytest.mark.parametrize(
    ("source", "wanted", "result"),
    [("JPEG", "same", "JPEG"), ("PNG", "same", "PNG"), ("WEBP", "same", "WEBP"),
     ("TIFF", "same", "TIFF"), ("BMP", "same", "PNG"), ("GIF", "same", "PNG"),
     ("HEIC", "same", "PNG"), ("AVIF", "same", "PNG"), ("PNG", "jpg", "JPEG"),
     ("JPEG", "png", "PNG"), ("JPEG", "webp", "WEBP"), ("WEBP", "tiff", "TIFF")],
)  # fmt: skip
def test_the_format_of_the_result(source, wanted, result):
    assert (
        plan(options=replace(FAST, output_format=wanted), source_format=source).output_format
        == result
    )


def test_seconds_are_unknown_until_a_rate_was_measured():
    assert plan().seconds is None
    asked = []
    made = plan(seconds_per_tile=lambda bucket: asked.append(bucket) or 2.0)
    assert made.seconds == 2.0 * made.tiles
    assert asked == [made.rate_bucket]


def test_the_small_network_is_cut_exactly_and_the_large_one_feathered():
    assert plan().passes[0].grid.feather == 0
    assert plan(options=EnhanceOptions(quality_level="high")).passes[0].grid.feather == 32
    assert plan(options=replace(FAST, tile_pad=4)).passes[0].grid.feather == 4


def test_the_memory_grows_with_the_tile():
    small, large = (plan(options=replace(FAST, tile_size=size)).memory_bytes for size in (64, 1024))
    assert small < large
