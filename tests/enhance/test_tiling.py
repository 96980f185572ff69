"""A tiled picture is the untiled one: exactly for the small network, without seams for the large."""

import numpy as np
import pytest
import torch

from enhance.grid import make_grid
from enhance.nets.architecture import Srvgg
from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.tiling import Mosaic
from tests.enhance.pictures import pixels
from tests.enhance.tiny import TINY, tiny_network


def forward(network, window):
    with torch.inference_mode():
        batch = torch.from_numpy(window.copy()).permute(2, 0, 1)[None].float() / 255
        batch = batch.contiguous(memory_format=torch.channels_last)
        return network(batch)[0].clamp(0, 1).permute(1, 2, 0)


def levels(tile):
    """A whole picture in 8 bits."""
    return (tile * 255).round().numpy().astype(np.uint8)


def tiled(network, picture, *, tile, pad, exact):
    height, width = picture.shape[:2]
    grid = make_grid(width=width, height=height, tile=tile, pad=pad, exact=exact)
    canvas = np.zeros((height * 4, width * 4, 3), np.uint8)
    mosaic = Mosaic(canvas, grid, 4)
    for row in grid.rows:
        for column in grid.columns:
            window = picture[row.start : row.stop, column.start : column.stop]
            mosaic.place(row, column, forward(network, window))
    return canvas, grid


@pytest.fixture(scope="module")
def small():
    return tiny_network("realesr-animevideov3")


@pytest.fixture(scope="module")
def large():
    return tiny_network("realesrgan-x4plus")


def is_the_same(canvas, whole):
    """Exact but for what kernels chosen by shape may round the other way: one level, hardly ever."""
    difference = np.abs(canvas.astype(int) - whole.astype(int))
    return bool(difference.max() <= 1 and (difference > 0).mean() < 1e-5)


@pytest.mark.parametrize("tile", [64, 65, 100, 200])
def test_with_the_receptive_radius_as_pad_no_value_differs(small, tile):
    picture = pixels(150, 131)
    whole = levels(forward(small, picture))
    radius = TINY["realesr-animevideov3"].receptive_radius
    canvas, grid = tiled(small, picture, tile=tile, pad=radius, exact=True)
    assert grid.tiles > 1 or tile == 200
    assert is_the_same(canvas, whole)


def test_with_a_smaller_pad_some_values_differ(small):
    picture = pixels(150, 131)
    whole = levels(forward(small, picture))
    canvas, _ = tiled(small, picture, tile=64, pad=1, exact=True)
    assert not is_the_same(canvas, whole)


def test_the_receptive_radius_is_what_one_pixel_can_change(small):
    picture = pixels(41, 41)
    changed = picture.copy()
    changed[20, 20] = 255 - changed[20, 20]
    rows, columns = np.nonzero(
        (forward(small, picture) - forward(small, changed)).abs().amax(dim=2).numpy()
    )
    reach = max(np.abs(rows // 4 - 20).max(), np.abs(columns // 4 - 20).max())
    assert (
        reach
        == TINY["realesr-animevideov3"].receptive_radius
        == Srvgg(convolutions=2).receptive_radius
    )


def test_feathered_tiles_show_no_seam(large):
    """The step across tile borders is no stronger than elsewhere (design: at most 1.05 times)."""
    picture = pixels(300, 200)
    canvas, grid = tiled(large, picture, tile=128, pad=32, exact=False)
    steps = np.abs(np.diff(canvas.astype(float), axis=1)).mean(axis=(0, 2))
    whole = levels(forward(large, picture)).astype(float)
    expected = np.abs(np.diff(whole, axis=1)).mean(axis=(0, 2))
    seams = [span.high * 4 - 1 for span in grid.columns[:-1]]
    assert seams
    assert steps[seams].sum() <= 1.05 * expected[seams].sum() + 0.05


def test_a_ramp_joins_two_levels_linearly():
    grid = make_grid(width=300, height=1, tile=128, pad=16, exact=False)
    canvas = np.zeros((4, 1200, 3), np.uint8)
    mosaic = Mosaic(canvas, grid, 4)
    for index, column in enumerate(grid.columns):
        level = torch.full((4, 4 * (column.stop - column.start), 3), float(index % 2))
        mosaic.place(grid.rows[0], column, level)
    seam, half = grid.columns[0].high * 4, grid.feather * 4
    ramp = canvas[0, seam - half : seam + half, 0].astype(int)
    assert canvas[0, seam - half - 1, 0] == 0
    assert canvas[0, seam + half, 0] == 255
    steps = np.diff(ramp)
    assert steps.min() >= 0
    assert steps.max() <= np.ceil(255 / (2 * half)) + 1


def test_rows_are_joined_like_columns():
    across = make_grid(width=300, height=1, tile=128, pad=16, exact=False)
    down = make_grid(width=1, height=300, tile=128, pad=16, exact=False)
    wide, tall = np.zeros((4, 1200, 3), np.uint8), np.zeros((1200, 4, 3), np.uint8)
    for canvas, grid in ((wide, across), (tall, down)):
        mosaic = Mosaic(canvas, grid, 4)
        for number, (row, column) in enumerate((r, c) for r in grid.rows for c in grid.columns):
            shape = (4 * (row.stop - row.start), 4 * (column.stop - column.start), 3)
            mosaic.place(row, column, torch.full(shape, float(number % 2)))
    assert np.abs(wide[0].astype(int) - tall[:, 0].astype(int)).max() <= 1


def test_tiles_out_of_order_are_an_error_and_not_a_wrong_picture():
    grid = make_grid(width=300, height=1, tile=128, pad=16, exact=False)
    mosaic = Mosaic(np.zeros((4, 1200, 3), np.uint8), grid, 4)
    with pytest.raises(ValueError, match="left to right"):
        mosaic.place(grid.rows[0], grid.columns[1], torch.zeros((4, 640, 3)))


def test_a_large_canvas_lives_in_a_file_that_leaves_no_name(tmp_path):
    canvas = new_canvas((8, 8, 3), tmp_path, in_memory_bytes=10)
    assert isinstance(canvas, np.memmap)
    assert not list(tmp_path.iterdir())
    canvas[...] = 7
    assert int(canvas.sum()) == 7 * 192
