"""The picture that grows tile by tile while a job runs."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from enhance.grid import make_grid
from enhance.options import EnhanceOptions
from enhance.pipeline import upscale
from enhance.pipeline.preview import MAX_BYTES, LivePreview
from enhance.pipeline.tiling import Area, Mosaic
from enhance.plan import make_plan
from project.inference.device_lease import Rank
from project.inference.run import Run
from tests.enhance.pictures import pixels
from tests.enhance.test_upscale import NO_LIMITS


def shown(content):
    image = Image.open(io.BytesIO(content))
    assert image.format == "WEBP"
    return np.asarray(image.convert("RGBA"))


def run_and_watch(runtime, tmp_path, picture, *, alpha=None, is_grey=False, **options):
    """Every preview of a run whose clock leaves time for each, and the result."""
    height, width = picture.shape[:2]
    plan = make_plan(
        width=width,
        height=height,
        source_format="PNG",
        options=EnhanceOptions(**{"quality_level": "fast", **options}),
        limits=NO_LIMITS,
    )
    seen = []
    now = [0.0]

    def checkpoint(stage, done, total, partial=None):
        now[0] += 1000

    run = Run(
        host=runtime.host, lease=runtime.lease, batcher=runtime.batcher,
        checkpoint=checkpoint, rank=Rank(), scratch_dir=tmp_path,
        previews=lambda content: seen.append(shown(content)) or len(seen),
        clock=lambda: now[0],
    )  # fmt: skip
    request = upscale.Request(pixels=picture, alpha=alpha, is_grey=is_grey, plan=plan)
    return seen, upscale.run(run, request)


def test_each_tile_appears_when_it_is_finished_and_nothing_before(runtime, tmp_path):
    seen, _ = run_and_watch(runtime, tmp_path, pixels(200, 130), tile_size=64)
    grid = make_grid(width=200, height=130, tile=64, pad=18, exact=True)
    assert len(seen) == grid.tiles > 4
    for preview, (x, y, width, height) in zip(seen, grid.boxes(), strict=True):
        sharp = preview[4 * y : 4 * (y + height), 4 * x : 4 * (x + width), 3]
        assert sharp.min() == 255
    covered = [int((preview[..., 3] == 255).sum()) for preview in seen]
    assert covered == sorted(set(covered))
    assert set(np.unique(seen[0][..., 3])) == {0, 255}
    assert (seen[-1][..., 3] == 255).all()


@pytest.mark.parametrize("tile", [64, 100, 300])
def test_the_last_preview_is_the_result_in_small(tile):
    """Also where the borders of tiles fall between two pixels of the preview."""
    rows, columns = np.mgrid[0:840, 0:1200]
    canvas = np.stack([rows * 255 / 840, columns * 255 / 1200, 90 + rows * 0], axis=2)
    canvas = np.rint(canvas).astype(np.uint8)
    preview = LivePreview(width=300, height=210, scale=4)
    grid = make_grid(width=300, height=210, tile=tile, pad=0, exact=True)
    for x, y, width, height in grid.boxes():
        preview.add(canvas, Area(4 * x, 4 * y, 4 * (x + width), 4 * (y + height)))
    found = shown(preview.make())
    expected = Image.fromarray(canvas).resize((1024, 717), Image.Resampling.BOX)
    assert found.shape == (717, 1024, 4)
    assert (found[..., 3] == 255).all()
    assert np.abs(found[..., :3].astype(int) - np.asarray(expected)).max() <= 8


def test_a_feathered_tile_shows_only_what_no_later_tile_will_change_to_the_right():
    grid = make_grid(width=300, height=40, tile=128, pad=16, exact=False)
    canvas = np.full((160, 1200, 3), 77, np.uint8)
    mosaic = Mosaic(canvas, grid, 4)
    column = grid.columns[0]
    tile = torch.ones((160, 4 * (column.stop - column.start), 3))
    area = mosaic.place(grid.rows[0], column, tile)
    assert area == Area(0, 0, 4 * (column.high - grid.feather), 160)
    preview = LivePreview(width=300, height=40, scale=4)
    preview.add(canvas, area)
    image = shown(preview.make())
    visible = image[image[..., 3] == 255]
    assert visible[:, :3].min() > 240, "the unwritten canvas must not show"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((2000, 1000), (1024, 512)),
        ((30, 20), (120, 80)),
        ((1, 3000), (1, 1024)),
        ((5, 5), (20, 20)),
    ],
)
def test_the_shape_is_that_of_the_picture_and_fits_into_1024_pixels(size, expected):
    preview = LivePreview(width=size[0], height=size[1], scale=4)
    image = shown(preview.make())
    assert (image.shape[1], image.shape[0]) == expected
    assert image[..., 3].max() == 0


def test_the_second_pass_paints_over_the_first(runtime, tmp_path):
    seen, result = run_and_watch(runtime, tmp_path, pixels(40, 30), scale=16.0, tile_size=64)
    assert len(seen) > 2
    assert (seen[0][..., 3] == 255).all()
    assert not np.array_equal(seen[0], seen[-1])
    small = Image.fromarray(result.pixels).resize((160, 120), Image.Resampling.BOX)
    errors = [np.abs(np.asarray(small).astype(int) - image[..., :3]).mean() for image in seen]
    assert errors[-1] < errors[0]


def test_a_transparent_picture_stays_transparent_and_a_grey_one_grey(runtime, tmp_path):
    alpha = np.zeros((30, 40), np.uint8)
    alpha[:, 20:] = 255
    seen, _ = run_and_watch(runtime, tmp_path, pixels(40, 30), alpha=alpha)
    assert (seen[-1][:, :70, 3].max(), seen[-1][:, 90:, 3].min()) == (0, 255)
    grey = np.repeat(pixels(40, 30)[..., :1], 3, axis=2)
    seen, _ = run_and_watch(runtime, tmp_path, grey, is_grey=True)
    spread = seen[-1][..., :3].max(axis=2).astype(int) - seen[-1][..., :3].min(axis=2)
    assert spread.max() <= 2


def test_noise_is_squeezed_until_it_fits():
    rng = np.random.default_rng(1)
    canvas = rng.integers(0, 256, (1024, 1024, 3), np.uint8)
    preview = LivePreview(width=256, height=256, scale=4)
    preview.add(canvas, Area(0, 0, 1024, 1024))
    assert len(preview.make()) <= MAX_BYTES


def test_sixteen_bits_are_shown_in_eight():
    canvas = np.full((40, 40, 3), 0x80FF, np.uint16)
    preview = LivePreview(width=10, height=10, scale=4)
    preview.add(canvas, Area(0, 0, 40, 40))
    assert abs(int(shown(preview.make())[..., :3].mean()) - 0x80) <= 1
