"""Small tools for pictures that are drawn, not taken: a canvas and thicknesses of simple bodies.

A radiograph of a body of one material is the length of the ray inside it. For tubes and
ellipsoids that length is a formula, so limbs, skulls and spines can be projected without a scan.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from xray.pipeline.preprocess import Film

SIDE = 128
Point = tuple[float, float]
Plane = NDArray[np.float32]


def page(random: Generator, tone: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty grey picture of some proportion and a pen for it."""
    width, height = (int(side) for side in random.uniform(0.75, 1.25, 2) * SIDE)
    picture = Image.new("L", (width, height), tone)
    return picture, ImageDraw.Draw(picture)


def font(random: Generator, least: int = 7, most: int = 16) -> ImageFont.FreeTypeFont:
    """Pillow's own typeface in some size."""
    typeface = ImageFont.load_default(int(random.integers(least, most)))
    if not isinstance(typeface, ImageFont.FreeTypeFont):
        raise OSError("this Pillow was built without FreeType: no text can be drawn")
    return typeface


def words(random: Generator, count: int) -> str:
    """Letters in groups, like a line of text in no language."""
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    return " ".join(
        "".join(random.choice(letters, int(random.integers(2, 10)))) for _ in range(count)
    )


def as_film(picture: Image.Image) -> Film:
    """Tones 0 to 255 as (height, width) float32 in [0, 1]."""
    film: Film = np.asarray(picture).astype(np.float32) / np.float32(255)
    return film


def spread(values: Plane) -> Film:
    """Any values with the least as 0 and the largest as 1."""
    low, high = float(values.min()), float(values.max())
    return ((values - low) / max(high - low, 1e-6)).astype(np.float32)


def grid(side: int = SIDE) -> tuple[Plane, Plane]:
    """x and y of each pixel, both from -1 (left, top) to 1."""
    line = np.linspace(-1, 1, side, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    return x, y


def ball(centre: Point, half: Point, degrees: float = 0.0, side: int = SIDE) -> Plane:
    """Thickness of an ellipsoid: 2 sqrt(1 - r^2) of its half axis in depth, taken as the shorter."""
    x, y = grid(side)
    turn = np.deg2rad(degrees)
    u = ((x - centre[0]) * np.cos(turn) + (y - centre[1]) * np.sin(turn)) / half[0]
    v = ((y - centre[1]) * np.cos(turn) - (x - centre[0]) * np.sin(turn)) / half[1]
    depth: Plane = 2 * min(half) * np.sqrt(np.maximum(0, 1 - u * u - v * v))
    return depth


def tube(start: Point, end: Point, radius: float, side: int = SIDE) -> Plane:
    """Thickness of a round rod with round ends."""
    x, y = grid(side)
    along = np.array(end) - np.array(start)
    length = max(float(along @ along), 1e-9)
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length
    share = share.clip(0, 1)
    dx, dy = x - start[0] - share * along[0], y - start[1] - share * along[1]
    depth: Plane = 2 * np.sqrt(np.maximum(0, radius * radius - dx * dx - dy * dy))
    return depth


def bone(start: Point, end: Point, radius: float, side: int = SIDE) -> Plane:
    """A rod with a hollow: bright at its edges, and knobs at both ends as at a joint."""
    hollow = tube(start, end, radius) - 0.8 * tube(start, end, radius * 0.65, side)
    knobs = tube(start, start, radius * 1.35, side) + tube(end, end, radius * 1.35, side)
    joined: Plane = np.maximum(hollow, 0.6 * knobs)
    return joined


def exposed(random: Generator, parts: Sequence[tuple[float, Plane]]) -> Film:
    """A radiograph of `parts` (attenuation, thickness): exposure, grain and unsharpness at random."""
    total = sum((weight * thickness for weight, thickness in parts), np.zeros((SIDE, SIDE)))
    # Film shows the logarithm of the dose, so tones follow the attenuation; a curve adds the toe.
    tones = spread(total.astype(np.float32)) ** random.uniform(0.5, 1.4)
    tones = tones + random.normal(0, random.uniform(0.002, 0.04), tones.shape)
    picture = Image.fromarray((tones.clip(0, 1) * 255).astype(np.uint8))
    blurred = picture.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.5)))
    return as_film(blurred)


def clouds(random: Generator, side: int = SIDE, finest: int = 64) -> Film:
    """Smooth random tones: octaves of noise, each twice as fine and about half as strong."""
    total = np.zeros((side, side), np.float32)
    cells, strength = 2, 1.0
    while cells <= finest:
        octave = Image.fromarray(random.random((cells, cells), dtype=np.float32))
        total += strength * np.asarray(octave.resize((side, side), Image.Resampling.BICUBIC))
        cells, strength = cells * 2, strength * random.uniform(0.4, 0.75)
    return spread(total)
