"""Which of the faces that were found are to be restored."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Literal

from enhance.pipeline.faces.face import Face

Choice = Literal["all", "centre", "largest", "none"] | Collection[int]


def choose_faces(
    faces: Sequence[Face], choice: Choice, *, width: int, height: int, min_face: float = 0.0
) -> set[int]:
    """The places of the chosen faces in `faces`.

    `centre` is the face nearest to the centre of the picture (`width` x `height`), `largest` the one
    with the largest box, a collection names places (unknown ones choose nothing). Faces whose
    shorter side is under `min_face` pixels of the picture are never chosen.
    """
    places = [place for place, face in enumerate(faces) if face.size >= min_face]
    if choice == "none" or not places:
        return set()
    if choice == "all":
        return set(places)
    if choice == "largest":
        return {max(places, key=lambda place: (faces[place].box.area, -place))}
    if choice == "centre":
        middle = (width / 2, height / 2)
        return {min(places, key=lambda place: (math.dist(faces[place].box.centre, middle), place))}
    if isinstance(choice, str):
        raise ValueError(f"{choice!r} chooses no faces")
    return set(places) & set(choice)
