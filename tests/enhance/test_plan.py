"""The plan says before the upload what will be done, and refuses what cannot be."""

from dataclasses import replace

import pytest

from enhance.nets.catalogue import NETWORKS
from enhance.options import EnhanceOptions
from enhance.output_format import JPEG_MAX_SIDE, WEBP_MAX_SIDE
from enhance.plan import Limits, make_plan
from project.errors import ServiceError

GIGABYTE = 1 << 30
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
        {"scale": None, "target_width": 1500}, {"scale": None, "target_height": 600},
        {"scale": None, "megapixels": 3.5}, {"quality_level": "medium"}, {"quality_level": "max"},
        {"denoise": 0.5},
    ],
)  # fmt: skip
def test_every_option_changes_the_plan(change):
    changed = plan(450, 450, options=replace(FAST, **change))
    assert changed.as_json() != plan(450, 450).as_json()


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


def test_small_tiles_and_transparency_count_as_the_work_that_they_are():
    high = EnhanceOptions(quality_level="high")
    small = replace(high, tile_size=64, tile_pad=64)
    assert plan(1000, 1000, small, device="cuda").passes[0].grid.window == (192, 192)
    error = refusal(1000, 1000, small)
    assert error.code == "too_large_for_device"
    assert 200_000 < error.extra["largest_pixels"] < 400_000
    assert plan(400, 400, small).network == "realesrgan-x4plus"
    assert plan(1000, 1000, replace(high, tile_size=400, tile_pad=32)).tiles == 9
    redrawn = replace(high, alpha="model")
    assert plan(1000, 1000, redrawn, has_alpha=True).enlarges_alpha
    assert refusal(1000, 1001, redrawn, has_alpha=True).extra["largest_pixels"] == 1_000_000
    assert plan(1000, 1001, redrawn).network == "realesrgan-x4plus"


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
    made = plan(seconds_per_unit=lambda bucket: asked.append(bucket) or 2.0)
    assert made.seconds == 2.0 * made.tiles
    assert asked == [made.rate_bucket]


def test_the_small_network_is_cut_exactly_and_the_large_one_feathered():
    assert plan().passes[0].grid.feather == 0
    assert plan(options=EnhanceOptions(quality_level="high")).passes[0].grid.feather == 32
    assert plan(options=replace(FAST, tile_pad=4)).passes[0].grid.feather == 4


def test_the_memory_grows_with_the_tile():
    small, large = (plan(options=replace(FAST, tile_size=size)).memory_bytes for size in (64, 1024))
    assert small < large


def test_transparency_through_the_network_costs_the_passes_twice():
    plain = plan(options=replace(FAST, alpha="model"))
    doubled = plan(options=replace(FAST, alpha="model"), has_alpha=True)
    assert doubled.as_json() != plain.as_json()
    assert (doubled.tiles, doubled.units) == (plain.tiles, 2 * plain.units)
    assert plan(has_alpha=True).units == plain.units, "beside the network it costs nothing"


def test_each_quality_level_is_another_plan():
    """fast: another network; medium and high: another border; max: eight views, eight times the work."""
    levels = ("fast", "medium", "high", "max")
    plans = {name: plan(450, 450, EnhanceOptions(quality_level=name)) for name in levels}
    assert plans["fast"].network == "realesr-animevideov3"
    assert {plans[name].network for name in levels[1:]} == {"realesrgan-x4plus"}
    seen = [(plans[name].passes[0].pad, plans[name].passes[0].grid.feather, plans[name].views)
            for name in levels[1:]]  # fmt: skip
    assert seen == [(16, 16, 1), (32, 32, 1), (32, 32, 8)]
    assert plans["max"].units == 8 * plans["high"].units == 8 * plans["high"].tiles
    asked = EnhanceOptions(quality_level="max")
    assert plan(450, 450, asked, seconds_per_unit=lambda bucket: 2.0).seconds == (
        2.0 * plans["max"].units
    )


