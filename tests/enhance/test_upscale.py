"""The pipeline on tiny networks: sizes, planes, faults, checkpoints."""

import numpy as np
import pytest

from enhance.nets.catalogue import LEVELS
from enhance.options import EnhanceOptions
from enhance.pipeline import upscale
from enhance.plan import Limits, make_plan
from project.inference.errors import Cancelled, InvalidOutput, OutOfMemory
from project.inference.run import LocalRun
from tests.enhance.pictures import pixels
from tests.enhance.tiny import SHA256, TinyRuntime

NO_LIMITS = Limits(output_pixels=2**60, high_quality_cpu_pixels=2**60)


def request(picture, *, alpha=None, is_grey=False, alpha_mode="resize", **options):
    height, width = picture.shape[:2]
    plan = make_plan(
        bit_depth=8 * picture.dtype.itemsize,
        width=width,
        height=height,
        has_alpha=alpha is not None,
        source_format="PNG",
        options=EnhanceOptions(**{"quality_level": "fast", "alpha": alpha_mode, **options}),
        limits=NO_LIMITS,
    )
    return upscale.Request(pixels=picture, alpha=alpha, is_grey=is_grey, plan=plan)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 3.0, 4.0, 8.0, 16.0])
@pytest.mark.parametrize("quality", ["fast", "high"])
def test_the_result_has_exactly_the_planned_size(local_run, scale, quality):
    result = upscale.run(local_run, request(pixels(21, 13), scale=scale, quality_level=quality))
    assert result.pixels.shape == (int(13 * scale + 0.5), int(21 * scale + 0.5), 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 500)])
@pytest.mark.parametrize("quality", ["fast", "high"])
def test_odd_shapes_are_enlarged_like_any_other(local_run, size, quality):
    result = upscale.run(local_run, request(pixels(*size), quality_level=quality, tile_size=64))
    assert result.pixels.shape == (size[1] * 4, size[0] * 4, 3)


@pytest.mark.parametrize(
    ("base", "change"),
    [
        ({}, {"scale": 2.0}),
        ({}, {"quality_level": "high"}),
        ({"quality_level": "high"}, {"quality_level": "high", "model": "realesrgan-x4plus-anime"}),
        ({"tile_size": 64}, {"tile_size": 64, "tile_pad": 0}),
        ({}, {"scale": None, "target_width": 300}),
        ({}, {"scale": None, "target_height": 300}),
        ({}, {"scale": None, "megapixels": 0.09}),
        ({"quality_level": "high"}, {"quality_level": "max"}),
        (
            {"quality_level": "high", "tile_pad": 1},
            {"quality_level": "high", "tile_pad": 1, "tile_size": 64},
        ),
    ],
)
def test_each_pixel_option_changes_the_pixels(local_run, base, change):
    picture = pixels(140, 140)
    plain = upscale.run(local_run, request(picture, **base)).pixels
    changed = upscale.run(local_run, request(picture, **change)).pixels
    assert not np.array_equal(plain, changed)


def test_the_tile_size_of_the_exact_network_changes_nothing_but_the_work(local_run):
    picture = pixels(150, 150)
    whole = upscale.run(local_run, request(picture))
    local_run.steps.clear()
    tiled = upscale.run(local_run, request(picture, tile_size=64))
    assert np.array_equal(whole.pixels, tiled.pixels)
    assert [step[:3] for step in local_run.steps if step[0] == "background"][-1][1] == 4


def test_the_same_request_gives_the_same_bytes(local_run):
    first, second = (
        upscale.run(local_run, request(pixels(50, 40), quality_level="high")) for _ in range(2)
    )
    assert first.pixels.tobytes() == second.pixels.tobytes()


def test_alpha_goes_beside_the_network(local_run):
    alpha = np.zeros((20, 30), np.uint8)
    alpha[:, 15:] = 200
    result = upscale.run(local_run, request(pixels(30, 20), alpha=alpha, scale=3.0))
    assert result.alpha.shape == (60, 90)
    assert (result.alpha[:, 0].max(), result.alpha[:, -1].min()) == (0, 200)


