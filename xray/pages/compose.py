"""The form for new films: what it shows, and what its script must know."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from project.jobs.codes import STAGES
from project.jobs.models import Job
from xray.choices import VersionStatus
from xray.ingest.limits import current_limits
from xray.kind import STUDY_STAGES
from xray.models import ModelVersion
from xray.pages.forms import SendForm
from xray.pages.report import availability
from xray.services.versions import NAME

ACCEPT = ".png,.jpg,.jpeg,.gif,.bmp,.tif,.tiff,.dcm,.dicom,application/dicom,image/*"
UNDER_MORE = ("patient_key", "prior")


def compose_context(*, form: SendForm, file_errors: list[str] | None = None) -> dict[str, Any]:
    """The form, its limits, and whether anything can be analysed at all."""
    limits = current_limits()
    active = ModelVersion.objects.filter(name=NAME, status=VersionStatus.ACTIVE)
    given = form.data if form.is_bound else form.initial
    return {
        "send": form,
        "file_errors": file_errors or [],
        "form_errors": form.non_field_errors() if form.is_bound else [],
        "opens_more": any(given.get(name) for name in UNDER_MORE),
        "availability": availability(),
        "has_model": active.exists(),
        "limits": {
            "megabytes": limits.raster_max_bytes // 1_000_000,
            "megapixels": limits.raster_max_pixels // 1_000_000,
            "dicom_megabytes": limits.dicom_max_bytes // 1_000_000,
            "dicom_megapixels": limits.dicom_max_pixels // 1_000_000,
        },
        "accept": ACCEPT,
        "xray_data": script_data(),
    }


def script_data() -> dict[str, Any]:
    """Addresses, limits and words of the scripts of this room."""
    return {
        "urls": {
            "submit": reverse("xray_api:studies"),
            "page": reverse("xray:list"),
        },
        "max_bytes": max(current_limits().dicom_max_bytes, current_limits().raster_max_bytes),
        "states": {state.value: str(state.label) for state in Job.State},
        "stages": {code: str(text) for code, text in {**STAGES, **STUDY_STAGES}.items()},
        "words": {
            "analyse": _("Analyse"),
            "analyse_one": _("Analyse %(count)s film"),
            "analyse_other": _("Analyse %(count)s films"),
            "empty_file": _("The file is empty."),
            "too_large": _("The file is too large. At most %(size)s."),
            "waiting": _("Waits for its turn"),
            "uploading": _("Uploading, %(percent)s"),
            "checking": _("Uploaded; the server removes personal data and checks the film"),
            "no_preview": _("Preview after the upload"),
            "pause": _("Many at once: continues in %(time)s"),
            "offline": _("The server could not be reached. The film is kept here; try again."),
            "no_answer": _("The server gave no usable answer (%(status)s). Try again."),
            "quote": _("Code to quote: %(code)s"),
            "queued": _("%(name)s is queued."),
            "known": _("%(name)s was sent before; its study is shown."),
            "refused": _("%(name)s was not accepted: %(reason)s"),
            "added_one": _("%(count)s film added."),
            "added_other": _("%(count)s films added."),
            "removed": _("%(name)s removed."),
            "stopping": _("Stopping"),
            "step": _("Step %(done)s of %(total)s: %(stage)s"),
            "place": _("place %(position)s in the queue"),
            "next": _("next in the queue"),
            "draft_empty": _("The language model has not written anything yet."),
        },
    }
