"""What the form of a new enlargement shows, and what its script must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from enhance import options as choices
from enhance import words
from enhance.cards import EnhancementCard
from enhance.faces import words as face_words
from enhance.forms import OTHER_SCALE, TARGET
from enhance.kind import STAGES, options_of
from enhance.nets.catalogue import EMBEDDED, NETWORKS
from enhance.operator_models import operator_networks
from enhance.policy import UPLOADS
from enhance.serializers import OptionsSerializer
from enhance.services.device import current_device, default_quality
from enhance.services.face_support import face_support
from enhance.services.networks import (
    installed_networks,
    missing_for_denoise,
    pull_command,
)
from project.images import errors
from project.images.formats import FORMATS
from project.jobs.codes import STAGES as COMMON_STAGES
from project.jobs.models import Job

COMMON_SCALES = ("2", "4", "8")
ADVANCED = ("denoise", "alpha", "tile_size", "tile_pad", "cache", "ttl")
OF_FACES = ("face_model", "min_face", "aligned", "background")
UNDER_MORE = ("model", "jpeg_quality", "keep_metadata", "keep_gps", *OF_FACES, *ADVANCED)
SWITCHES = ("keep_metadata", "keep_gps", "cache", "aligned", "background")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of an option with its words."""

    value: str
    label: str
    means: str = ""


def compose_context(
    *,
    values: Mapping[str, Any],
    errors_by_field: Mapping[str, list[str]],
    source: EnhancementCard | None,
) -> dict[str, Any]:
    """The form with the values of a refused one, or of the enlargement that is run again."""
    earlier = options_of(source.enhancement.job.params).as_json() if source else {}
    given = {name: value for name, value in earlier.items() if value is not None}
    defaults = _defaults()
    chosen = {**defaults, **given, **values}
    chosen |= {name: _is_on(chosen[name]) for name in SWITCHES}
    chosen["faces"] = _as_typed(chosen["faces"])
    has_target = chosen["scale"] == TARGET or (
        earlier and earlier["scale"] is None and "scale" not in values
    )
    scale = TARGET if has_target else _plain_number(chosen["scale"])
    is_common = scale in COMMON_SCALES
    missing = [network for network in installed_networks() if network.command]
    return {
        "chosen": {**chosen, "scale": scale if is_common or has_target else OTHER_SCALE},
        "other_scale": chosen.get("scale_other", "") or ("" if is_common or has_target else scale),
        "errors": errors_by_field,
        "source": source,
        "scales": [Choice(value=v, label=_("%(scale)s ×") % {"scale": v}) for v in COMMON_SCALES],
        "qualities": _choices(choices.QUALITY_LEVELS, words.QUALITY, words.QUALITY_MEANS),
        "models": _model_choices(),
        "missing_models": {network.entry.name: network.command for network in missing},
        "embedded_models": EMBEDDED,
        "denoise_command": pull_command(*lacking) if (lacking := missing_for_denoise()) else "",
        "formats": _choices(choices.OUTPUT_FORMATS, words.FORMATS),
        "keeps": _choices(tuple(words.KEEP_FOR), words.KEEP_FOR),
        "alphas": _choices(choices.ALPHA_MODES, words.ALPHA),
        **_face_context(chosen["faces"]),
        "opens_more": _has_unusual(chosen, defaults, errors_by_field, UNDER_MORE),
        "opens_advanced": _has_unusual(chosen, defaults, errors_by_field, ADVANCED),
        "limits": {
            "formats": _(", ").join(UPLOADS.formats),
            "megabytes": UPLOADS.max_bytes // 1_000_000,
            "megapixels": UPLOADS.max_pixels // 1_000_000,
            "request_megabytes": settings.REQUEST_MAX_BYTES // 1_000_000,
            "tile": (choices.MIN_TILE_SIZE, choices.MAX_TILE_SIZE),
            "pad": choices.MAX_TILE_PAD,
            "target": choices.MAX_TARGET_SIDE,
            "min_face": (choices.MIN_MIN_FACE, choices.MAX_MIN_FACE),
        },
        "accept": ",".join(f".{extension}" for extension in UPLOADS.extensions),
        "missing_networks": [network for network in missing if network.embedded],
        "compose_data": script_data(),
    }


def _face_context(indices: str) -> dict[str, Any]:
    """What the form says of faces; chosen indices of an earlier run stay one of the choices."""
    support = face_support()
    named = _choices(choices.FACE_CHOICES, face_words.FACE_CHOICES)
    if indices not in choices.FACE_CHOICES:
        named.append(Choice(value=indices, label=face_words.faces_word(_indices(indices))))
    return {
        "face_support": support,
        "face_restores": _choices(("auto", "off", "required"), face_words.FACE_RESTORES),
        "face_choices": named,
        "face_models": [
            Choice(value=v, label=_("Newest installed") if v == "auto" else f"GFPGAN {v}")
            for v in choices.FACE_MODELS
        ],
        "missing_face_models": {
            v for v in choices.FACE_MODELS if v != "auto" and f"gfpgan-{v}" not in support.installed
        },
    }


def _as_typed(faces: Any) -> str:
    """Indices as the form sends them."""
    return faces if isinstance(faces, str) else ",".join(map(str, faces))


def _indices(text: str) -> list[int] | str:
    """`0,2` as numbers; what is none stays as it was typed."""
    parts = text.split(",")
    return (
        [int(part) for part in parts] if all(part.strip().isdecimal() for part in parts) else text
    )


