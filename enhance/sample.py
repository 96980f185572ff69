"""The sample job of this service: a real photo, four times larger, with the real weights."""

from __future__ import annotations

import io
import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from enhance.kind import KEY
from enhance.options import QualityLevel
from enhance.services.device import current_device
from project.samples import Sample, SampleFile, SampleRequest

SIDE = 512
SCALE = 4
# Seconds of one thread for the whole photo, by what the processor offers: the figures and the
# command that measures them are in docs/models/realesrgan.md.
HIGH_SECONDS_WITH_AMX = 75.0
FAST_SECONDS = 10.0
MAX_SECONDS = 90.0


def astronaut() -> bytes:
    """scikit-image's portrait of Eileen Collins (NASA, public domain), 512 x 512 PNG."""
    from PIL import Image
    from skimage import data

    buffer = io.BytesIO()
    picture = data.astronaut()  # type: ignore[no-untyped-call]  # it has no annotations
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def choose_quality(
    *, device: str, cpu_flags: frozenset[str], cores: int
) -> tuple[QualityLevel, float | None]:
    """The best quality that ends within MAX_SECONDS, and its estimate where one is known."""
    if device == "cuda":
        return "high", None
    if "amx_bf16" in cpu_flags and cores > 1 and HIGH_SECONDS_WITH_AMX <= MAX_SECONDS:
        return "high", HIGH_SECONDS_WITH_AMX
    return "fast", FAST_SECONDS


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The instruction sets of the processor; empty where the system does not list them."""
    if not cpuinfo.is_file():
        return frozenset()
    lines = (
        line
        for line in cpuinfo.read_text("ascii", "replace").splitlines()
        if line.startswith("flags")
    )
    return frozenset(next(lines, "").partition(":")[2].split())


def make_request() -> SampleRequest:
    """Submit the astronaut in the quality that fits this machine."""
    quality, seconds = choose_quality(
        device=current_device(), cpu_flags=cpu_flags(), cores=os.cpu_count() or 1
    )
    return SampleRequest(
        path="/api/v1/enhance",
        fields={
            "scale": str(SCALE),
            "quality_level": quality,
            "output_format": "png",
            "cache": "false",  # it is to show that the networks run
        },
        files={
            "file": SampleFile(name="astronaut.png", content=astronaut(), content_type="image/png")
        },
        estimate_seconds=seconds,
        note=str(_("quality %(quality)s, %(side)d x %(side)d, 4 x"))
        % {"quality": quality, "side": SIDE},
    )


SAMPLE = Sample(kind=KEY, label=_("Enlarge a photo four times"), make_request=make_request)