def test_a_grey_picture_stays_grey_and_a_coloured_one_does_not(local_run):
    grey = np.repeat(pixels(30, 20)[..., :1], 3, axis=2)
    for is_grey in (True, False):
        found = upscale.run(local_run, request(grey, is_grey=is_grey)).pixels
        assert np.array_equal(found[..., 0], found[..., 1]) is is_grey


def test_each_tile_is_a_checkpoint_with_its_box(local_run):
    upscale.run(local_run, request(pixels(150, 150), tile_size=64))
    tiles = [step for step in local_run.steps if step[0] == "background" and step[3]]
    assert [(done, total) for _, done, total, _ in tiles] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    boxes = [partial["box"] for *_, partial in tiles]
    assert sum(width * height for _, _, width, height in boxes) == 150 * 150


def test_both_passes_count_as_one_progress_in_source_pixels(local_run):
    upscale.run(local_run, request(pixels(40, 40), scale=8.0, tile_size=64))
    tiles = [step for step in local_run.steps if step[0] == "background" and step[3]]
    assert [done for _, done, *_ in tiles] == list(range(1, tiles[0][2] + 1))
    assert max(x + width for *_, partial in tiles for x, _, width, _ in [partial["box"]]) <= 40


def test_a_cancel_is_heard_between_two_tiles(runtime):
    done = []

    def checkpoint(stage, number, total, partial=None):
        if partial:
            done.append(number)
            if number == 2:
                raise Cancelled

    run = LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=checkpoint)
    with run, pytest.raises(Cancelled):
        upscale.run(run, request(pixels(150, 150), tile_size=64))
    assert done == [1, 2]


@pytest.mark.parametrize("quality", ["fast", "high"])
def test_a_cancel_is_heard_inside_a_tile(runtime, quality):
    checks = []

    def checkpoint(stage, number, total, partial=None):
        if stage == "background":
            checks.append(number)
            if len(checks) == 2:
                raise Cancelled

    run = LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=checkpoint)
    with run, pytest.raises(Cancelled):
        upscale.run(run, request(pixels(40, 40), quality_level=quality))
    assert checks == [0, 0], "the only tile was not finished"


def test_the_model_and_its_precision_are_named(local_run):
    result = upscale.run(local_run, request(pixels(8, 8)))
    assert result.dtype == "float32"
    assert result.model_versions == {"realesr-animevideov3": f"0.2.5.0 sha256:{SHA256}"}
    assert set(result.timings) == {"load", "background", "resample"}


class Faulty:
    """A network that answers `fault(call, batch)` where that is not None."""

    def __init__(self, network, fault):
        import torch

        self.calls = []

        class Module(torch.nn.Module):
            def __init__(module):
                super().__init__()
                module.inner = network

            def forward(module, batch, **options):
                self.calls.append((str(batch.dtype), tuple(batch.shape[2:])))
                answer = fault(len(self.calls), batch)
                return module.inner(batch, **options) if answer is None else answer

        self.module = Module()

    def __call__(self, network):
        return self.module


def faulty_run(fault, *, quality="fast", dtype="float32"):
    from tests.enhance.tiny import tiny_network

    faulty = Faulty(tiny_network(LEVELS[quality].default.name, dtype), fault)
    runtime = TinyRuntime(wrap=faulty, dtype=dtype)
    return faulty, LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=lambda *step: None)


def out_of_memory_above(side):
    def fault(call, batch):
        if max(batch.shape[2:]) > side:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    return fault


def test_memory_that_runs_out_at_a_tile_ends_in_smaller_tiles_and_the_same_picture(local_run):
    picture = pixels(300, 200)
    _, run = faulty_run(out_of_memory_above(150))
    with run:
        result = upscale.run(run, request(picture))
    expected = upscale.run(local_run, request(picture))
    assert result.warnings == ["smaller_tiles"]
    assert np.array_equal(result.pixels, expected.pixels)


def test_the_size_that_fitted_is_remembered_for_the_next_tile():
    faulty, run = faulty_run(out_of_memory_above(150))
    with run:
        upscale.run(run, request(pixels(300, 500), tile_size=200))
    refused = [shape for _, shape in faulty.calls if max(shape) > 150]
    assert len(set(refused)) == 1
    assert faulty.calls[-1][1] <= (150, 150)
    assert len(refused) == 2  # the first try and its repetition, for the first tile only


