"""What OpenAPI says about each operation; the views stay short."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    inline_serializer,
)
from rest_framework import serializers

from project.jobs.api.serializers import JobSerializer
from xray.api.serializers import (
    AuditSerializer,
    ComparisonSerializer,
    CorrectSerializer,
    ModelVersionSerializer,
    RegenerateSerializer,
    ReportSerializer,
    ReviewSerializer,
    StudySerializer,
    StudyUploadSerializer,
    SubmittedStudySerializer,
    WorklistFilterSerializer,
)
from xray.choices import Language

TAGS = ["xray"]
_STUDY = "0199c0de-0000-7000-8000-0000000000a1"
_SUBMITTED = OpenApiExample(
    "Accepted",
    value={
        "study_id": _STUDY, "job": _STUDY, "kind": "xray.study", "state": "queued",
        "status": "deidentified", "page_url": f"/xray/{_STUDY}/",
        "created_at": "2026-11-26T19:00:00.000000Z", "queue_position": 1, "eta_seconds": 1.4,
        "mode": "structured", "use_ollama": False, "language": "en", "duplicate": False,
        "message": "The film is queued.", "url": f"/api/v1/xray/studies/{_STUDY}/",
        "ws_url": "/ws/v1/feed/",
    },
    response_only=True,
)  # fmt: skip
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key with the same request is answered with the first study (200).",
)
_REGENERATED = inline_serializer(
    "XrayRegenerated",
    {"report": ReportSerializer(allow_null=True), "job": JobSerializer(allow_null=True)},
)
_REVIEWED = inline_serializer(
    "XrayReviewed", {"report": ReportSerializer(), "envelope": serializers.DictField()}
)

WORKLIST: dict[str, Any] = {
    "operation_id": "xray_worklist",
    "summary": "List your studies",
    "tags": TAGS,
    "parameters": [WorklistFilterSerializer],
}
SUBMIT: dict[str, Any] = {
    "operation_id": "xray_submit",
    "summary": "Analyse a chest X-ray",
    "description": "The film is de-identified before anything is stored. Several films as `files[]` "
    "are several studies; the answer then is `{studies, accepted, refused}` with one item for each. "
    "Each film counts against the rate of submitting: those above it are `throttled` items.",
    "tags": TAGS,
    "request": {"multipart/form-data": StudyUploadSerializer},
    "parameters": [KEY],
    "responses": {
        202: OpenApiResponse(
            SubmittedStudySerializer, description="Queued; `Location` is the study."
        ),
        200: OpenApiResponse(
            SubmittedStudySerializer,
            description="You sent this film before (`duplicate`), or this request; with `sync=true` the "
            "finished study, if it is ready within 30 seconds.",
        ),
        409: OpenApiResponse(
            description="`idempotency_conflict`, `not_same_patient`, `callback_taken`"
        ),
        413: OpenApiResponse(description="`too_large`"),
        415: OpenApiResponse(
            description="`not_an_image`, `unsupported_format`, `unsupported_transfer_syntax`"
        ),
        422: OpenApiResponse(
            description="`pixel_limit`, `truncated`, `no_pixel_data`, `multi_frame`, `population_mismatch`, `too_many_files`"
        ),
        503: OpenApiResponse(description="`model_unavailable`"),
    },
    "examples": [_SUBMITTED],
}
DETAIL: dict[str, Any] = {
    "operation_id": "xray_study",
    "summary": "Read one study",
    "tags": TAGS,
    "responses": StudySerializer,
}
DELETE: dict[str, Any] = {
    "operation_id": "xray_delete",
    "summary": "Delete a study with its files",
    "tags": TAGS,
    "responses": {204: None},
}
CORRECT: dict[str, Any] = {
    "operation_id": "xray_correct",
    "summary": "Analyse a refused film corrected",
    "tags": TAGS,
    "request": CorrectSerializer,
    "responses": {
        202: SubmittedStudySerializer,
        409: OpenApiResponse(description="`not_refused`, `source_gone`"),
        503: OpenApiResponse(description="`model_unavailable`"),
    },
    "examples": [_SUBMITTED],
}
RESULT: dict[str, Any] = {
    "operation_id": "xray_result",
    "summary": "Fetch the report as JSON",
    "tags": TAGS,
    "responses": {
        200: OpenApiResponse(OpenApiTypes.OBJECT, description="The envelope."),
        409: OpenApiResponse(description="`not_reported`, `analysis_cancelled`"),
        422: OpenApiResponse(
            description="`not_chest_xray`, `inverted_or_rotated`, `low_quality`; `repair` says what would help."
        ),
        500: OpenApiResponse(
            description="`analysis_failed` with `error_code`; 422, 503 or 504 where one fits better."
        ),
    },
}
REGENERATE: dict[str, Any] = {
    "operation_id": "xray_regenerate",
    "summary": "Ask for another report",
    "description": "A text by the language model takes the place of the one before. Where somebody has signed that "
    "one, `report_signed` names its `digest`: send it as `replaces` to confirm.",
    "tags": TAGS,
    "request": RegenerateSerializer,
    "parameters": [KEY],
    "responses": {
        200: OpenApiResponse(_REGENERATED, description="The structured report."),
        202: OpenApiResponse(_REGENERATED, description="The language model's report is queued."),
        409: OpenApiResponse(description="`not_reported`, `report_signed`, `idempotency_conflict`"),
    },
}
REVIEW: dict[str, Any] = {
    "operation_id": "xray_review",
    "summary": "Sign a report",
    "description": "The figures of the classifier cannot be edited. The report that was read is superseded by "
    "a version that carries the review; edited sentences are marked as the reviewer's.",
    "tags": TAGS,
    "request": ReviewSerializer,
    "responses": {
        200: _REVIEWED,
        409: OpenApiResponse(description="`report_superseded`"),
        422: OpenApiResponse(description="`figures_changed`, `nothing_edited`"),
    },
}
AUDIT: dict[str, Any] = {
    "operation_id": "xray_audit",
    "summary": "Read the trail of a study",
    "tags": TAGS,
    "parameters": [
        OpenApiParameter("cursor", OpenApiTypes.STR),
        OpenApiParameter("page_size", OpenApiTypes.INT),
    ],
    "responses": inline_serializer(
        "XrayAuditPage",
        {
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
            "results": AuditSerializer(many=True),
        },
    ),
}
COMPARE: dict[str, Any] = {
    "operation_id": "xray_compare",
    "summary": "Set a prior film beside a study",
    "tags": TAGS,
    "parameters": [OpenApiParameter("language", OpenApiTypes.STR, enum=Language.values)],
    "responses": {
        200: ComparisonSerializer,
        409: OpenApiResponse(description="`not_same_patient`, `not_reported`"),
    },
}
MODELS: dict[str, Any] = {
    "operation_id": "xray_models",
    "summary": "List the classifiers",
    "tags": TAGS,
    "responses": ModelVersionSerializer(many=True),
}
ACTIVATE: dict[str, Any] = {
    "operation_id": "xray_models_activate",
    "summary": "Let a classifier serve",
    "tags": TAGS,
    "request": None,
    "responses": {
        200: ModelVersionSerializer,
        409: OpenApiResponse(
            description="`version_below_goals` (`missed` names each), `model_file_missing`, `already_active`"
        ),
    },
}