def script_data() -> dict[str, Any]:
    """Limits, addresses and words of the script; the refusals are the server's own sentences."""
    return {
        "extensions": {
            extension: name
            for name, known in FORMATS.items()
            for extension in known.extensions
            if extension in UPLOADS.extensions
        },
        "max_bytes": UPLOADS.max_bytes,
        "batch_files": settings.ENHANCE_BATCH_FILES,
        "refusals": {
            "unsupported_format": errors.unsupported_format(UPLOADS).detail,
            "empty_file": errors.empty_file(UPLOADS).detail,
            "too_large_bytes": errors.too_large_bytes(UPLOADS).detail,
        },
        **live_data(),
    }


def live_data() -> dict[str, Any]:
    """Addresses, states, stages and sentences of a card that changes while somebody looks."""
    stages = {**COMMON_STAGES, **STAGES}
    return {
        "urls": {
            "submit": reverse("enhance_api:enhance"),
            "estimate": reverse("enhance_api:estimate"),
            "faces": reverse("enhance_api:faces_previews"),
            "page": reverse("enhance:list"),
            "tasks": f"{reverse('enhance_api:tasks')}/",
            "batch": reverse("enhance_api:batch_submit"),
            "batches": reverse("enhance_api:batch_submit").replace("enhance/batch", "batch/"),
        },
        "states": {state.value: str(state.label) for state in Job.State},
        "stages": {code: str(text) for code, text in stages.items()},
        "words": {
            "enlarge_one": _("Enlarge %(count)s photo"),
            "enlarge_other": _("Enlarge %(count)s photos"),
            "with_time": _("%(action)s, about %(time)s"),
            "enlarge": _("Enlarge"),
            "size": _("%(width)s × %(height)s"),
            "from_to": _("%(from)s → %(to)s"),
            "takes": _("about %(time)s"),
            "tile": _("tile %(done)s of %(total)s"),
            "left": _("about %(time)s left"),
            "place": _("place %(position)s in the queue"),
            "next": _("next in the queue"),
            "stopping": _("Stopping"),
            "reading": _("Reading the file"),
            "waiting": _("Waits for its turn"),
            "uploading": _("Uploading, %(percent)s"),
            "checking": _("Uploaded; the server checks it"),
            "pause": _("Many at once: continues in %(time)s"),
            "offline": _("The server could not be reached. The photo is kept here; try again."),
            "gone": _("This enlargement was deleted."),
            "no_answer": _("The server gave no usable answer (%(status)s). Try again."),
            "quote": _("Code to quote: %(code)s"),
            "queued": _("%(name)s is queued."),
            "finished": _("%(name)s is finished."),
            "failed": _("%(name)s failed: %(reason)s"),
            "cancelled": _("%(name)s was cancelled."),
            "opened": _("%(name)s is finished and shown on this page."),
            "refused": _("%(name)s was not accepted: %(reason)s"),
            "added_one": _("%(count)s photo added."),
            "added_other": _("%(count)s photos added."),
            "removed": _("%(name)s removed."),
            "no_camera": _("The camera cannot be used: it is missing, busy or not allowed."),
            "photo_name": _("photo-%(number)s.jpg"),
            "batch_ended": _("All photos of the batch have ended."),
            "faces_searching": _("Looking for faces"),
            "faces_none": _("No face was found in the picture."),
            "faces_found_one": _("%(count)s face found; untick what is to stay as it is."),
            "faces_found_other": _("%(count)s faces found; untick what is to stay as it is."),
            "faces_chosen": _("Faces %(numbers)s"),
            "face_number": _("Face %(number)s"),
            "faces_same": _("The result shows these faces already."),
            "faces_changed": _("The faces were put in again."),
            "face": _("face %(done)s of %(total)s"),
            "save_failed": _("The enlargement could not be opened here."),
        },
    }


def _defaults() -> dict[str, Any]:
    defaults = {name: field.default for name, field in _fields_with_default()}
    quality = default_quality(current_device())
    return {**defaults, "quality_level": quality, "cache": True, "ttl": ""}


def _fields_with_default() -> list[tuple[str, Any]]:
    return [
        (name, field)
        for name, field in OptionsSerializer().fields.items()
        if field.default not in (None, ...) and not callable(field.default)
    ]


def _has_unusual(
    chosen: Mapping[str, Any],
    defaults: Mapping[str, Any],
    errors_by_field: Mapping[str, list[str]],
    names: tuple[str, ...],
) -> bool:
    """Whether one of the options in a fold is wrong or differs from its default."""
    return any(
        name in errors_by_field or str(chosen.get(name) or "") != str(defaults.get(name) or "")
        for name in names
    )


def _model_choices() -> list[Choice]:
    """The networks of the catalogue in words, and those of the operators by their names."""
    known = _choices((choices.AUTO_MODEL, *NETWORKS), words.MODELS)
    return [*known, *(Choice(value=net.name, label=net.name) for net in operator_networks())]


def _plain_number(value: Any) -> str:
    """`4.0` as the form writes it; what is no number stays as it was typed."""
    try:
        return f"{float(value):g}"
    except ValueError:
        return str(value)


def _is_on(value: Any) -> bool:
    return str(value).lower() == "true"


def _choices(
    values: tuple[str, ...], labels: Mapping[str, Any], means: Mapping[str, Any] | None = None
) -> list[Choice]:
    return [
        Choice(value=v, label=str(labels.get(v, v)), means=str((means or {}).get(v, "")))
        for v in values
    ]