def test_memory_that_never_suffices_ends_in_a_coded_error():
    _, run = faulty_run(out_of_memory_above(10))
    with run, pytest.raises(OutOfMemory):
        upscale.run(run, request(pixels(300, 200)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_a_broken_or_black_tile_is_computed_again_in_full_precision(value):
    import torch

    def fault(call, batch):
        if batch.dtype == torch.bfloat16 and call == 2:
            return torch.full(
                (1, 3, batch.shape[2] * 4, batch.shape[3] * 4), value, dtype=batch.dtype
            )
        return None

    faulty, run = faulty_run(fault, quality="high", dtype="bfloat16")
    with run:
        result = upscale.run(run, request(pixels(200, 100), quality_level="high", tile_size=128))
    assert result.warnings == ["precision_retry"]
    assert [dtype for dtype, _ in faulty.calls].count("torch.float32") == 1
    assert result.pixels.min(axis=2).max() > 0


def test_a_tile_that_stays_broken_fails_and_is_not_shown():
    import torch

    def fault(call, batch):
        return torch.full((1, 3, batch.shape[2] * 4, batch.shape[3] * 4), float("nan"))

    _, run = faulty_run(fault)
    with run, pytest.raises(InvalidOutput):
        upscale.run(run, request(pixels(20, 20)))


def test_a_black_picture_is_no_fault():
    import torch

    def fault(call, batch):
        return torch.zeros((1, 3, batch.shape[2] * 4, batch.shape[3] * 4))

    faulty, run = faulty_run(fault)
    with run:
        result = upscale.run(run, request(np.zeros((8, 8, 3), np.uint8)))
    assert result.warnings == []
    assert len(faulty.calls) == 1


def deep(width, height):
    """The picture of `pixels` with 16 bits, every level in use."""
    noise = np.random.default_rng(3).integers(0, 257, (height, width, 3))
    return (pixels(width, height).astype(np.uint16) * 256 + noise).astype(np.uint16)


@pytest.mark.parametrize("quality", ["fast", "high"])
def test_sixteen_bits_give_the_picture_of_eight_in_finer_steps(local_run, quality):
    picture = deep(150, 100)
    options = {"quality_level": quality, "tile_size": 64}
    found = upscale.run(local_run, request(picture, **options)).pixels
    coarse = upscale.run(local_run, request((picture >> 8).astype(np.uint8), **options)).pixels
    assert found.dtype == np.uint16
    assert np.abs(found / 257 - coarse).mean() < 2
    assert len(np.unique(found)) > 512, "eight bits have 256 levels"


def test_tiles_of_sixteen_bits_join_as_exactly_as_those_of_eight(local_run):
    picture = deep(150, 150)
    whole = upscale.run(local_run, request(picture)).pixels.astype(int)
    tiled = upscale.run(local_run, request(picture, tile_size=64)).pixels
    assert np.abs(whole - tiled).max() <= 1


def test_sixteen_bits_run_in_float32_even_where_the_model_does_not(runtime):
    """bfloat16 tells 128 levels apart in the upper half."""
    narrow = TinyRuntime(dtype="bfloat16")
    with LocalRun(host=narrow.host, lease=narrow.lease, checkpoint=lambda *step: None) as run:
        found = upscale.run(run, request(deep(60, 40)))
        shallow = upscale.run(run, request(pixels(60, 40)))
    with LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=lambda *step: None) as run:
        exact = upscale.run(run, request(deep(60, 40)))
    assert (found.dtype, shallow.dtype) == ("float32", "bfloat16")
    # The weights of the model were rounded, its arithmetic is not.
    assert len(np.unique(found.pixels)) > 0.9 * len(np.unique(exact.pixels))


def test_memory_that_runs_out_keeps_sixteen_bits(local_run):
    picture = deep(300, 200)
    _, run = faulty_run(out_of_memory_above(150))
    with run:
        result = upscale.run(run, request(picture))
    expected = upscale.run(local_run, request(picture))
    assert result.warnings == ["smaller_tiles"]
    assert np.abs(result.pixels.astype(int) - expected.pixels).max() <= 1


def test_grey_of_sixteen_bits_stays_grey(local_run):
    grey = np.repeat(deep(30, 20)[..., :1], 3, axis=2)
    found = upscale.run(local_run, request(grey, is_grey=True)).pixels
    assert np.array_equal(found[..., 0], found[..., 1])
    assert len(np.unique(found)) > 256


def test_eight_views_average_the_network_over_every_turn_and_mirror(local_run):
    """The result of a turned and mirrored picture is the turned and mirrored result."""
    picture = pixels(40, 30)
    whole = upscale.run(local_run, request(picture, quality_level="max")).pixels.astype(int)
    for turned, back in (
        (picture[:, ::-1], lambda made: made[:, ::-1]),
        (picture[::-1], lambda made: made[::-1]),
        (picture.transpose(1, 0, 2), lambda made: made.transpose(1, 0, 2)),
    ):
        other = upscale.run(
            local_run, request(np.ascontiguousarray(turned), quality_level="max")
        ).pixels
        assert np.abs(back(other).astype(int) - whole).max() <= 1
    plain = upscale.run(local_run, request(picture, quality_level="high")).pixels
    assert np.abs(plain.astype(int) - whole).max() > 1


def test_each_view_of_a_tile_is_a_unit_of_progress_and_a_place_to_cancel(local_run, runtime):
    asked = request(pixels(150, 60), quality_level="max", tile_size=64)
    upscale.run(local_run, asked)
    steps = [step for step in local_run.steps if step[0] == "background"]
    assert asked.plan.units == 8 * asked.plan.tiles == 16
    assert [done for _, done, *_ in steps if done] == sorted(done for _, done, *_ in steps if done)
    assert {done for _, done, *_ in steps} == set(range(17))
    assert [done for _, done, _, partial in steps if partial and done % 8 == 0] == [8, 16]

    def checkpoint(stage, number, total, partial=None):
        if number == 3:
            raise Cancelled

    run = LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=checkpoint)
    with run, pytest.raises(Cancelled):
        upscale.run(run, asked)


