"""What is made of chest films but is none: one lung, a shoulder, a patchwork, two side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image

from xray.pipeline.preprocess import Film
from xray.training.canvas import SIDE, words

# More than this share of the sides of a film shows enough of both lungs to pass for one.
LARGEST_PART = 0.5


def small_part(films: Sequence[Film], random: Generator) -> Film:
    """A piece of at most half the width and half the height."""
    film = _any(films, random)
    height, width = (int(side * random.uniform(0.15, LARGEST_PART)) for side in film.shape)
    top = int(random.integers(0, film.shape[0] - height))
    left = int(random.integers(0, film.shape[1] - width))
    return film[top : top + height, left : left + width]


def one_lung(films: Sequence[Film], random: Generator) -> Film:
    """One half of the chest over most of the height."""
    film = _any(films, random)
    width = int(film.shape[1] * random.uniform(0.35, LARGEST_PART))
    left = random.choice([0, film.shape[1] - width])
    top, bottom = _inner(film.shape[0], random.uniform(0.7, 1), random)
    return film[top:bottom, left : left + width]


def upper_or_lower_half(films: Sequence[Film], random: Generator) -> Film:
    """Neck and shoulders, or the bases with the abdomen."""
    film = _any(films, random)
    height = int(film.shape[0] * random.uniform(0.25, 0.42))
    top = random.choice([0, film.shape[0] - height])
    left, right = _inner(film.shape[1], random.uniform(0.7, 1), random)
    return film[top : top + height, left:right]


def patchwork(films: Sequence[Film], random: Generator) -> Film:
    """Two by two to four by four tiles of one or several films in the wrong places."""
    count = int(random.integers(2, 5))
    side = SIDE // count
    tiles = []
    film = _square(_any(films, random), side * count)
    several = random.random() < 0.5
    for index in _scattered(count * count, random):
        source = _square(_any(films, random), side * count) if several else film
        row, column = divmod(int(index), count)
        tiles.append(source[row * side : (row + 1) * side, column * side : (column + 1) * side])
    rows = [np.hstack(tiles[start : start + count]) for start in range(0, count * count, count)]
    return np.vstack(rows)


def side_by_side(films: Sequence[Film], random: Generator) -> Film:
    """Two films in one picture, as a viewer shows a prior."""
    pair = [_square(_any(films, random), SIDE) for _ in range(2)]
    return np.hstack(pair) if random.random() < 0.7 else np.vstack(pair)


def outer_mirror(films: Sequence[Film], random: Generator) -> Film:
    """One half joined to its mirror image along the chest wall: a spine at both edges."""
    film = _any(films, random)
    middle = film.shape[1] // 2
    half = film[:, :middle] if random.random() < 0.5 else film[:, middle:][:, ::-1]
    return np.hstack([half[:, ::-1], half])


def film_on_a_page(films: Sequence[Film], random: Generator) -> Film:
    """A small film among text, as in an article or a screenshot."""
    from xray.training.canvas import as_film, font, page

    picture, pen = page(random, int(random.choice([0, 40, 245, 255])))
    ink = 20 if picture.getpixel((0, 0)) > 128 else 220  # type: ignore[operator]
    for top in range(4, picture.height, int(random.integers(10, 16))):
        pen.text((6, top), words(random, 8), ink, font(random, 7, 11))
    side = int(random.uniform(0.25, 0.5) * SIDE)
    small = Image.fromarray((_square(_any(films, random), side) * 255).astype(np.uint8))
    picture.paste(
        small,
        (
            int(random.integers(0, picture.width - side)),
            int(random.integers(0, picture.height - side)),
        ),
    )
    return as_film(picture)


def tilted(films: Sequence[Film], random: Generator) -> Film:
    """A whole film turned by anything but about nothing; not `other` but `rotated`."""
    film = _any(films, random)
    picture = Image.fromarray((film * 255).astype(np.uint8))
    turned = picture.rotate(random.uniform(40, 320), Image.Resampling.BILINEAR, expand=True)
    return np.asarray(turned, dtype=np.float32) / np.float32(255)


def _scattered(count: int, random: Generator) -> list[int]:
    """An order in which at least half of the tiles are not where they belong."""
    while True:
        order = random.permutation(count)
        if int((order != np.arange(count)).sum()) * 2 >= count:
            return [int(index) for index in order]


def _any(films: Sequence[Film], random: Generator) -> Film:
    return films[int(random.integers(len(films)))]


def _inner(length: int, share: float, random: Generator) -> tuple[int, int]:
    """Begin and end of a run of `share` of `length` at a random place."""
    kept = int(length * share)
    start = int(random.integers(0, length - kept + 1))
    return start, start + kept


def _square(film: Film, side: int) -> Film:
    return np.asarray(Image.fromarray(film).resize((side, side), Image.Resampling.BILINEAR))


# Every part learns from all of these; the films they are made of are held out by patient.
KINDS = (
    small_part,
    one_lung,
    upper_or_lower_half,
    patchwork,
    side_by_side,
    outer_mirror,
    film_on_a_page,
)
