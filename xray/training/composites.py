"""Composite radiographs: pictures with the statistics of many films and the anatomy of nobody.

The mean of normal films plus a few of their principal components, with coefficients drawn from a
seed. No component belongs to one patient, and `nearest` proves for each composite that no
training film is recognisable in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray.pipeline.preprocess import Film, stretch_contrast

PX = 224
SHOWN_PX = 448
COMPONENTS = 120
SPREAD = 1.0
LARGEST_CORRELATION = 0.9


@dataclass(frozen=True, slots=True)
class Basis:
    """The mean of films and their leading components, each scaled to one standard deviation."""

    mean: NDArray[np.float64]
    components: NDArray[np.float64]
    """(k, pixels)."""


def basis_of(films: NDArray[np.float64], *, components: int = COMPONENTS) -> Basis:
    """Principal components of (n, pixels) films, by the small (n, n) Gram matrix."""
    mean = films.mean(axis=0)
    centred = films - mean
    values, vectors = np.linalg.eigh(centred @ centred.T)
    order = np.argsort(values)[::-1][:components]
    leading = vectors[:, order].T @ centred
    return Basis(mean, leading / np.sqrt(len(films)))


def composite(basis: Basis, *, seed: int, spread: float = SPREAD) -> Film:
    """One picture: (PX, PX) float32 in [0, 1]."""
    random = np.random.default_rng(seed)
    coefficients = random.normal(0, spread, len(basis.components))
    pixels = basis.mean + coefficients @ basis.components
    return stretch_contrast(np.clip(pixels, 0, 1).reshape(PX, PX).astype(np.float32))


def with_opacity(
    film: Film, *, centre: tuple[float, float] = (0.30, 0.62), radius: float = 0.13
) -> Film:
    """A soft white area in the patient's right lower zone, the left of the picture.

    `centre` is x and y, `radius` one standard deviation, as shares of the side.
    """
    side = film.shape[0]
    y, x = np.mgrid[0:side, 0:side] / side
    distance = ((x - centre[0]) ** 2 + ((y - centre[1]) / 1.25) ** 2) / radius**2
    strength = 0.75 * np.exp(-distance / 2)
    covered = film + (0.85 - film) * strength
    clipped: Film = np.clip(covered, 0, 1).astype(np.float32)
    return clipped


def nearest(film: Film, films: NDArray[np.float64]) -> float:
    """The largest correlation of a (PX, PX) picture with any of (n, pixels) films."""
    one = film.astype(np.float64).ravel()
    one = (one - one.mean()) / one.std()
    others = films - films.mean(axis=1, keepdims=True)
    others /= others.std(axis=1, keepdims=True)
    return float((others @ one / one.size).max())


def shown(film: Film) -> Image.Image:
    """As it is kept: SHOWN_PX by SHOWN_PX, 8 bits."""
    picture = Image.fromarray((film * 255).round().astype(np.uint8))
    return picture.resize((SHOWN_PX, SHOWN_PX), Image.Resampling.BICUBIC)
