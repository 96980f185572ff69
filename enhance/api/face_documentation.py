"""What OpenAPI says about the operations on faces."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from enhance.api.documentation import TAGS
from enhance.api.face_serializers import (
    FacesPreviewRequestSerializer,
    FacesPreviewSerializer,
    ReblendRequestSerializer,
    ReblendSerializer,
)
from enhance.api.serializers import TaskSerializer

PREVIEW: dict[str, Any] = {
    "operation_id": "enhance_faces_preview",
    "summary": "Find the faces of a photo before it is enlarged",
    "tags": TAGS,
    "request": {"multipart/form-data": FacesPreviewRequestSerializer},
    "parameters": [
        OpenApiParameter(
            "wait",
            OpenApiTypes.BOOL,
            description="Whether the answer waits for the search, 30 seconds at most; true by default.",
        )
    ],
    "responses": {
        200: OpenApiResponse(FacesPreviewSerializer, description="Searched."),
        202: OpenApiResponse(
            FacesPreviewSerializer, description="Still at it; `Location` has the answer later."
        ),
        503: OpenApiResponse(description="`model_unavailable`"),
    },
}
PREVIEW_DETAIL: dict[str, Any] = {
    "operation_id": "enhance_faces_preview_read",
    "summary": "Read the faces of a photo",
    "tags": TAGS,
    "responses": FacesPreviewSerializer,
}
REBLEND: dict[str, Any] = {
    "operation_id": "enhance_faces_change",
    "summary": "Change the restored faces of a result without a network",
    "tags": TAGS,
    "request": ReblendRequestSerializer,
    "responses": {
        202: OpenApiResponse(ReblendSerializer, description="Queued; a new version follows."),
        200: OpenApiResponse(TaskSerializer, description="The result shows that already."),
        400: OpenApiResponse(description="`unknown_face`, `task_not_completed`"),
        409: OpenApiResponse(
            description="`face_not_restored`, `parts_gone`, `reblend_in_progress`"
        ),
    },
    "examples": [
        OpenApiExample(
            "One face weaker, one not at all",
            value={"faces": [{"index": 0, "fidelity": 0.5}, {"index": 2, "enabled": False}]},
            request_only=True,
        )
    ],
}
