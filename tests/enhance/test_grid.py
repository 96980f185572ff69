"""Tiles cover a picture once, in windows of one size, with enough seen around each."""

from itertools import pairwise

import pytest

from enhance.grid import make_grid

CASES = [(1, 64, 0), (1, 64, 32), (63, 64, 32), (128, 64, 32), (129, 64, 32), (500, 64, 18),
         (512, 256, 32), (577, 128, 32), (1000, 400, 18), (1000, 64, 64), (1024, 1024, 0)]  # fmt: skip


@pytest.mark.parametrize(("length", "tile", "pad"), CASES)
@pytest.mark.parametrize("exact", [True, False])
def test_the_owned_parts_partition_the_axis(length, tile, pad, exact):
    grid = make_grid(width=length, height=1, tile=tile, pad=pad, exact=exact)
    edges = [(span.low, span.high) for span in grid.columns]
    assert edges[0][0] == 0
    assert edges[-1][1] == length
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert all(low < high for low, high in edges)


@pytest.mark.parametrize(("length", "tile", "pad"), CASES)
def test_every_window_has_the_same_size_and_stays_inside(length, tile, pad):
    spans = make_grid(width=length, height=1, tile=tile, pad=pad, exact=True).columns
    (window,) = {span.stop - span.start for span in spans}
    assert window <= min(length, tile + 2 * pad)
    assert all(span.start >= 0 and span.stop <= length for span in spans)


@pytest.mark.parametrize(("length", "tile", "pad"), CASES)
def test_an_owned_part_sees_the_pad_on_each_inner_side(length, tile, pad):
    spans = make_grid(width=length, height=1, tile=tile, pad=pad, exact=True).columns
    for span in spans:
        assert span.low == 0 or span.low - span.start >= pad
        assert span.high == length or span.stop - span.high >= pad


@pytest.mark.parametrize(("length", "tile", "pad"), CASES)
def test_ramps_stay_inside_both_windows_and_never_meet(length, tile, pad):
    grid = make_grid(width=length, height=1, tile=tile, pad=pad, exact=False)
    for span, following in zip(grid.columns, grid.columns[1:], strict=False):
        assert span.high + grid.feather <= span.stop
        assert following.low - grid.feather >= following.start
        assert span.high - span.low >= 2 * grid.feather or span is grid.columns[0]


def test_boxes_follow_the_run_row_by_row():
    grid = make_grid(width=200, height=130, tile=64, pad=0, exact=True)
    boxes = list(grid.boxes())
    assert len(boxes) == grid.tiles == 12
    assert boxes[0][:2] == (0, 0)
    assert sum(width * height for _, _, width, height in boxes) == 200 * 130


@pytest.mark.parametrize(("length", "tile", "pad"), CASES)
def test_no_fewer_tiles_would_do_and_none_is_larger_than_they_need(length, tile, pad):
    spans = make_grid(width=length, height=1, tile=tile, pad=pad, exact=True).columns
    assert len(spans) == max(1, -(-(length - 2 * pad) // tile))
    window = spans[0].stop - spans[0].start
    assert window * len(spans) < length + (len(spans) - 1) * 2 * pad + 8 * len(spans)
