"""What OpenAPI says about the exports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from xray.choices import Language
from xray.exports.dicom_sr import TEMPLATES
from xray.services.study_pictures import ALPHA_STEP

TAGS = ["xray"]
VERSION = OpenApiParameter(
    "version",
    OpenApiTypes.INT,
    description="Number of the version; without it the newest one. A superseded one is 409.",
)
LANGUAGE = OpenApiParameter(
    "language",
    OpenApiTypes.STR,
    enum=Language.values,
    description="By default that of the study. The structured report is written in it if need be.",
)
REFUSALS = {
    404: OpenApiResponse(description="`not_found`, `report_version_missing`"),
    409: OpenApiResponse(description="`report_not_ready`, `study_refused`, `report_superseded`"),
}
WITH_PICTURES = {
    **REFUSALS,
    409: OpenApiResponse(
        description="`report_not_ready`, `study_refused`, `report_superseded`, `film_gone`"
    ),
    503: OpenApiResponse(description="`export_unavailable`"),
}
_SAME = "The ETag changes with the report: `If-None-Match` is answered with 304."


def _export(name: str, summary: str, description: str, **changes: Any) -> dict[str, Any]:
    return {
        "operation_id": f"xray_report_{name}",
        "summary": summary,
        "description": f"{description} {_SAME}",
        "tags": TAGS,
        "parameters": [VERSION, LANGUAGE],
        **changes,
    }


JSON = _export(
    "json",
    "Fetch the report as JSON",
    "The envelope and `signature`, a keyed seal that `manage.py xray_verify_report` verifies here.",
    responses={(200, "application/json"): OpenApiTypes.OBJECT, **REFUSALS},
)
PDF = _export(
    "pdf",
    "Fetch the report as a PDF",
    "English or Chinese, with film and overlay.",
    responses={(200, "application/pdf"): OpenApiTypes.BINARY, **WITH_PICTURES},
)
FHIR = _export(
    "fhir",
    "Fetch the report as FHIR R4",
    "A Bundle with DiagnosticReport, Observation, ImagingStudy, Device and Patient.",
    responses={(200, "application/fhir+json"): OpenApiTypes.OBJECT, **REFUSALS},
)
SR = _export(
    "sr",
    "Fetch the report as a DICOM structured report",
    "TID 1500 with figures, or a Basic Text SR; UNVERIFIED until somebody signed.",
    parameters=[
        VERSION,
        LANGUAGE,
        OpenApiParameter("template", OpenApiTypes.STR, enum=list(TEMPLATES)),
    ],
    responses={
        (200, "application/dicom"): OpenApiTypes.BINARY,
        **REFUSALS,
        409: OpenApiResponse(description="`report_not_ready`, `study_refused`, `nothing_measured`"),
    },
)
SC = _export(
    "sc",
    "Fetch the overlay as a DICOM secondary capture",
    "Film, heat map, figures and banner in the pixels; a new object of a new study.",
    responses={(200, "application/dicom"): OpenApiTypes.BINARY, **WITH_PICTURES},
)
HEATMAP: dict[str, Any] = {
    "operation_id": "xray_heatmap",
    "summary": "Fetch the heat map over the film",
    "description": (
        "At most 2048 pixels a side. Right of the patient is left of the picture. The map explains "
        "the score; it does not claim a place."
    ),
    "tags": TAGS,
    "parameters": [
        OpenApiParameter(
            "alpha",
            OpenApiTypes.FLOAT,
            description=f"Opacity of the hottest place, 0 to 1, in steps of {ALPHA_STEP}; 0.55.",
        ),
        OpenApiParameter(
            "contour", OpenApiTypes.BOOL, description="An outline at half of the maximum."
        ),
        OpenApiParameter(
            "layer", OpenApiTypes.BOOL, description="The map alone, transparent, without the film."
        ),
    ],
    "responses": {
        (200, "image/png"): OpenApiTypes.BINARY,
        404: OpenApiResponse(description="`not_found`, `heatmap_missing`"),
        409: OpenApiResponse(description="`film_gone`"),
    },
}
