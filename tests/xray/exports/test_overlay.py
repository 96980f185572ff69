"""Guarantees about the picture of a film under its heat map."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.xray.factories import draw_film, draw_heatmap, grey_png
from xray.exports import colour_map
from xray.exports.overlay import CONTOUR_LEVEL, MAX_SIDE, as_png, paint, paint_layer, read_grey


def pixels(image):
    return np.asarray(image, np.int16)


def test_the_colours_rise_in_even_steps_and_keep_their_order_in_grey():
    path = colour_map.path()
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.05
    assert np.diff(path[:, 0]).min() > 0
    assert colour_map.table().shape == (256, 3)
    luminance = colour_map.table() @ [0.2126, 0.7152, 0.0722]
    assert np.diff(luminance).min() > 0


def test_without_opacity_or_heat_the_film_is_what_it_was():
    film, heat = draw_film(), draw_heatmap()
    grey = np.round(film * 255).astype(np.int16)
    for shown in (
        paint(film, None, markers=False),
        paint(film, heat, alpha=0, markers=False),
        paint(film, np.zeros_like(heat), alpha=1, contour=True, markers=False),
    ):
        assert (pixels(shown) == grey[..., None]).all()


def test_the_hottest_place_takes_the_last_colour_and_more_opacity_shows_more_of_it():
    film, heat = draw_film(), draw_heatmap()
    hottest = np.unravel_index(heat.argmax(), heat.shape)
    last = colour_map.table()[-1] * 255
    assert pixels(paint(film, heat, alpha=1, markers=False))[hottest] == pytest.approx(last, abs=1)
    distances = [
        np.abs(pixels(paint(film, heat, alpha=alpha, markers=False))[hottest] - last).sum()
        for alpha in (0.2, 0.5, 0.8, 1.0)
    ]
    assert distances == sorted(distances, reverse=True)


def test_the_outline_runs_where_the_heat_is_half_of_the_maximum():
    film, heat = draw_film(), draw_heatmap()
    bare = pixels(paint(film, heat, alpha=0, markers=False))
    drawn = pixels(paint(film, heat, alpha=0, contour=True, markers=False))
    changed = np.abs(drawn - bare).max(axis=2) > 60
    assert changed.any()
    assert np.abs(heat[changed] - CONTOUR_LEVEL).max() < 0.12
    rows = np.flatnonzero(changed.any(axis=1))
    inside = np.flatnonzero((heat >= CONTOUR_LEVEL).any(axis=1))
    assert (rows[0], rows[-1]) == pytest.approx((inside[0], inside[-1]), abs=2)


def test_a_flipped_picture_flips_its_overlay():
    film, heat = draw_film(), draw_heatmap()
    shown = pixels(paint(film, heat, contour=True, markers=False))
    flipped = paint(
        np.ascontiguousarray(film[:, ::-1]),
        np.ascontiguousarray(heat[:, ::-1]),
        contour=True,
        markers=False,
    )
    assert np.abs(pixels(flipped)[:, ::-1] - shown).max() <= 1


def test_right_is_marked_at_the_left_of_the_picture():
    """R has a closed bowl, L has none: the ink in the upper right part tells them apart."""
    black = np.zeros((320, 288), np.float32)
    ink = pixels(paint(black, None))[..., 0] > 200
    columns = np.flatnonzero(ink.any(axis=0))
    left, right = (_letter(ink[:, part]) for part in (slice(0, 144), slice(144, 288)))
    assert columns[0] < 20 and columns[-1] > 268
    upper_right = np.s_[: left.shape[0] // 2, left.shape[1] // 2 :]
    assert left[upper_right].mean() > 0.3
    assert right[: right.shape[0] // 2, right.shape[1] // 2 :].mean() < 0.05
    assert right[-2:].mean() > 0.8


def _letter(ink):
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_the_layer_over_the_film_is_the_overlay():
    film, heat = draw_film(), draw_heatmap()
    ground = paint(film, None, markers=False).convert("RGBA")
    composed = Image.alpha_composite(ground, paint_layer(heat, alpha=0.6, contour=True))
    whole = paint(film, heat, alpha=0.6, contour=True, markers=False)
    assert np.abs(pixels(composed)[..., :3] - pixels(whole)).max() <= 3


def test_a_large_film_is_reduced_and_a_small_one_never_enlarged():
    tall = np.zeros((MAX_SIDE * 2, 64), np.float32)
    assert paint(tall, tall).size == (32, MAX_SIDE)
    assert paint(draw_film(), None).size == (288, 320)


def test_what_cannot_be_an_overlay_is_refused():
    film = draw_film()
    with pytest.raises(ValueError, match="differ"):
        paint(film, draw_heatmap(64, 64))
    for alpha in (-0.01, 1.01, float("nan")):
        with pytest.raises(ValueError, match="alpha"):
            paint(film, draw_heatmap(), alpha=alpha)


def test_our_own_grey_pictures_of_both_depths_are_read_to_the_same_values():
    film = draw_film()
    deep = io.BytesIO()
    Image.fromarray(np.round(film * 65535).astype(np.uint16)).save(deep, "PNG")
    assert np.abs(read_grey(deep.getvalue()) - film).max() < 1e-4
    assert np.abs(read_grey(grey_png(film)) - film).max() < 1 / 255
    colour = io.BytesIO()
    Image.new("RGB", (8, 8)).save(colour, "PNG")
    with pytest.raises(ValueError, match="grey"):
        read_grey(colour.getvalue())


def test_an_overlay_is_a_png_without_metadata():
    content = as_png(paint(draw_film(), draw_heatmap()))
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.mode, image.info) == ("PNG", "RGB", {})