def test_alpha_goes_through_the_network_on_request_and_a_constant_one_stays(local_run):
    alpha = np.zeros((20, 30), np.uint8)
    alpha[5:15, 8:22] = 255
    by_network, beside = (
        upscale.run(local_run, request(pixels(30, 20), alpha=alpha, alpha_mode=mode))
        for mode in ("model", "resize")
    )
    assert by_network.alpha.shape == beside.alpha.shape == (80, 120)
    assert np.array_equal(by_network.pixels, beside.pixels)
    assert not np.array_equal(by_network.alpha, beside.alpha)
    local_run.steps.clear()
    constant = request(pixels(30, 20), alpha=np.full((20, 30), 90, np.uint8), alpha_mode="model")
    assert set(upscale.run(local_run, constant).alpha.flat) == {90}
    assert max(done for stage, done, *_ in local_run.steps if stage == "background") == 1


def test_alpha_of_sixteen_bits_through_the_network_stays_deep(local_run):
    alpha = np.linspace(0, 65_535, 600).reshape(20, 30).astype(np.uint16)
    made = upscale.run(local_run, request(deep(30, 20), alpha=alpha, alpha_mode="model"))
    assert (made.alpha.dtype, made.alpha.shape) == (np.uint16, (80, 120))
    assert len(np.unique(made.alpha)) > 256


@pytest.mark.parametrize("quality", ["fast", "high"])
def test_tiles_of_any_size_give_the_same_picture_within_one_level(local_run, quality):
    picture = pixels(300, 150)
    found, counts = [], []
    for tile in (64, 128, 1024):
        asked = request(picture, quality_level=quality, tile_size=tile)
        local_run.steps.clear()
        found.append(upscale.run(local_run, asked).pixels.astype(int))
        counts.append(max(done for stage, done, *_ in local_run.steps if stage == "background"))
        assert counts[-1] == asked.plan.tiles
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 3
    assert max(np.abs(made - found[-1]).max() for made in found) <= 1
