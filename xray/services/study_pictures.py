"""A study's film and heat maps as the exports take them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.images import memory, storage
from project.images.models import ImageRecord
from project.images.renditions import room_copy_key
from xray.exports import overlay
from xray.exports.pictures import Pictures, sides_are_known
from xray.exports.uids import REVISION
from xray.film import corrected
from xray.models import Heatmap, Study

ALPHA_STEP = 0.05
"""Of the cached copies: finer steps nobody sees, and each one costs a file."""
# One at a time: a large film takes hundreds of megabytes while it is read.
_decoding = threading.Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Around whatever decodes whole films in this process."""
    with _decoding:
        try:
            yield
        finally:
            memory.release()


def read_pictures(study: Study, *, model_sha256: str) -> Pictures:
    """The film as it was analysed, and the maps of that model; at most overlay.MAX_SIDE a side."""
    film = _read(study.film)
    if film is None:
        return Pictures(film=None)
    maps = {row.prediction.label: _read(row.map) for row in _heatmaps(study, model_sha256)}
    return Pictures(
        film=corrected(film, study.correction),
        heatmaps={label: found for label, found in maps.items() if found is not None},
    )


def ensure_overlay(
    study: Study, label: str, *, alpha: float, contour: bool, is_layer: bool
) -> tuple[str, str]:
    """Storage key and ETag of one overlay, made now if it is missing.

    Raises ServiceError: heatmap_missing (404) for a label that has none, film_gone (409).
    """
    version = study.model_version
    found = _heatmaps(study, version.sha256 if version else "").filter(prediction__label=label)
    row = found.first()
    if row is None or row.map is None:
        raise ServiceError(
            _(
                "There is no heat map of this label; it is made for findings above or near their operating point."
            ),
            code="heatmap_missing",
            status=404,
        )
    if study.film is None:
        raise film_gone()
    steps = round(alpha / ALPHA_STEP)
    # Everything that the pixels depend on: two studies may share film and map.
    name = "-".join(
        (
            study.film.sha256[:12],
            study.correction or "as_sent",
            "layer" if is_layer else "overlay",
            "sided" if sides_are_known(study.warnings) else "sideless",
            f"{steps}-{int(contour)}",
        )
    )
    key = room_copy_key(
        owner_id=row.map.owner_id, sha256=row.map.sha256, name=f"{name}-{REVISION}.png"
    )
    if not storage.exists(key):
        with one_at_a_time():
            _make(study, row, key, alpha=steps * ALPHA_STEP, contour=contour, is_layer=is_layer)
    return key, f'"{row.map.sha256[:24]}-{name}-{REVISION}"'


def film_gone() -> ServiceError:
    """409 `film_gone`."""
    return ServiceError(
        _("The film is no longer stored, so there is no picture to show."),
        code="film_gone",
        status=409,
    )


def _make(
    study: Study, row: Heatmap, key: str, *, alpha: float, contour: bool, is_layer: bool
) -> None:
    if storage.exists(key):
        return  # another request made it while this one waited
    heat = _read(row.map)
    film = None if is_layer else _read(study.film)
    if heat is None or (film is None and not is_layer):
        raise film_gone()
    alpha = min(1.0, alpha)
    if film is None:
        image = overlay.paint_layer(heat, alpha=alpha, contour=contour)
    else:
        image = overlay.paint(
            corrected(film, study.correction),
            heat,
            alpha=alpha,
            contour=contour,
            markers=sides_are_known(study.warnings),
        )
    try:
        storage.put(key, overlay.as_png(image))
    except storage.KeyTaken:
        return  # another process made the same bytes meanwhile


def _heatmaps(study: Study, model_sha256: str) -> QuerySet[Heatmap]:
    return Heatmap.objects.filter(
        prediction__study=study, prediction__model_version__sha256=model_sha256
    ).select_related("prediction", "map")


def _read(record: ImageRecord | None) -> overlay.Grey | None:
    """None when retention removed row or file."""
    if record is None:
        return None
    try:
        return overlay.read_grey(storage.read(record.file))
    except FileNotFoundError:
        return None
