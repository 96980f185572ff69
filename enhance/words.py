"""The options, networks and stages of an enlargement in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enhance.faces.words import FACE_RESTORES, faces_word
from enhance.kind import STAGES
from enhance.options import EnhanceOptions

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

QUALITY: Mapping[str, _StrPromise] = {
    "fast": gettext_lazy("Fast"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "max": gettext_lazy("Max"),
}
QUALITY_MEANS: Mapping[str, _StrPromise] = {
    "fast": gettext_lazy("Small network: seconds per photo. Clean edges, skin looks flat."),
    "medium": gettext_lazy("Large network, narrow tile borders: fine texture, a little sooner."),
    "high": gettext_lazy(
        "Large network, wide tile borders: fine texture. Minutes per photo without a GPU."
    ),
    "max": gettext_lazy(
        "As high, averaged over eight turned and mirrored views: steadier detail, eight times the work."
    ),
}
MODELS: Mapping[str, _StrPromise] = {
    "auto": gettext_lazy("By quality"),
    "realesrgan-x4plus": gettext_lazy("Photos (x4plus)"),
    "realesrgan-x4plus-anime": gettext_lazy("Drawings and anime (x4plus anime)"),
    "realesr-animevideov3": gettext_lazy("Fast, illustration-like (animevideov3)"),
    "realesr-general-x4v3": gettext_lazy("Fast, photos, adjustable denoising (general x4v3)"),
    "realesrgan-x2plus": gettext_lazy("Photos, twice each side (x2plus)"),
}
FORMATS: Mapping[str, _StrPromise | str] = {
    "same": gettext_lazy("As uploaded"),
    "png": "PNG",
    "jpg": "JPEG",
    "webp": "WebP",
    "tiff": "TIFF",
}
ALPHA: Mapping[str, _StrPromise] = {
    "resize": gettext_lazy("Keep"),
    "model": gettext_lazy("Keep, enlarged by the network"),
    "drop": gettext_lazy("Leave it out"),
}
# Seconds of `ttl`.
KEEP_FOR: Mapping[str, _StrPromise] = {
    "3600": gettext_lazy("One hour"),
    "86400": gettext_lazy("One day"),
    "604800": gettext_lazy("One week"),
}
DEVICES: Mapping[str, _StrPromise] = {
    "cpu": gettext_lazy("Processor (CPU)"),
    "cuda": gettext_lazy("Graphics card (GPU)"),
}
NUMBER_FORMATS: Mapping[str, _StrPromise] = {
    "float32": gettext_lazy("32-bit numbers (float32)"),
    "bfloat16": gettext_lazy("16-bit numbers (bfloat16)"),
    "float16": gettext_lazy("16-bit numbers (float16)"),
}
LOSSY = ("JPEG", "WEBP")
# What a stored timing calls its stage where that is not the stage's own code.
TIMED = {"load": "loading_model"}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of a panel; `code` is shown in monospace behind the value."""

    label: str
    value: str
    code: str = ""


def option_facts(options: Mapping[str, Any], *, output_format: str) -> list[Fact]:
    """All options of one enlargement; the quality of the file only where the format has one."""
    chosen = {**EnhanceOptions().as_json(), **options}
    facts = [
        Fact(label=_("Scale"), value=_size_words(chosen)),
        Fact(label=_("Quality"), value=_word(QUALITY, chosen["quality_level"])),
        Fact(label=_("Network"), value=_word(MODELS, chosen["model"])),
        Fact(label=_("Format"), value=_word(FORMATS, chosen["output_format"])),
    ]
    if chosen["denoise"] is not None:
        facts.append(Fact(label=_("Denoising"), value=f"{chosen['denoise']:g}"))
    if output_format in LOSSY:
        facts.append(Fact(label=_("File quality"), value=str(chosen["jpeg_quality"])))
    keeps = chosen["keep_metadata"]
    facts += [
        Fact(label=_("Keep metadata"), value=_yes_no(keeps)),
        Fact(label=_("Keep the location (GPS)"), value=_yes_no(keeps and chosen["keep_gps"])),
        Fact(label=_("Transparency"), value=_word(ALPHA, chosen["alpha"])),
        *_face_facts(chosen),
        Fact(label=_("Tile size"), value=_tile_words(chosen["tile_size"])),
        Fact(label=_("Tile border"), value=_border_words(chosen["tile_pad"])),
    ]
    return facts


def _size_words(chosen: Mapping[str, Any]) -> str:
    if chosen["scale"] is not None:
        return _("%(scale)s ×") % {"scale": f"{chosen['scale']:g}"}
    if chosen["megapixels"] is not None:
        return _("to %(megapixels)s megapixels") % {"megapixels": f"{chosen['megapixels']:g}"}
    sides = {name: chosen[name] or _("any") for name in ("target_width", "target_height")}
    return _("to %(target_width)s × %(target_height)s pixels") % sides


def _face_facts(chosen: Mapping[str, Any]) -> list[Fact]:
    facts = [Fact(label=_("Restore faces"), value=_word(FACE_RESTORES, chosen["face_restore"]))]
    if chosen["face_restore"] != "off":
        which = (
            _("The photo is one aligned face") if chosen["aligned"] else faces_word(chosen["faces"])
        )
        facts += [
            Fact(label=_("Which faces"), value=which),
            Fact(label=_("Strength"), value=f"{chosen['fidelity']:g}"),
        ]
    facts.append(Fact(label=_("Redraw the background"), value=_yes_no(chosen["background"])))
    return facts


def stage_word(code: str) -> str:
    """A stage, or its code when it is none of ours."""
    return str(STAGES.get(TIMED.get(code, code), code))


def _word(words: Mapping[str, _StrPromise | str], code: str) -> str:
    return str(words.get(code, code))


def _yes_no(value: bool) -> str:  # noqa: FBT001  (a formatter of booleans)
    return _("yes") if value else _("no")


def _tile_words(tile: int | str) -> str:
    return _("automatic") if tile == "auto" else _("%(pixels)s pixels") % {"pixels": tile}


def _border_words(pad: int | None) -> str:
    return _("what the network needs") if pad is None else _("%(pixels)s pixels") % {"pixels": pad}
