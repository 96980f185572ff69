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
    grey = _resized(film, size)
    painted = np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2)
    if heat is not None:
        colour, opacity = _layer(_resized(heat, size), alpha=alpha, contour=contour)
        painted += (colour - painted) * opacity[..., None]
    image = Image.fromarray(np.round(painted * 255).astype(np.uint8), "RGB")
    if markers:
        draw_markers(image)
    return image


def paint_layer(
    heat: Grey, *, alpha: float = ALPHA, contour: bool = False, max_side: int = MAX_SIDE
) -> Image.Image:
    """The heat map alone as RGBA, to be laid over a film that the viewer draws itself."""
    colour, opacity = _layer(
        _resized(heat, _fitted(heat.shape, max_side)), alpha=alpha, contour=contour
    )
    together = np.concatenate([colour, opacity[..., None]], axis=2)
    return Image.fromarray(np.round(together * 255).astype(np.uint8), "RGBA")


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


def _layer(
    heat: Grey, *, alpha: float, contour: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colour (H, W, 3) and opacity (H, W), both 0..1."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha {alpha} is not within 0 and 1")
    heat = np.clip(heat, 0, 1)
    steps = np.round(heat * (colour_map.STEPS - 1)).astype(np.intp)
    colour = colour_map.table()[steps]
    opacity = (alpha * heat).astype(np.float32)
    if contour:
        dark, light = _outline(heat)
        colour, opacity = _over(colour, opacity, tone=0.0, cover=dark * np.float32(0.6))
        colour, opacity = _over(colour, opacity, tone=1.0, cover=light)
    return colour, opacity


def _over(
    colour: NDArray[np.float32], opacity: NDArray[np.float32], *, tone: float, cover: Grey
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A grey `tone` of the opacity `cover` laid over a layer (Porter and Duff's `over`)."""
    below = opacity * (1 - cover)
    whole = below + cover
    mixed = colour * below[..., None] + np.float32(tone) * cover[..., None]
    return mixed / np.maximum(whole, 1e-6)[..., None], whole


def _outline(heat: Grey) -> tuple[Grey, Grey]:
    """The rim outside and the rim inside of CONTOUR_LEVEL, 0..1 with soft edges: a dark and a
    light line, so that one of them shows on any ground."""
    inside = Image.fromarray(np.where(heat >= CONTOUR_LEVEL, 255, 0).astype(np.uint8), "L")
    reach = 2 * max(1, round(min(heat.shape) / 400)) + 1
    grown = ImageChops.subtract(inside.filter(ImageFilter.MaxFilter(reach)), inside)
    kept = ImageChops.subtract(inside, inside.filter(ImageFilter.MinFilter(reach)))
    dark, light = (
        np.asarray(rim.filter(ImageFilter.GaussianBlur(0.5)), np.float32) / np.float32(255)
        for rim in (grown, kept)
    )
    return dark, light


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
