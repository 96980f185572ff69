"""Film and heat map as one picture: for pages, PDF and secondary capture.

numpy and Pillow alone. Right of the patient is left of the picture, and the markers say so.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from xray.exports import colour_map
from xray.exports.fonts import drawing_font

Grey = NDArray[np.float32]
ALPHA = 0.55
CONTOUR_LEVEL = 0.5
"""The outline encloses what is at least half as hot as the hottest place."""
MAX_SIDE = 2048
"""Pixels. Larger films are reduced: an export is looked at, the film itself stays whole."""


def read_grey(content: bytes, *, max_side: int = MAX_SIDE) -> Grey:
    """One of our own grey PNGs, 8 or 16 bits, as float32 (H, W) in 0..1.

    A larger one is reduced before it becomes float, so that a film of 60 megapixels costs its own
    bytes and not eight times as many. Raises ValueError for a picture in colour.
    """
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        if image.mode not in ("L", "I;16"):
            raise ValueError(f"not a grey picture: {image.mode}")
        size = _fitted((image.height, image.width), max_side)
        fitted = image if size == image.size else image.resize(size, Image.Resampling.BOX)
        tones = np.asarray(fitted)
    return tones.astype(np.float32) / np.float32(np.iinfo(tones.dtype).max)


def paint(
    film: Grey,
    heat: Grey | None,
    *,
    alpha: float = ALPHA,
    contour: bool = False,
    markers: bool = True,
    max_side: int = MAX_SIDE,
) -> Image.Image:
    """RGB picture of the film (0 black, 1 white) under its heat map (0 nothing, 1 hottest).

    A place is coloured by its heat with the opacity alpha x heat, so cold places stay film and
    `alpha` 0 is the film itself. Raises ValueError for an alpha outside 0..1 or another shape.
    """
    if heat is not None and heat.shape != film.shape:
        raise ValueError(f"film {film.shape} and heat map {heat.shape} differ")
    size = _fitted(film.shape, max_side)
    image = Image.fromarray(_tones(_resized(film, size)), "L").convert("RGBA")
    if heat is not None:
        layer = _layer(_resized(heat, size), alpha=alpha, contour=contour)
        image = Image.alpha_composite(image, layer)
    image = image.convert("RGB")
    if markers:
        draw_markers(image)
    return image


def paint_layer(
    heat: Grey, *, alpha: float = ALPHA, contour: bool = False, max_side: int = MAX_SIDE
) -> Image.Image:
    """The heat map alone as RGBA, to be laid over a film that the viewer draws itself."""
    size = _fitted(heat.shape, max_side)
    return _layer(_resized(heat, size), alpha=alpha, contour=contour)


def as_png(image: Image.Image) -> bytes:
    """The picture's bytes, without any metadata."""
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def draw_markers(image: Image.Image) -> None:
    """R at the left edge and L at the right edge, outlined, at half height: film markers lie in
    the corners."""
    side = max(14, round(min(image.size) * 0.06))
    font = drawing_font(side, bold=True)
    draw = ImageDraw.Draw(image)
    gap, middle = side // 3, image.height // 2
    for letter, x, anchor in (("R", gap, "lm"), ("L", image.width - gap, "rm")):
        draw.text(
            (x, middle), letter, fill="white", font=font, anchor=anchor,
            stroke_width=max(1, side // 14), stroke_fill="black",
        )  # fmt: skip


def _layer(heat: Grey, *, alpha: float, contour: bool) -> Image.Image:
    """RGBA of 8 bits, as Pillow composes it: several times faster than floats, with a third of the memory."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha {alpha} is not within 0 and 1")
    steps = Image.fromarray(_tones(heat), "P")
    steps.putpalette(_tones(colour_map.table()).tobytes())
    layer = steps.convert("RGB")
    layer.putalpha(Image.fromarray(_tones(heat * np.float32(alpha)), "L"))
    if contour:
        dark, light = _outline(heat)
        for tone, rim in ((0, dark.point(lambda value: value * 0.6)), (255, light)):
            line = Image.new("RGBA", layer.size, (tone, tone, tone, 0))
            line.putalpha(rim)
            layer = Image.alpha_composite(layer, line)
    return layer


def _outline(heat: Grey) -> tuple[Image.Image, Image.Image]:
    """The rim outside and the rim inside of CONTOUR_LEVEL with soft edges: a dark and a light
    line, so that one of them shows on any ground."""
    inside = Image.fromarray(np.where(heat >= CONTOUR_LEVEL, 255, 0).astype(np.uint8), "L")
    # The mean over a square is 0 or 255 only where the mask is the same all over it.
    mean = inside.filter(ImageFilter.BoxBlur(max(1, round(min(heat.shape) / 400))))
    grown = mean.point(lambda value: 255 if value > 0 else 0)
    kept = mean.point(lambda value: 255 if value == 255 else 0)
    soft = ImageFilter.GaussianBlur(0.5)
    dark = ImageChops.subtract(grown, inside).filter(soft)
    light = ImageChops.subtract(inside, kept).filter(soft)
    return dark, light


def _tones(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _fitted(shape: tuple[int, ...], max_side: int) -> tuple[int, int]:
    """Width and height within max_side, never enlarged."""
    height, width = shape
    share = min(1.0, max_side / max(height, width))
    return max(1, round(width * share)), max(1, round(height * share))


def _resized(picture: Grey, size: tuple[int, int]) -> Grey:
    if size == (picture.shape[1], picture.shape[0]):
        return picture
    image = Image.fromarray(picture, "F").resize(size, Image.Resampling.BOX)
    return np.asarray(image, np.float32)
