"""The door: one upload in, a de-identified film out, or a refusal with a code.

Nothing of the sent file but what `Received` holds leaves this module: no file is written, and no
part of the file gets into a log line or an error. numpy and the decoders are imported at the first
film, because the web process that calls this serves other rooms too.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.files.base import File

from project.images.intake import decoding_turn
from xray.ingest import errors
from xray.ingest.sniff import DICOM, HEAD_BYTES, RASTERS, kind_of

if TYPE_CHECKING:
    from xray.ingest.limits import Limits
    from xray.pipeline.preprocess import Film

POPULATION_ADULT, POPULATION_UNKNOWN = "population_adult", "population_unknown"
# More than this is decoded alone: hundreds of megabytes at the peak.
_HEAVY_PIXELS = 12_000_000


@dataclass(frozen=True, kw_only=True)
class Received:
    """What is left of an upload.

    `pixels` (height, width) float32 in [0, 1], 0 black, upright as sent; `bit_depth` 8 or 16, what
    the working copy needs; `source_format` DICOM, PNG, JPEG, GIF, BMP or TIFF; `colour_distance`
    for quality.judge; `content_sha256` of the sent bytes; the rest as in deidentify.Known.
    """

    pixels: Film
    bit_depth: int
    source_format: str
    content_sha256: str
    colour_distance: float = 0.0
    attributes: dict[str, Any] = field(default_factory=dict)
    age_band: str = ""
    sex: str = ""
    view: str = ""
    laterality_marker: str = ""
    study_date_shifted: str = ""
    pseudonym: str = ""
    warnings: list[str] = field(default_factory=list)


def receive(upload: File[Any], *, patient_key: str = "") -> Received:
    """Read, judge, decode and de-identify one upload; `patient_key` is what the sender calls the
    patient, of which only a keyed hash stays.

    Raises UploadRefused: not_an_image, unsupported_format, too_large, pixel_limit, truncated,
    no_pixel_data, unsupported_transfer_syntax, multi_frame, population_mismatch; TooBusy.
    """
    from xray.ingest.limits import current_limits

    limits = current_limits()
    kind, content = _read(upload, limits)
    if kind == DICOM:
        return _receive_dicom(content, limits, patient_key)
    return _receive_raster(content, kind, limits, patient_key)


def _read(upload: File[Any], limits: Limits) -> tuple[str, bytes]:
    """The body, counted while it is read: a kind may be larger than another."""
    body, kind = bytearray(), None
    for chunk in upload.chunks():
        body += chunk
        if kind is None and len(body) >= HEAD_BYTES:
            kind = _known_kind(bytes(body[:HEAD_BYTES]), limits)
        if kind is not None and len(body) > limits.max_bytes(kind):
            raise errors.too_large(limits, kind)
    return kind or _known_kind(bytes(body), limits), bytes(body)


def _known_kind(head: bytes, limits: Limits) -> str:
    kind = kind_of(head)
    if not kind:
        raise errors.not_an_image(limits)
    if kind != DICOM and kind not in RASTERS:
        raise errors.unsupported_format(limits)
    return kind


def _receive_dicom(content: bytes, limits: Limits, patient_key: str) -> Received:
    from xray.ingest.burned_in import has_border_text
    from xray.ingest.deidentify import BURNED_IN, deidentified
    from xray.ingest.dicom import decode_dicom, open_dicom

    opened = open_dicom(content, limits)
    known = deidentified(opened.data, opened.geometry, patient_key=patient_key)
    if known.is_adult and not limits.takes_adults:
        raise errors.population_mismatch(limits)
    with _turn(opened.geometry.pixels):
        made = decode_dicom(opened, limits)
        warnings = [*known.warnings, *made.warnings]
        if has_border_text(made.film):
            warnings.append(BURNED_IN)
    if known.is_adult is not False:
        warnings.append(POPULATION_ADULT if known.is_adult else POPULATION_UNKNOWN)
    return Received(
        pixels=made.film,
        bit_depth=made.bit_depth,
        source_format=DICOM,
        content_sha256=hashlib.sha256(content).hexdigest(),
        colour_distance=made.colour_distance,
        attributes=known.attributes,
        age_band=known.age_band,
        sex=known.sex,
        view=known.view,
        laterality_marker=known.laterality_marker,
        study_date_shifted=known.study_date_shifted,
        pseudonym=known.pseudonym,
        warnings=_once(warnings),
    )


def _receive_raster(content: bytes, kind: str, limits: Limits, patient_key: str) -> Received:
    from xray.ingest.burned_in import has_border_text
    from xray.ingest.deidentify import BURNED_IN, pseudonym_of
    from xray.ingest.raster import announced_pixels, decode_raster

    with _turn(announced_pixels(content, limits)):
        made = decode_raster(content, limits)
        warnings = list(made.warnings)
        if has_border_text(made.film):
            warnings.append(BURNED_IN)
    return Received(
        pixels=made.film,
        bit_depth=made.bit_depth,
        source_format=kind,
        content_sha256=hashlib.sha256(content).hexdigest(),
        colour_distance=made.colour_distance,
        pseudonym=pseudonym_of(patient_key),
        warnings=_once([*warnings, POPULATION_UNKNOWN]),
    )


def _turn(pixels: int) -> AbstractContextManager[None]:
    return decoding_turn(is_heavy=pixels > _HEAVY_PIXELS)


def _once(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))
