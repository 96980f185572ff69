"""The stored film of a study as pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from project.images import storage
from project.inference.errors import InvalidInput
from xray.choices import Correction
from xray.ingest.working_copy import decode_film

if TYPE_CHECKING:
    from xray.models import Study
    from xray.pipeline.preprocess import Film

_TURNS = {Correction.ROTATE_90: -1, Correction.ROTATE_180: 2, Correction.ROTATE_270: 1}


def read_film(study: Study) -> Film:
    """(height, width) float32 in [0, 1], corrected as the user asked. Raises InvalidInput."""
    if study.film is None:
        raise InvalidInput("the record of the film is gone")
    try:
        content = storage.read(study.film.file)
    except FileNotFoundError as error:
        raise InvalidInput(f"the file {study.film.file} is gone") from error
    try:
        film = decode_film(content)
    except ValueError as error:
        raise InvalidInput(f"the file {study.film.file} is no film") from error
    return corrected(film, study.correction)


def corrected(film: Film, correction: str) -> Film:
    """Light and dark exchanged, or turned clockwise."""
    if correction == Correction.INVERT:
        return np.float32(1) - film
    turns = _TURNS.get(Correction(correction), 0)
    return np.ascontiguousarray(np.rot90(film, turns)) if turns else film