def test_fast_is_the_better_small_network_where_that_is_installed():
    from enhance.nets.catalogue import EMBEDDED, choose_network

    assert choose_network(FAST).name == "realesr-animevideov3"
    assert choose_network(FAST, installed=EMBEDDED | {"realesr-general-x4v3"}).name == (
        "realesr-general-x4v3"
    )


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"target_width": 333}, (333, 222)), ({"target_height": 333}, (500, 333)),
        ({"target_width": 1000, "target_height": 500}, (750, 500)),
        ({"target_width": 600, "target_height": 500}, (600, 400)),
        ({"megapixels": 0.24}, (600, 400)), ({"target_width": 150}, (150, 100)),
        ({"target_width": 2400}, (2400, 1600)),
    ],
)  # fmt: skip
def test_a_target_is_met_and_the_proportions_stay(options, size):
    made = plan(150, 100, replace(FAST, scale=None, **options))
    assert (made.output_width, made.output_height) == size
    assert made.scale == pytest.approx(size[0] / 150, rel=0.01)


@pytest.mark.parametrize(
    "options", [{"target_width": 149}, {"target_height": 1601}, {"megapixels": 9}]
)
def test_a_target_beyond_one_to_sixteen_times_is_refused_with_what_is_possible(options):
    error = refusal(150, 100, replace(FAST, scale=None, **options))
    assert (error.code, error.extra["smallest"], error.extra["largest"]) == (
        "target_out_of_range", [150, 100], [2400, 1600]
    )  # fmt: skip
    assert error.extra["largest_scale"] == 16


def test_a_target_over_the_limit_is_refused_with_the_largest_scale():
    error = refusal(2048, 2048, replace(FAST, scale=None, target_width=20_000))
    assert (error.code, error.extra["largest_scale"]) == ("output_too_large", 6.9)


@pytest.mark.parametrize("quality", ["fast", "high"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_an_automatic_tile_is_400_at_least_unless_memory_demands_less(quality, device):
    options = EnhanceOptions(quality_level=quality)

    def tile(memory):
        limits = replace(LIMITS, memory_bytes=memory, high_quality_cpu_pixels=10**9)
        return plan(1500, 1500, options, limits=limits, device=device).passes[0].tile

    assert tile(None) == 400
    assert tile(64 * GIGABYTE) >= 400
    assert tile(2 * GIGABYTE) == (400 if quality == "fast" else 256)
    assert tile(1) == 64


@pytest.mark.parametrize(("quality", "tile"), [("fast", 1024), ("high", 768)])
def test_a_gpu_with_plenty_of_memory_gets_large_tiles(quality, tile):
    def chosen(gigabytes, device):
        limits = replace(LIMITS, memory_bytes=gigabytes * GIGABYTE, high_quality_cpu_pixels=10**9)
        options = EnhanceOptions(quality_level=quality)
        return plan(1500, 1500, options, limits=limits, device=device).passes[0].tile

    assert [chosen(80, "cuda"), chosen(4, "cuda"), chosen(80, "cpu")] == [tile, 400, 400]


@pytest.mark.parametrize("tile", [64, 256, 400, 512, 1024])
def test_a_chosen_tile_is_used_and_shown(tile):
    made = plan(1500, 1500, replace(FAST, tile_size=tile), device="cuda")
    (step,) = made.passes
    assert step.tile == made.as_json()["passes"][0]["tile"] == tile
    assert max(step.grid.window) <= tile + 2 * step.pad
    assert len(step.grid.columns) == -(-(1500 - 36) // tile)


def test_small_windows_share_a_batch_on_a_gpu_and_never_on_a_processor():
    options = replace(FAST, tile_size=64)
    assert plan(1500, 100, options).passes[0].batch == 1
    assert plan(1500, 100, options, device="cuda").passes[0].batch == 8
    assert plan(1500, 1500, EnhanceOptions(), device="cuda").passes[0].batch == 1


def test_eight_views_count_as_eight_times_the_work_on_a_processor():
    asked = EnhanceOptions(quality_level="max")
    assert plan(500, 500, asked).views == 8
    error = refusal(500, 501, asked)
    assert error.extra["largest_pixels"] == 250_000
    assert error.extra["allowed_quality_levels"] == ["fast", "medium", "high"]
