"""Bodies of tubes and ellipsoids, exposed like radiographs: limbs, skulls, spines, side views.

They stand in for films of other body parts and for lateral chests, of which no real ones were at
hand. A gate that refuses them has learned more than "grey means chest", no more than that.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xray.pipeline.preprocess import Film
from xray.training.canvas import Plane, Point, ball, bone, exposed, tube

Parts = list[tuple[float, Plane]]


def limb(random: Generator) -> Film:
    """One or two long bones in soft tissue, across the picture."""
    turn = random.uniform(0, np.pi)
    along = np.array([np.cos(turn), np.sin(turn)]) * random.uniform(0.8, 1.4)
    across = np.array([-np.sin(turn), np.cos(turn)])
    width = random.uniform(0.15, 0.45)
    parts: Parts = [(random.uniform(0.3, 1.0), tube(_at(-along), _at(along), width))]
    for side in (0.0,) if random.random() < 0.5 else (-0.45, 0.45):
        shift = across * width * side
        parts.append(
            (
                random.uniform(1.5, 3),
                bone(_at(shift - along), _at(shift + along), width * random.uniform(0.2, 0.32)),
            )
        )
    return exposed(random, parts)


def skull(random: Generator) -> Film:
    """A shell with a jaw or orbits; seen from the front or the side."""
    half = (random.uniform(0.5, 0.75), random.uniform(0.6, 0.85))
    centre = (random.uniform(-0.1, 0.1), random.uniform(-0.25, 0.05))
    tilt = random.uniform(-25, 25)
    inner = (half[0] * 0.92, half[1] * 0.92)
    parts: Parts = [
        (3.0, ball(centre, half, tilt)),
        (-2.4, ball(centre, inner, tilt)),
        (1.2, tube((centre[0] + random.uniform(-0.4, 0.4), 0.4), (centre[0], 1.2), 0.25)),
        (1.5, ball((centre[0] + random.uniform(-0.4, 0.4), 0.55), (0.3, 0.2))),
    ]
    for side in (-0.25, 0.25):
        parts.append((-1.2, ball((centre[0] + side, centre[1] + 0.2), (0.16, 0.13))))
    return exposed(random, parts)


def lateral_chest(random: Generator) -> Film:
    """A trunk from the side: one dark field, spine behind, heart in front, arms or head above."""
    facing = random.choice([-1.0, 1.0])
    lean = random.uniform(-12, 12)
    parts: Parts = [
        (1.0, ball((0, 0.1), (random.uniform(0.6, 0.85), 1.3), lean)),
        (
            -1.0,
            ball(
                (0.05 * facing, -0.1), (random.uniform(0.4, 0.55), random.uniform(0.65, 0.85)), lean
            ),
        ),
        (random.uniform(0.8, 1.6), ball((0.25 * facing, 0.25), (0.3, 0.35), 20 * facing)),
        (1.2, ball((0.05 * facing, 1.0), (0.75, random.uniform(0.35, 0.55)))),
        (0.8, tube((0.1 * facing, -0.75), (0.7 * facing, -1.2), 0.25)),
    ]
    parts += _spine(random, x=-0.45 * facing, bend=0.15 * facing, weight=1.8)
    for top in np.arange(-0.8, 0.7, random.uniform(0.12, 0.2)):
        fall = random.uniform(0.2, 0.45)
        parts.append(
            (0.8, tube((-0.45 * facing, float(top)), (0.45 * facing, float(top) + fall), 0.025))
        )
    return exposed(random, parts)


def hand(random: Generator) -> Film:
    """Five rays of short bones from a wrist."""
    parts: Parts = [(0.5, ball((0, 0.3), (0.45, 0.45))), (0.5, tube((0, 0.5), (0, 1.3), 0.3))]
    turn, palm = random.uniform(-0.3, 0.3), np.array([0.0, 0.45])
    for angle, reach in zip(
        (-0.85, -0.3, 0.0, 0.28, 0.6), (0.75, 1.15, 1.25, 1.15, 0.95), strict=True
    ):
        aim = np.array([np.sin(angle + turn), -np.cos(angle + turn)]) * random.uniform(0.9, 1.05)
        joints = [palm + aim * reach * share for share in (0.15, 0.55, 0.78, 0.92, 1.03)]
        parts.append((0.45, tube(_at(joints[0]), _at(joints[-1]), 0.1)))
        for start, end in pairwise(joints):
            parts.append((2.0, bone(_at(start + (end - start) * 0.12), _at(end), 0.04)))
    for side in (-0.1, 0.1):
        parts.append((1.8, bone((side, 0.65), (side, 1.3), 0.09)))
    return exposed(random, parts)


def abdomen(random: Generator) -> Film:
    """Lower spine, the wings of the pelvis, hips, and gas in loops."""
    parts: Parts = [(0.9, ball((0, 0), (random.uniform(0.8, 1.1), 1.5)))]
    parts += _spine(random, x=0.0, bend=0.03, weight=1.6, bottom=0.25)
    for side in (-1.0, 1.0):
        parts += [
            (1.3, ball((0.42 * side, 0.35), (0.36, 0.3), 40 * side)),
            (-0.9, ball((0.16 * side, 0.62), (0.16, 0.18))),
            (1.5, ball((0.62 * side, 0.72), (0.14, 0.14))),
            (1.3, bone((0.7 * side, 0.8), (0.65 * side, 1.4), 0.13)),
        ]
    for _ in range(int(random.integers(2, 9))):
        spot = random.uniform(-0.6, 0.6, 2)
        parts.append(
            (
                -random.uniform(0.4, 1),
                ball(_at(spot), (random.uniform(0.06, 0.2), 0.09), random.uniform(0, 90)),
            )
        )
    return exposed(random, parts)


def foot(random: Generator) -> Film:
    """From the side: heel, ankle, a row of slanting bones."""
    parts: Parts = [
        (0.6, tube((-0.5, -1.2), (-0.45, 0.4), 0.28)),
        (0.6, tube((-0.5, 0.5), (0.8, 0.65), 0.22)),
        (1.8, bone((-0.5, -1.2), (-0.45, 0.05), 0.13)),
        (1.6, ball((-0.65, 0.45), (0.25, 0.18), 25)),
        (1.6, ball((-0.35, 0.25), (0.2, 0.13))),
    ]
    for step in range(5):
        start = (-0.15 + 0.02 * step, 0.35 + 0.05 * step)
        parts.append(
            (1.3, bone(start, (0.4 + random.uniform(-0.05, 0.05), 0.55 + 0.04 * step), 0.05))
        )
        parts.append((1.2, bone((0.45, 0.56 + 0.04 * step), (0.75, 0.62 + 0.03 * step), 0.04)))
    return exposed(random, parts)


def knee(random: Generator) -> Film:
    """Two wide bone ends that meet in the middle, and the cap."""
    bend = random.uniform(-0.3, 0.3)
    parts: Parts = [
        (0.6, tube((0, -1.2), (0, 0), 0.45)),
        (0.6, tube((0, 0), (bend, 1.2), 0.4)),
        (1.6, bone((0, -1.3), (0, -0.2), 0.18)),
        (1.6, bone((bend * 0.2, 0.25), (bend, 1.3), 0.17)),
        (1.4, ball((-0.15, -0.12), (0.2, 0.18))),
        (1.4, ball((0.15, -0.12), (0.2, 0.18))),
        (1.4, ball((0, 0.22), (0.36, 0.14))),
        (0.7, ball((random.uniform(-0.1, 0.1), -0.2), (0.16, 0.2))),
        (1.2, bone((0.32, 0.4), (0.3 + bend, 1.3), 0.05)),
    ]
    return exposed(random, parts)


def spine_only(random: Generator) -> Film:
    """A column of vertebrae over the whole height, cone-shaped field at times."""
    parts: Parts = [(random.uniform(0.2, 0.8), tube((0, -1.5), (0, 1.5), random.uniform(0.5, 1.2)))]
    parts += _spine(
        random,
        x=random.uniform(-0.15, 0.15),
        bend=random.uniform(-0.35, 0.35),
        weight=2.2,
        size=1.7,
    )
    return exposed(random, parts)


def _spine(
    random: Generator,
    *,
    x: float,
    bend: float,
    weight: float,
    bottom: float = 1.1,
    size: float = 1.0,
) -> Parts:
    """Blocks one below the other along a bow."""
    step = random.uniform(0.13, 0.18) * size
    parts: Parts = []
    for y in np.arange(-1.0, bottom, step):
        middle = x + bend * np.cos(1.5 * y)
        half = 0.07 * size
        parts.append(
            (weight, tube((middle - half, float(y)), (middle + half, float(y)), step * 0.38))
        )
    return parts


def _at(point: NDArray[np.floating]) -> Point:
    return float(point[0]), float(point[1])


LEARNED = (limb, skull, lateral_chest, hand, abdomen)
VALIDATED = (foot,)
HELD_OUT = (knee, spine_only)
