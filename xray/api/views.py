"""`/api/v1/xray/studies`: the caller's own studies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.api.page_throttle import count_once_more
from project.api.pagination import CursorPages
from project.api.parsers import BoundedJSONParser
from project.realtime.held_answer import hold_for
from xray.api import documentation as docs
from xray.api.answers import accepted, accepted_several
from xray.api.payload import study_payload, study_summaries
from xray.api.request import (
    address_of,
    caller,
    form_of,
    key_of,
    mapping,
    own_study,
    uploads_of,
    wish_of,
)
from xray.api.serializers import (
    CorrectSerializer,
    StudySummarySerializer,
    WishSerializer,
    WorklistFilterSerializer,
)
from xray.models import Study
from xray.services import audit
from xray.services.correct import correct_study
from xray.services.erase import delete_study
from xray.services.submit import submit_study
from xray.worklist import worklist


class WorklistPages(CursorPages):
    """By id, or by probability and id among those that have one."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """As the validated query asked."""
        del request, queryset
        by = view.asked["ordering"]
        return {
            "-created": ("-id",),
            "created": ("id",),
            "-probability": ("-probability", "-id"),
            "probability": ("probability", "-id"),
        }[by]


class StudiesView(ListAPIView[Study]):
    """Worklist and submit."""

    required_scope = {"GET": "jobs:read", "POST": "jobs:write"}
    throttle_scope = "submit"
    parser_classes = [MultiPartParser]
    serializer_class = StudySummarySerializer
    pagination_class = WorklistPages
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Study]:
        """Own rows only, as far as the query does not narrow them."""
        filters = WorklistFilterSerializer(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        asked = self.asked = filters.validated_data
        rows = worklist(
            user=self.request.user,
            q=asked.get("q", ""),
            status=asked.get("status", ""),
            min_prob=asked.get("min_prob"),
            since=asked.get("from"),
            until=asked.get("to"),
            **({"label": asked["label"]} if "label" in asked else {}),
        )
        if asked["ordering"].endswith("probability") or "label" in asked:
            # The annotation of the worklist, of which the types know nothing.
            rows = rows.filter(Q(("probability__isnull", False)))
        return rows

    @extend_schema(**docs.WORKLIST)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of the worklist."""
        del args, kwargs
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(study_summaries(page or []))

    @extend_schema(**docs.SUBMIT)
    def post(self, request: Request) -> Response:
        """Queue one film, or several that each stand for themselves."""
        uploads = uploads_of(request)
        serializer = WishSerializer(data=form_of(request))
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        wish = wish_of(request, given)

        def submit(index: int) -> Any:
            if index:  # the throttle of the view has counted the first film
                count_once_more(request, scope=self.throttle_scope)
            return submit_study(
                owner=caller(request),
                upload=uploads[index],
                wish=wish,
                idempotency_key=key_of(request, index=index, of=uploads),
                callback_url=given.get("callback_url", ""),
                address=address_of(request),
            )

        if len(uploads) > 1:
            return accepted_several(submit, len(uploads), sync=given["sync"])
        submitted = submit(0)
        response = accepted(submitted.study, created=submitted.created)
        if given["sync"]:
            path = reverse("xray_api:detail", args=[submitted.study.pk])
            hold_for(response, job=submitted.study.job_id, path=path, tells_failure=True)
        return response


class StudyView(APIView):
    """One study."""

    required_scope = {"GET": "jobs:read", "DELETE": "jobs:write"}

    @extend_schema(**docs.DETAIL)
    def get(self, request: Request, study_id: UUID) -> Response:
        """Findings, heat maps, reports; of a refused film why, and what to do."""
        study = own_study(request, study_id)
        audit.record_view(study=study.pk, actor=caller(request), address=address_of(request))
        return Response(study_payload(study))

    @extend_schema(**docs.DELETE)
    def delete(self, request: Request, study_id: UUID) -> Response:
        """Cancel the job and remove rows and files; the audit trail keeps that it was."""
        study = own_study(request, study_id)
        delete_study(study=study, actor=caller(request), address=address_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CorrectView(APIView):
    """A refused film once more."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(**docs.CORRECT)
    def post(self, request: Request, study_id: UUID) -> Response:
        """A new study of the same stored film, corrected as its owner asks."""
        study = own_study(request, study_id)
        serializer = CorrectSerializer(data=mapping(request.data))
        serializer.is_valid(raise_exception=True)
        again = correct_study(
            study=study,
            correction=serializer.validated_data["correction"],
            actor=caller(request),
            address=address_of(request),
        )
        return accepted(again, created=True)
