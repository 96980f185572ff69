"""What OpenAPI says about each operation; the views stay short."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from enhance import options as choices
from enhance.api.serializers import (
    EnhanceRequestSerializer,
    EstimateRequestSerializer,
    ModelSerializer,
    ModelSwitchSerializer,
    ModelUploadSerializer,
    PlanSerializer,
    RetryRequestSerializer,
    SubmittedSerializer,
    TaskFilterSerializer,
    TaskSerializer,
)

TAGS = ["enhance"]
_TASK = "0199c0de-0000-7000-8000-000000000001"
_PLAN = {
    "network": "realesr-animevideov3", "denoise": None, "device": "cpu", "scale": 4.0,
    "output_width": 2048, "output_height": 2048,
    "output_format": "PNG", "jpeg_quality": 95, "bit_depth": 8, "tiles": 4, "views": 1,
    "enlarges_alpha": False, "units": 4, "resample": "none",
    "memory_bytes": 48_000_000, "seconds": 6.4,
    "passes": [
        {"width": 512, "height": 512, "tile": 400, "pad": 18, "feather": 0, "columns": 2, "rows": 2, "window": [280, 280], "batch": 1}
    ],
}  # fmt: skip
_SUBMITTED = OpenApiExample(
    "Accepted",
    value={
        "task_id": _TASK, "job": _TASK, "kind": "enhance.photo", "state": "queued",
        "status": "queued", "message": "The photo is queued.",
        "created_at": "2026-11-22T19:00:00.000000Z", "position": 1, "eta_seconds": 8.2, "plan": _PLAN,
    },
    response_only=True,
)  # fmt: skip
OPTIONS = [
    OpenApiParameter("scale", OpenApiTypes.FLOAT, description="1 to 16; the form field wins."),
    OpenApiParameter("target_width", OpenApiTypes.INT, description="Instead of `scale`: pixels."),
    OpenApiParameter("target_height", OpenApiTypes.INT, description="Instead of `scale`: pixels."),
    OpenApiParameter("megapixels", OpenApiTypes.FLOAT, description="Instead of `scale`."),
    OpenApiParameter(
        "quality_level",
        OpenApiTypes.STR,
        enum=[*choices.QUALITY_LEVELS, *choices.QUALITY_ALIASES],
    ),
    OpenApiParameter(
        "model",
        OpenApiTypes.STR,
        description="`auto` or a name of `GET /api/v1/enhance/models`; wins over the network of `quality_level`.",
    ),
    OpenApiParameter(
        "denoise", OpenApiTypes.FLOAT, description="0 to 1, of `realesr-general-x4v3`."
    ),
    OpenApiParameter("output_format", OpenApiTypes.STR, enum=choices.OUTPUT_FORMATS),
    OpenApiParameter("jpeg_quality", OpenApiTypes.INT, description="Of JPEG and WEBP."),
    OpenApiParameter("keep_metadata", OpenApiTypes.BOOL),
    OpenApiParameter("keep_gps", OpenApiTypes.BOOL),
    OpenApiParameter("strip_gps", OpenApiTypes.BOOL, description="The opposite of `keep_gps`."),
    OpenApiParameter("alpha", OpenApiTypes.STR, enum=choices.ALPHA_MODES),
    OpenApiParameter("tile_size", OpenApiTypes.STR, description="`auto` or 64 to 1024."),
    OpenApiParameter("tile_pad", OpenApiTypes.INT),
    OpenApiParameter("callback_url", OpenApiTypes.URI, description="Told when the job ends."),
]
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key with the same request is answered with the first task (200).",
)

SUBMIT: dict[str, Any] = {
    "operation_id": "enhance_submit",
    "summary": "Enlarge a photo",
    "tags": TAGS,
    "request": {"multipart/form-data": EnhanceRequestSerializer},
    "parameters": [*OPTIONS, KEY],
    "responses": {
        202: OpenApiResponse(SubmittedSerializer, description="Queued; `Location` is its status."),
        200: OpenApiResponse(
            SubmittedSerializer,
            description=(
                "The same request came before; with `sync=true` the picture itself, as `download` "
                "sends it, if it is finished within 30 seconds."
            ),
        ),
        409: OpenApiResponse(description="`idempotency_conflict`"),
        422: OpenApiResponse(
            description="`corrupt_image`, `too_many_pixels`, `output_too_large`, `jpeg_side_limit`, `webp_side_limit`, `too_large_for_device`, `target_out_of_range`, `model_missing`, `denoise_unavailable`"
        ),
    },
    "examples": [_SUBMITTED],
}
STATUS: dict[str, Any] = {
    "operation_id": "enhance_status",
    "summary": "Read one enlargement",
    "tags": TAGS,
    "responses": TaskSerializer,
}
DOWNLOAD: dict[str, Any] = {
    "operation_id": "enhance_download",
    "summary": "Fetch the finished picture",
    "tags": TAGS,
    "responses": {
        (200, "image/png"): OpenApiTypes.BINARY,
        (200, "image/jpeg"): OpenApiTypes.BINARY,
        (200, "image/webp"): OpenApiTypes.BINARY,
        (200, "image/tiff"): OpenApiTypes.BINARY,
        400: OpenApiResponse(description="`task_not_completed`"),
    },
}
TASKS: dict[str, Any] = {
    "operation_id": "enhance_tasks",
    "summary": "List your enlargements",
    "tags": TAGS,
    "parameters": [TaskFilterSerializer],
}
DELETE: dict[str, Any] = {
    "operation_id": "enhance_delete",
    "summary": "Delete an enlargement with its files",
    "tags": TAGS,
    "responses": {204: None},
}
CANCEL: dict[str, Any] = {
    "operation_id": "enhance_cancel",
    "summary": "Cancel an enlargement",
    "tags": TAGS,
    "request": None,
    "responses": TaskSerializer,
}
RETRY: dict[str, Any] = {
    "operation_id": "enhance_retry",
    "summary": "Enlarge the same photo again",
    "tags": TAGS,
    "request": RetryRequestSerializer,
    "responses": {
        202: SubmittedSerializer,
        409: OpenApiResponse(description="`not_retryable`, `source_gone`"),
    },
    "examples": [_SUBMITTED],
}
ESTIMATE: dict[str, Any] = {
    "operation_id": "enhance_estimate",
    "summary": "Plan an enlargement without uploading",
    "tags": TAGS,
    "request": EstimateRequestSerializer,
    "responses": {
        200: PlanSerializer,
        422: OpenApiResponse(
            description="`output_too_large`, `jpeg_side_limit`, `webp_side_limit`, `too_large_for_device`, `target_out_of_range`, `model_missing`, `denoise_unavailable`"
        ),
    },
    "examples": [OpenApiExample("Plan", value=_PLAN, response_only=True)],
}
MODELS: dict[str, Any] = {
    "operation_id": "enhance_models",
    "summary": "List the networks",
    "tags": TAGS,
    "responses": ModelSerializer(many=True),
}
MODEL_ADD: dict[str, Any] = {
    "operation_id": "enhance_models_add",
    "summary": "Add a network",
    "tags": TAGS,
    "request": {"multipart/form-data": ModelUploadSerializer},
    "responses": {
        202: OpenApiResponse(ModelSerializer, description="Stored; `job` checks it."),
        409: OpenApiResponse(description="`model_name_taken`"),
        413: OpenApiResponse(description="`too_large_model`"),
        415: OpenApiResponse(description="`unsupported_model_file`"),
        422: OpenApiResponse(description="`licence_not_accepted`"),
    },
}
MODEL_SWITCH: dict[str, Any] = {
    "operation_id": "enhance_models_switch",
    "summary": "Show or hide an added network",
    "tags": TAGS,
    "request": ModelSwitchSerializer,
    "responses": ModelSerializer,
}
MODEL_REMOVE: dict[str, Any] = {
    "operation_id": "enhance_models_remove",
    "summary": "Delete an added network",
    "tags": TAGS,
    "responses": {204: None, 409: OpenApiResponse(description="`model_in_use`")},
}
