"""Faces before a run, and other faces after it. Nothing here runs a network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enhance.api import face_documentation as docs
from enhance.api.face_serializers import WaitSerializer
from enhance.api.payload import enhancement_payloads
from enhance.api.views import caller, mapping, own_enhancement, uploaded_file
from enhance.faces.payload import preview_payload, reblend_payload
from enhance.handling import split_handling
from enhance.models import FacesPreview
from enhance.services.faces_preview import submit_faces_preview
from enhance.services.reblend import parse_changes, reblend_faces
from project.api.parsers import BoundedJSONParser
from project.errors import ServiceError
from project.jobs.models import Job
from project.realtime.held_answer import hold_for


class FacesPreviewView(APIView):
    """Finding the faces of a photo."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [MultiPartParser]

    @extend_schema(**docs.PREVIEW)
    def post(self, request: Request) -> Response:
        """Boxes and aligned thumbnails; 202 at once on `wait=false`, or when it takes long."""
        upload = uploaded_file(request)
        form = {name: value for name, value in mapping(request.data).items() if name != "file"}
        _, options = split_handling({**request.query_params.dict(), **form})
        waits = _waits(options)
        preview = submit_faces_preview(owner=caller(request), upload=upload, options=options)
        response = _answer(preview)
        if waits:
            path = reverse("enhance_api:faces_preview", args=[preview.pk])
            hold_for(response, job=preview.pk, path=path)
        return response


class FacesPreviewDetailView(APIView):
    """One preview."""

    required_scope = "jobs:read"

    @extend_schema(**docs.PREVIEW_DETAIL)
    def get(self, request: Request, preview_id: UUID) -> Response:
        """What was found, or how the search stands."""
        visible = FacesPreview.objects.visible_to(request.user).select_related("job", "source")
        return _answer(get_object_or_404(visible, pk=preview_id), accepted=status.HTTP_200_OK)


class FacesView(APIView):
    """The faces of one enlargement."""

    required_scope = {"PATCH": "jobs:write"}
    throttle_scope = "submit"
    parser_classes = [BoundedJSONParser]

    @extend_schema(**docs.REBLEND)
    def patch(self, request: Request, task_id: UUID) -> Response:
        """Queue a blend with other faces; 200 with the task when nothing would change."""
        enhancement = own_enhancement(request, task_id)
        changes = parse_changes(mapping(request.data).get("faces"))
        blend = reblend_faces(enhancement=enhancement, changes=changes)
        if blend is None:
            return Response(enhancement_payloads([enhancement])[0])
        return Response(
            reblend_payload(blend),
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("enhance_api:status", args=[task_id])},
        )


def _waits(options: dict[str, Any]) -> bool:
    """Taken out of `options`, which are judged elsewhere."""
    serializer = WaitSerializer(data={"wait": options.pop("wait")} if "wait" in options else {})
    serializer.is_valid(raise_exception=True)
    return bool(serializer.validated_data["wait"])


def _answer(preview: FacesPreview, *, accepted: int = status.HTTP_202_ACCEPTED) -> Response:
    """A search that failed is an error of the request for its answer."""
    payload = preview_payload(preview)
    if preview.job.state == Job.State.FAILED:
        error = payload["error"] or {}
        raise ServiceError(
            error.get("detail") or _("The faces could not be searched."),
            code=error.get("code") or "preview_failed",
            status=503,
        )
    ended = preview.job.is_terminal
    return Response(
        payload,
        status=status.HTTP_200_OK if ended else accepted,
        headers={"Location": reverse("enhance_api:faces_preview", args=[preview.pk])},
    )
