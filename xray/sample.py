"""The sample job of this room: a composite radiograph of nobody, with an opacity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from project.samples import Sample, SampleFile, SampleRequest
from xray.kind import STUDY

SAMPLES = Path(__file__).resolve().parent / "samples"
NORMAL, OPACITY = "composite-normal.png", "composite-opacity.png"


def make_request() -> SampleRequest:
    """Submit the composite with the opacity."""
    return SampleRequest(
        path="/api/v1/xray/studies/",
        fields={"mode": "structured", "patient_key": "composite, not a patient"},
        files={
            "file": SampleFile(
                name=OPACITY, content=(SAMPLES / OPACITY).read_bytes(), content_type="image/png"
            )
        },
        note=str(_("a composite of many films, no patient")),
    )


def report_of(get: Callable[[str], Mapping[str, Any]], job: Mapping[str, Any]) -> str:
    """The address of the finished report as a PDF."""
    del get
    return reverse("xray_api:report_pdf", args=[job["job"]])


SAMPLE = Sample(
    kind=STUDY,
    label=_("Analyse a composite chest X-ray"),
    make_request=make_request,
    find_result=report_of,
)
