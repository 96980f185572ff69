"""How else the same chest film may arrive: cropped, bordered, marked, blurred, compressed, small.

Applied to whole films before `frame`, so that the gate learns what the frame leaves behind.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from xray.pipeline.preprocess import Film
from xray.training.canvas import as_film, font

Tones = NDArray[np.uint8]
SMALLEST_SIDE, LARGEST_SIDE = 128, 400


def another_look(film: Film, random: Generator) -> Film:
    """One film as another machine, viewer or mail might have sent it; upright, turned <= 8 degrees."""
    picture = Image.fromarray((film * 255).astype(np.uint8))
    picture = _resized(picture, random)
    if random.random() < 0.6:
        picture = _cropped(picture, random)
    if random.random() < 0.5:
        picture = picture.rotate(
            random.uniform(-8, 8), Image.Resampling.BILINEAR, fillcolor=_edge(random)
        )
    picture = Image.fromarray(_exposed(np.asarray(picture), random))
    if random.random() < 0.4:
        _mark(picture, random)
    if random.random() < 0.4:
        picture = _bordered(picture, random)
    if random.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 2.0)))
    if random.random() < 0.5:
        picture = _compressed(picture, random)
    return as_film(picture)


def _resized(picture: Image.Image, random: Generator) -> Image.Image:
    side = random.uniform(SMALLEST_SIDE, LARGEST_SIDE)
    stretch = np.exp(random.uniform(-0.3, 0.3))
    size = (max(int(side * stretch), 32), max(int(side / stretch), 32))
    return picture.resize(
        size,
        random.choice(
            [Image.Resampling.BILINEAR, Image.Resampling.NEAREST, Image.Resampling.LANCZOS]
        ),
    )


def _cropped(picture: Image.Image, random: Generator) -> Image.Image:
    """Up to a tenth from each side: both lungs stay in."""
    left, top, right, bottom = random.uniform(0, 0.1, 4)
    width, height = picture.size
    return picture.crop(
        (int(left * width), int(top * height), int((1 - right) * width), int((1 - bottom) * height))
    )


def _exposed(pixels: Tones, random: Generator) -> Tones:
    """Another curve and another window, at times with grain."""
    tones = (pixels.astype(np.float32) / 255) ** np.exp(random.uniform(-0.6, 0.6))
    low, high = random.uniform(-0.15, 0.2), random.uniform(0.75, 1.2)
    tones = (tones - low) / (high - low)
    if random.random() < 0.3:  # the S of a printed film
        tones = 1 / (1 + np.exp(-random.uniform(4, 9) * (tones - 0.5)))
    if random.random() < 0.4:
        tones = tones + random.normal(0, random.uniform(0.01, 0.08), tones.shape)
    exposed: Tones = (tones.clip(0, 1) * 255).astype(np.uint8)
    return exposed


def _mark(picture: Image.Image, random: Generator) -> None:
    """Side letters, names of views, a bright or dark box where a name was covered."""
    pen = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(1, 4))):
        x, y = random.uniform(0, 0.9) * picture.width, random.choice([0.02, 0.85]) * picture.height
        if random.random() < 0.7:
            text = str(random.choice(["R", "L", "PORTABLE", "AP", "PA ERECT", "SUPINE", "19:42"]))
            pen.text(
                (x, y),
                text,
                int(random.choice([0, 255])),
                font(random, 8, max(9, picture.height // 8)),
            )
        else:
            pen.rectangle(
                (x, y, x + picture.width * 0.2, y + picture.height * 0.08),
                int(random.choice([0, 255])),
            )


def _bordered(picture: Image.Image, random: Generator) -> Image.Image:
    """Black, white or grey margins, each side its own width; plain ones are cut by `frame`."""
    width, height = picture.size
    left, top, right, bottom = (random.uniform(0, 0.15, 4) * (random.random(4) < 0.6)).tolist()
    left, right, top, bottom = (
        int(left * width),
        int(right * width),
        int(top * height),
        int(bottom * height),
    )
    whole = Image.new("L", (width + left + right, height + top + bottom), _edge(random))
    whole.paste(picture, (left, top))
    return whole


def _compressed(picture: Image.Image, random: Generator) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(random.integers(12, 90)))
    with Image.open(buffer) as again:
        return again.convert("L")


def _edge(random: Generator) -> int:
    return int(random.choice([0, 0, 0, 255, int(random.integers(0, 256))]))
