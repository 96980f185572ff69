"""Pictures that are no radiograph, drawn by families: pages, plots, screens, noise, patterns.

Whole families are held out: what the gate learns from one kind of drawing is measured on others.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import ImageDraw

from xray.pipeline.preprocess import Film
from xray.training.canvas import SIDE, as_film, clouds, font, grid, page, spread, words


def text_page(random: Generator) -> Film:
    """Dark lines on white, with a heading and uneven line ends."""
    picture, pen = page(random, int(random.integers(215, 256)))
    typeface = font(random)
    step = int(typeface.size * random.uniform(1.1, 1.7))
    for top in range(int(random.integers(4, 20)), picture.height - step, step):
        if random.random() < 0.88:
            pen.text(
                (10, top),
                words(random, int(random.integers(1, 12))),
                int(random.integers(0, 90)),
                typeface,
            )
    return as_film(picture)


def line_plot(random: Generator) -> Film:
    """Axes, ticks and some curves."""
    picture, pen = page(random, 255)
    width, height = picture.size
    pen.line([(20, 8), (20, height - 18), (width - 8, height - 18)], 0, 1)
    for _ in range(int(random.integers(1, 6))):
        steps = random.normal(0, 1, 40).cumsum()
        x = np.linspace(22, width - 10, 40)
        y = 12 + (height - 34) * spread(steps.astype(np.float32))
        pen.line(
            list(zip(x.tolist(), y.tolist(), strict=True)),
            int(random.integers(0, 170)),
            int(random.integers(1, 4)),
        )
    return as_film(picture)


def bar_chart(random: Generator) -> Film:
    """Upright bars on white or black."""
    picture, pen = page(random, int(random.choice([0, 30, 255])))
    count = int(random.integers(3, 14))
    each = picture.width / count
    for index in range(count):
        top = int(random.uniform(0.05, 0.95) * picture.height)
        pen.rectangle(
            (index * each + 2, top, (index + 0.75) * each, picture.height - 6),
            int(random.integers(40, 230)),
        )
    return as_film(picture)


def window_screen(random: Generator) -> Film:
    """A desktop: panels, title bars, buttons and labels."""
    picture, pen = page(random, int(random.integers(60, 250)))
    for _ in range(int(random.integers(2, 7))):
        left, top = random.uniform(0, 0.7, 2) * picture.size
        right = left + random.uniform(0.2, 0.8) * picture.width
        bottom = top + random.uniform(0.2, 0.8) * picture.height
        pen.rectangle(
            (left, top, right, bottom), int(random.integers(0, 256)), int(random.integers(0, 256))
        )
        pen.rectangle((left, top, right, top + 10), int(random.integers(0, 256)))
        for line in range(int(top) + 14, int(min(bottom, picture.height)) - 10, 13):
            pen.text(
                (left + 4, line),
                words(random, 2),
                int(random.integers(0, 256)),
                font(random, 7, 12),
            )
    return as_film(picture)


def white_noise(random: Generator) -> Film:
    """Each pixel on its own, from fine to coarse grain."""
    side = int(random.choice([16, 32, 64, 128, SIDE]))
    shape = (side, side)
    kind = int(random.integers(3))
    if kind == 0:
        return random.random(shape, dtype=np.float32)
    if kind == 1:
        return (random.random(shape) < random.uniform(0.05, 0.95)).astype(np.float32)
    return spread(random.normal(0, 1, shape).astype(np.float32))


def smooth_noise(random: Generator) -> Film:
    """Clouds, some cut into a few tones."""
    tones = clouds(random, finest=int(random.choice([4, 8, 16, 64])))
    return tones if random.random() < 0.7 else np.round(tones * 4) / np.float32(4)


def gradient(random: Generator) -> Film:
    """Tones that rise along a line or from a point, with a little grain."""
    x, y = grid()
    turn = random.uniform(0, 2 * np.pi)
    centre = random.uniform(-1, 1, 2)
    straight = x * np.cos(turn) + y * np.sin(turn)
    round_ = np.hypot(x - centre[0], y - centre[1])
    tones = spread((straight if random.random() < 0.5 else round_).astype(np.float32))
    if random.random() < 0.3:
        tones = 1 - tones
    return (
        (tones ** random.uniform(0.4, 2.5) + random.normal(0, 0.01, tones.shape))
        .clip(0, 1)
        .astype(np.float32)
    )


def blank(random: Generator) -> Film:
    """One tone, with or without the noise of a sensor."""
    tones = np.full((SIDE, SIDE), random.random(), np.float32)
    noise = random.normal(0, random.choice([0, 0.001, 0.01]), tones.shape)
    return (tones + noise).clip(0, 1).astype(np.float32)


def shapes(random: Generator) -> Film:
    """Discs, boxes and strokes, filled with flat tones."""
    picture, pen = page(random, int(random.integers(0, 256)))
    for _ in range(int(random.integers(2, 20))):
        corner = random.uniform(-0.1, 0.9, 2) * SIDE
        size = random.uniform(0.05, 0.6, 2) * SIDE
        box = (*corner.tolist(), *(corner + size).tolist())
        tone = int(random.integers(0, 256))
        draw = (pen.ellipse, pen.rectangle)[int(random.integers(2))]
        draw(box, fill=tone)
    return as_film(picture)


def chequers(random: Generator) -> Film:
    """A board, turned by some angle."""
    x, y = grid()
    turn, cells = random.uniform(0, np.pi / 2), random.uniform(2, 16)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    board: Film = ((np.floor(u * cells) + np.floor(v * cells)) % 2).astype(np.float32)
    return board


def table(random: Generator) -> Film:
    """Rows and columns with figures."""
    picture, pen = page(random, 255)
    row, column = int(random.integers(10, 20)), int(random.integers(24, 60))
    for top in range(0, picture.height, row):
        pen.line((0, top, picture.width, top), int(random.integers(100, 220)))
        for left in range(0, picture.width, column):
            pen.text(
                (left + 3, top + 1),
                f"{random.uniform(0, 999):.1f}",
                int(random.integers(0, 120)),
                font(random, 7, 9),
            )
    for left in range(0, picture.width, column):
        pen.line((left, 0, left, picture.height), 150)
    return as_film(picture)


def scatter(random: Generator) -> Film:
    """Clusters of dots."""
    picture, pen = page(random, int(random.choice([0, 255])))
    for _ in range(int(random.integers(1, 6))):
        centre = random.uniform(0.2, 0.8, 2) * SIDE
        tone = int(random.integers(60, 200))
        for x, y in random.normal(
            centre, random.uniform(5, 30), (int(random.integers(20, 150)), 2)
        ):
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), tone)
    return as_film(picture)


def stripes(random: Generator) -> Film:
    """Waves along a line or around a point."""
    x, y = grid()
    turn, rate = random.uniform(0, np.pi), random.uniform(3, 40)
    along = x * np.cos(turn) + y * np.sin(turn) if random.random() < 0.6 else np.hypot(x, y)
    return (0.5 + 0.5 * np.sin(rate * along + random.uniform(0, 6))).astype(np.float32)


def code_editor(random: Generator) -> Film:
    """Light, indented lines on a dark ground, with a side bar."""
    picture, pen = page(random, int(random.integers(15, 50)))
    pen.rectangle((0, 0, 22, picture.height), int(random.integers(30, 80)))
    typeface = font(random, 7, 11)
    for line, top in enumerate(range(4, picture.height - 8, int(typeface.size) + 4)):
        pen.text((5, top), str(line), 120, typeface)
        indent = 26 + 10 * int(random.integers(0, 4))
        pen.text(
            (indent, top),
            words(random, int(random.integers(0, 6))),
            int(random.integers(110, 240)),
            typeface,
        )
    return as_film(picture)


def bar_code(random: Generator) -> Film:
    """Upright lines, or a field of black and white squares."""
    if random.random() < 0.5:
        lines = (random.random(int(random.integers(30, 90))) < 0.5).astype(np.float32)
        return np.repeat(np.tile(lines, (SIDE, 1)), 3, axis=1)
    cells = int(random.integers(12, 40))
    return np.kron((random.random((cells, cells)) < 0.5), np.ones((8, 8))).astype(np.float32)


def mosaic(random: Generator) -> Film:
    """The nearest of some points decides the tone: cells of a tissue, cracked ground."""
    x, y = grid()
    points = random.uniform(-1, 1, (int(random.integers(6, 80)), 2))
    distance = np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1])
    if random.random() < 0.5:
        cells: Film = random.random(len(points), dtype=np.float32)[distance.argmin(axis=-1)]
        return cells
    two = np.sort(distance, axis=-1)[..., :2]
    return spread((two[..., 1] - two[..., 0]).astype(np.float32))


def handwriting(random: Generator) -> Film:
    """Running strokes along lines."""
    picture, pen = page(random, int(random.integers(190, 256)))
    for top in range(16, picture.height - 10, int(random.integers(16, 30))):
        steps = int(random.integers(20, 90))
        x = 8 + np.arange(steps) * 2.2 + random.normal(0, 2, steps)
        y = top + random.normal(0, 4, steps) + 3 * np.sin(np.arange(steps))
        _stroke(pen, x, y, int(random.integers(0, 110)))
    return as_film(picture)


def _stroke(
    pen: ImageDraw.ImageDraw, x: NDArray[np.floating], y: NDArray[np.floating], tone: int
) -> None:
    pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), tone, 2, joint="curve")


LEARNED = (
    text_page,
    line_plot,
    bar_chart,
    window_screen,
    white_noise,
    smooth_noise,
    gradient,
    blank,
    shapes,
    chequers,
)
VALIDATED = (table, scatter, stripes)
HELD_OUT = (code_editor, bar_code, mosaic, handwriting)
