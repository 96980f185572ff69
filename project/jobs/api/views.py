"""`/api/v1/jobs/`: the caller's own jobs, whatever role they hold."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.jobs.api.filters import EventPages, JobFilter, JobPages
from project.jobs.api.payload import job_payloads
from project.jobs.api.serializers import JobEventSerializer, JobSerializer
from project.jobs.cancel import cancel_job
from project.jobs.favourite import set_favourite
from project.jobs.models import Job, JobEvent
from project.jobs.retry import retry_job

POLL_AGAIN_SECONDS = 2


def own_job(request: Request, pk: Any) -> Job:
    """The caller's job, or 404: a stranger's is as absent as one that never was."""
    return get_object_or_404(Job.objects.visible_to(request.user), pk=pk)


@method_decorator(conditional_page, name="dispatch")
class JobList(ListAPIView[Job]):
    """The list, and the polling fallback of the live feed."""

    required_scope = "jobs:read"
    serializer_class = JobSerializer
    pagination_class = JobPages
    filterset_class = JobFilter

    def get_queryset(self) -> QuerySet[Job]:
        """The caller's jobs."""
        return Job.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="jobs_list",
        summary="List your jobs",
        description=(
            "For polling send `updated_since` with the newest `updated_at` you know, less five "
            "seconds, and `If-None-Match`; the answer says in `Retry-After` when to ask again."
        ),
        parameters=[
            OpenApiParameter("ordering", OpenApiTypes.STR, enum=sorted(JobPages.ORDERINGS)),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of jobs."""
        del args, kwargs
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        response = self.get_paginated_response(job_payloads(page or []))
        if "updated_since" in request.query_params:
            response["Retry-After"] = str(POLL_AGAIN_SECONDS)
        return response


class JobDetail(APIView):
    """One job."""

    required_scope = "jobs:read"

    @extend_schema(operation_id="jobs_read", summary="Read one job", responses=JobSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        """The job."""
        return Response(job_payloads([own_job(request, pk)])[0])


class JobEvents(ListAPIView[JobEvent]):
    """The history of one job."""

    required_scope = "jobs:read"
    serializer_class = JobEventSerializer
    pagination_class = EventPages
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[JobEvent]:
        """The stored events of the caller's job."""
        if getattr(self, "swagger_fake_view", False):
            return JobEvent.objects.none()
        return own_job(self.request, self.kwargs["pk"]).events.all()

    @extend_schema(operation_id="jobs_events", summary="List the events of one job")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of events."""
        return super().get(request, *args, **kwargs)


class JobCancel(APIView):
    """Stopping a job."""

    required_scope = "jobs:write"

    @extend_schema(
        operation_id="jobs_cancel",
        summary="Cancel a job",
        description=(
            "A waiting job ends at once; a running one at its next step, until then "
            "`cancel_requested` is true. A job that has ended stays as it is."
        ),
        request=None,
        responses=JobSerializer,
    )
    def post(self, request: Request, pk: Any) -> Response:
        """Ask for the end of the job."""
        return Response(job_payloads([cancel_job(job=own_job(request, pk))])[0])


class JobRetry(APIView):
    """Running a job once more."""

    required_scope = "jobs:write"
    throttle_scope = "submit"

    @extend_schema(
        operation_id="jobs_retry",
        summary="Run an ended job again",
        description="Makes a new job with the same input and parameters, linked by `retry_of`.",
        request=None,
        responses={
            202: OpenApiResponse(JobSerializer, description="Accepted; see `Location`."),
        },
    )
    def post(self, request: Request, pk: Any) -> Response:
        """Submit the copy."""
        job = retry_job(job=own_job(request, pk))
        return Response(
            job_payloads([job])[0],
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("job-detail", args=[job.pk])},
        )


class JobFavourite(APIView):
    """Marking a job to find it again."""

    required_scope = "jobs:write"

    @extend_schema(
        operation_id="jobs_favourite",
        summary="Mark a job as a favourite",
        description="A repeat changes nothing. Find them with `?favourite=true`.",
        request=None,
        responses=JobSerializer,
    )
    def put(self, request: Request, pk: Any) -> Response:
        """Mark it."""
        return self._set(request, pk, favourite=True)

    @extend_schema(
        operation_id="jobs_unfavourite",
        summary="Take the mark from a job",
        description="A repeat changes nothing.",
        request=None,
        responses={200: JobSerializer},
    )
    def delete(self, request: Request, pk: Any) -> Response:
        """Unmark it."""
        return self._set(request, pk, favourite=False)

    def _set(self, request: Request, pk: Any, *, favourite: bool) -> Response:
        job = set_favourite(job=own_job(request, pk), favourite=favourite)
        return Response(job_payloads([job])[0])
