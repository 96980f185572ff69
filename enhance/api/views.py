"""`/api/v1/enhance`, `status`, `download`, `tasks`: the caller's own enlargements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from enhance.api import documentation as docs
from enhance.api.payload import STATUSES, enhancement_payloads, submitted_payload
from enhance.api.serializers import (
    EstimateRequestSerializer,
    TaskFilterSerializer,
    TaskSerializer,
)
from enhance.handling import Handling, split_handling
from enhance.models import Enhancement
from enhance.names import name_of_result
from enhance.options import EnhanceOptions
from enhance.policy import UPLOADS
from enhance.services.device import current_device, default_quality
from enhance.services.erase import delete_enhancement
from enhance.services.estimate import plan_enlargement
from enhance.services.retry import retry_enhancement
from enhance.services.submit import submit_enhancement
from project.api.parsers import BoundedJSONParser
from project.errors import ServiceError
from project.images import errors as image_errors
from project.images.renditions import Rendition
from project.images.serving import serve_image
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from project.realtime.held_answer import hold_for


def caller(request: Request) -> User:
    """The signed-in user; the permission class lets nobody else through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def own_enhancement(request: Request, task_id: UUID) -> Enhancement:
    """The caller's enlargement, or 404: a stranger's is as absent as one that never was."""
    return get_object_or_404(Enhancement.objects.visible_to(request.user).with_job(), pk=task_id)


def uploaded_file(request: Request) -> File[Any]:
    """The picture of a multipart request, or ServiceError `file_missing`."""
    upload = request.FILES.get("file")
    if not isinstance(upload, File):
        detail = _("Send the picture as the multipart field file.")
        raise ServiceError(
            detail,
            code="file_missing",
            fields={"file": [{"code": "required", "detail": detail}]},
        )
    return upload


class EnhanceView(APIView):
    """Submitting a photo."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [MultiPartParser]

    @extend_schema(**docs.SUBMIT)
    def post(self, request: Request) -> Response:
        """Queue one photo; options come as form fields or in the query, the form wins."""
        upload = uploaded_file(request)
        form = {name: value for name, value in mapping(request.data).items() if name != "file"}
        given = {**request.query_params.dict(), **form}
        callback_url = given.pop("callback_url", "")
        handling, options = split_handling(given)
        submitted = submit_enhancement(
            owner=caller(request),
            upload=upload,
            options=options,
            idempotency_key=request.headers.get("Idempotency-Key"),
            callback_url=callback_url,
            handling=handling,
        )
        response = accepted(submitted.enhancement, created=submitted.created)
        return _or_picture(response, submitted.enhancement, handling)


def accepted(enhancement: Enhancement, *, created: bool = True) -> Response:
    """202 with the place to ask, or 200 when the request came before."""
    response = Response(
        submitted_payload(enhancement),
        status=status.HTTP_202_ACCEPTED if created else status.HTTP_200_OK,
        headers={"Location": reverse("enhance_api:status", args=[enhancement.pk])},
    )
    if not created:
        response["Idempotent-Replay"] = "true"
    return response


def _or_picture(response: Response, enhancement: Enhancement, handling: Handling) -> Response:
    """With `sync` the picture takes the place of `response` if it is finished in time."""
    if handling.sync:
        path = reverse("enhance_api:download", args=[enhancement.pk])
        hold_for(response, job=enhancement.pk, path=path)
    return response


class StatusView(APIView):
    """One enlargement."""

    required_scope = "jobs:read"

    @extend_schema(**docs.STATUS)
    def get(self, request: Request, task_id: UUID) -> Response:
        """State, progress, plan and result."""
        return Response(enhancement_payloads([own_enhancement(request, task_id)])[0])


class DownloadView(APIView):
    """The finished picture."""

    required_scope = "images:read"

    @extend_schema(**docs.DOWNLOAD)
    def get(self, request: Request, task_id: UUID) -> HttpResponseBase:
        """The file with its name and ETag; 400 `task_not_completed` before the end."""
        enhancement = own_enhancement(request, task_id)
        if enhancement.job.state != Job.State.SUCCEEDED:
            raise ServiceError(
                _("The task is not completed."),
                code="task_not_completed",
                extra={"state": enhancement.job.state},
            )
        if enhancement.result is None:
            raise Http404
        try:
            return serve_image(
                request._request,
                enhancement.result,
                Rendition.ORIGINAL,
                as_attachment=True,
                name=name_of_result(enhancement),
            )
        except FileNotFoundError as error:
            raise Http404 from error


class TaskListView(ListAPIView[Enhancement]):
    """The caller's enlargements."""

    required_scope = "jobs:read"
    serializer_class = TaskSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Enhancement]:
        """Own rows only, as far as the query does not narrow them."""
        rows = Enhancement.objects.visible_to(self.request.user).with_job()
        filters = TaskFilterSerializer(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        if "status" in asked:
            rows = rows.filter(
                job__state__in=[s for s, w in STATUSES.items() if w == asked["status"]]
            )
        if "batch" in asked:
            rows = rows.filter(batch_item__batch=asked["batch"])
        if "name" in asked:
            rows = rows.filter(source_name__icontains=asked["name"])
        return rows

    @extend_schema(**docs.TASKS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page, newest first."""
        del args, kwargs
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(enhancement_payloads(page or []))


class TaskView(APIView):
    """Deleting an enlargement."""

    required_scope = {"DELETE": "jobs:write"}

    @extend_schema(**docs.DELETE)
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Cancel the job and remove its rows and files."""
        delete_enhancement(enhancement=own_enhancement(request, task_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CancelView(APIView):
    """Stopping an enlargement."""

    required_scope = "jobs:write"

    @extend_schema(**docs.CANCEL)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Ends at once while queued, after the current tile while processing."""
        enhancement = own_enhancement(request, task_id)
        enhancement.job = cancel_job(job=enhancement.job)
        return Response(enhancement_payloads([enhancement])[0])


class RetryView(APIView):
    """The same photo once more."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(**docs.RETRY)
    def post(self, request: Request, task_id: UUID) -> Response:
        """A new task with the same original; the body may replace single options."""
        enhancement = own_enhancement(request, task_id)
        handling, changes = split_handling({**request.query_params.dict(), **mapping(request.data)})
        again = retry_enhancement(enhancement=enhancement, changes=changes, handling=handling)
        return _or_picture(accepted(again), again, handling)


class EstimateView(APIView):
    """The cost before the upload."""

    required_scope = "jobs:read"
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(**docs.ESTIMATE)
    def post(self, request: Request) -> Response:
        """Passes, tiles, size, memory, and seconds once this server knows its rate."""
        _, asked = split_handling({**request.query_params.dict(), **mapping(request.data)})
        serializer = EstimateRequestSerializer(data=asked)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        width, height = given.pop("width"), given.pop("height")
        if width * height > UPLOADS.max_pixels:
            raise image_errors.too_many_pixels(UPLOADS, width=width, height=height)
        device = current_device()
        source = {name: given.pop(name) for name in ("source_format", "bit_depth", "has_alpha")}
        options = EnhanceOptions(**{"quality_level": default_quality(device), **given})
        plan = plan_enlargement(
            width=width, height=height, options=options, device=device, **source
        )
        return Response({**plan.as_json(), "options": options.as_json()})


def mapping(data: Any) -> dict[str, Any]:
    """A form or a JSON object as a plain dict; ServiceError for any other JSON."""
    if hasattr(data, "items"):
        return dict(data.items())
    raise ServiceError(_("Send a JSON object."), code="invalid")
