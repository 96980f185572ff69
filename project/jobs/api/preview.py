"""`/api/v1/jobs/{id}/preview/`: the unfinished result of the caller's own running job."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from project.images.serving import protect
from project.jobs.api.views import own_job
from project.jobs.previews import newest_preview

MEDIA_TYPE = "image/webp"
VERSION_HEADER = "X-Preview-Version"


class JobPreview(APIView):
    """The live preview."""

    required_scope = "images:read"

    @extend_schema(
        operation_id="jobs_preview",
        summary="See the unfinished result of one job",
        description=(
            "A small WEBP with the shape of the picture; what is not finished is transparent. "
            "The event `partial` carries the newest version as `data.preview`. It is gone when "
            "the job has ended."
        ),
        parameters=[
            OpenApiParameter(
                VERSION_HEADER, OpenApiTypes.INT, OpenApiParameter.HEADER, response=[200]
            )
        ],
        responses={
            (200, MEDIA_TYPE): OpenApiTypes.BINARY,
            204: OpenApiResponse(description="There is none (yet)."),
        },
    )
    def get(self, request: Request, pk: Any) -> HttpResponse:
        """The newest picture, or 204."""
        preview = newest_preview(own_job(request, pk))
        if preview is None:
            response = HttpResponse(status=204)
        else:
            response = HttpResponse(preview.content, content_type=MEDIA_TYPE)
            response[VERSION_HEADER] = str(preview.version)
        protect(response, may_be_kept=False)
        return response
