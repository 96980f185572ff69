"""What OpenAPI says about the operations on batches."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from enhance.api.batch_serializers import (
    BatchFileSerializer,
    BatchRequestSerializer,
    BatchSerializer,
)
from enhance.api.documentation import KEY, OPTIONS, TAGS
from enhance.api.serializers import SubmittedSerializer

SUBMIT: dict[str, Any] = {
    "operation_id": "enhance_batch_submit",
    "summary": "Enlarge several photos",
    "description": (
        "Each photo is queued before the next is stored. One that is refused is a failed item with "
        "its code; the others go on. Send no file but `photos` to announce a batch whose photos "
        "follow one by one."
    ),
    "tags": TAGS,
    "request": {
        "multipart/form-data": BatchRequestSerializer,
        "application/json": BatchRequestSerializer,
    },
    "parameters": [*OPTIONS, KEY],
    "responses": {
        202: OpenApiResponse(BatchSerializer, description="Queued; `Location` is its status."),
        200: OpenApiResponse(BatchSerializer, description="The same request came before."),
        409: OpenApiResponse(description="`idempotency_conflict`"),
        422: OpenApiResponse(description="`too_many_files`"),
    },
}
FILES: dict[str, Any] = {
    "operation_id": "enhance_batch_add",
    "summary": "Add one photo to an announced batch",
    "tags": TAGS,
    "request": {"multipart/form-data": BatchFileSerializer},
    "parameters": [*OPTIONS, KEY],
    "responses": {
        202: SubmittedSerializer,
        409: OpenApiResponse(description="`batch_closed`, `idempotency_conflict`"),
        422: OpenApiResponse(description="`too_many_files`, and the refusals of one photo"),
    },
}
CLOSE: dict[str, Any] = {
    "operation_id": "enhance_batch_close",
    "summary": "Say that no more photos follow",
    "tags": TAGS,
    "request": None,
    "responses": BatchSerializer,
}
STATUS: dict[str, Any] = {
    "operation_id": "enhance_batch_status",
    "summary": "Read one batch",
    "tags": TAGS,
    "responses": BatchSerializer,
}
DOWNLOAD: dict[str, Any] = {
    "operation_id": "enhance_batch_download",
    "summary": "Fetch the finished photos as a ZIP",
    "description": (
        "Stored without recompression and written while it is sent; `manifest.json` comes last and "
        "holds options, sha256 and status of every photo. No Range, no length in advance."
    ),
    "tags": TAGS,
    "responses": {
        (200, "application/zip"): OpenApiTypes.BINARY,
        400: OpenApiResponse(description="`task_not_completed`"),
    },
}
DELETE: dict[str, Any] = {
    "operation_id": "enhance_batch_delete",
    "summary": "Delete a batch with its files",
    "tags": TAGS,
    "responses": {204: None},
}
CANCEL: dict[str, Any] = {
    "operation_id": "enhance_batch_cancel",
    "summary": "Cancel what is left of a batch",
    "tags": TAGS,
    "request": None,
    "responses": BatchSerializer,
}
RETRY: dict[str, Any] = {
    "operation_id": "enhance_batch_retry",
    "summary": "Run the failed photos of a batch again",
    "description": "Makes a new batch; photos that were refused at the door are not stored.",
    "tags": TAGS,
    "request": None,
    "responses": {
        202: BatchSerializer,
        409: OpenApiResponse(description="`not_retryable`, `nothing_to_retry`"),
    },
}
