"""`/api/v1/xray/studies/{id}/...`: reports, their review, the trail, a prior beside them."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from project.api.pagination import CursorPages
from project.api.parsers import BoundedJSONParser
from project.errors import ServiceError
from project.jobs.api.payload import job_payloads
from project.realtime.held_answer import hold_for
from xray.api import documentation as docs
from xray.api.payload import (
    audit_payload,
    comparison_payload,
    report_payload,
    unfinished_report_jobs,
)
from xray.api.request import address_of, caller, mapping, own_study
from xray.api.serializers import RegenerateSerializer, ReviewSerializer
from xray.choices import Language, Mode, ReviewAction
from xray.models import AuditEvent
from xray.refusals import refusal_of
from xray.services import audit
from xray.services.compare import compare_studies
from xray.services.failure import check_not_failed
from xray.services.report_choice import choose_report
from xray.services.report_request import check_reported, request_report, structured_report
from xray.services.review import review_report


class ResultView(APIView):
    """The report alone, as the original service answered."""

    required_scope = "jobs:read"

    @extend_schema(**docs.RESULT)
    def get(self, request: Request, study_id: UUID) -> Response:
        """The report that says most; a refused film is 422 with why, a failure is an error."""
        study = own_study(request, study_id)
        refusal = refusal_of(study)
        if refusal is not None:
            raise ServiceError(
                f"{refusal.detail} {refusal.advice}",
                code=refusal.code,
                status=422,
                extra={"study_id": str(study.pk), "repair": refusal.repair},
            )
        check_not_failed(study.job)
        check_reported(study)
        report = choose_report(study=study)
        audit.record(
            action="report.downloaded",
            actor=caller(request),
            address=address_of(request),
            study=study.pk,
            object="result",
            after=report.digest,
        )
        response = Response(report.envelope)
        waiting = unfinished_report_jobs(study)
        if waiting:  # whoever may wait gets the language model's text, too
            hold_for(
                response,
                job=waiting[-1].pk,
                path=reverse("xray_api:result", args=[study.pk]),
            )
        return response


class RegenerateView(APIView):
    """Another report of the same findings."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]

    @extend_schema(**docs.REGENERATE)
    def post(self, request: Request, study_id: UUID) -> Response:
        """Structured: at once, 200. By the language model: a job, 202."""
        study = own_study(request, study_id)
        serializer = RegenerateSerializer(data=mapping(request.data))
        serializer.is_valid(raise_exception=True)
        mode = serializer.validated_data.get("mode", study.mode)
        language = serializer.validated_data.get("language", study.language)
        if mode == Mode.STRUCTURED:
            report = structured_report(study=study, language=language)
            return Response({"report": report_payload(report), "job": None})
        submission = request_report(
            study=study,
            language=language,
            actor=caller(request),
            replaces=serializer.validated_data.get("replaces", ""),
            idempotency_key=request.headers.get("Idempotency-Key"),
            address=address_of(request),
        )
        return Response(
            {"report": None, "job": job_payloads([submission.job])[0]},
            status=status.HTTP_202_ACCEPTED if submission.created else status.HTTP_200_OK,
            headers={"Location": reverse("xray_api:detail", args=[study.pk])},
        )


class ReviewView(APIView):
    """Signing a report."""

    required_scope = "jobs:write"
    parser_classes = [BoundedJSONParser]

    @extend_schema(**docs.REVIEW)
    def post(self, request: Request, study_id: UUID) -> Response:
        """Accept, edit or reject; the answer is the next version."""
        study = own_study(request, study_id)
        serializer = ReviewSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        report = study.reports.filter(digest=given["digest"]).order_by("-number").first()
        if report is None:
            detail = _("No report of this study has this digest.")
            raise ServiceError(detail, fields={"digest": [{"code": "not_found", "detail": detail}]})
        reviewed = review_report(
            report=report,
            reviewer=caller(request),
            action=ReviewAction(given["action"]),
            comment=given["comment"],
            edits=given.get("edits"),
            digest=given["digest"],
            address=address_of(request),
        )
        return Response({"report": report_payload(reviewed), "envelope": reviewed.envelope})


class AuditPages(CursorPages):
    """In the order in which things happened."""

    ordering = "pk"


class AuditView(APIView):
    """The trail of one study."""

    required_scope = "jobs:read"

    @extend_schema(**docs.AUDIT)
    def get(self, request: Request, study_id: UUID) -> Response:
        """Oldest first; who looked is in it, too."""
        study = own_study(request, study_id)
        pages = AuditPages()
        events = AuditEvent.objects.filter(study=study.pk).order_by("pk")
        page = pages.paginate_queryset(events, request, view=self) or []
        actors = {event.actor_id for event in page if event.actor_id is not None}
        names = dict(User.objects.filter(pk__in=actors).values_list("pk", "username"))
        return pages.get_paginated_response(audit_payload(page, names=names))


class CompareView(APIView):
    """Two films of one person."""

    required_scope = "jobs:read"

    @extend_schema(**docs.COMPARE)
    def get(self, request: Request, study_id: UUID, prior_id: UUID) -> Response:
        """Two reports and their figures side by side; what changed is for a reader to say."""
        study, prior = own_study(request, study_id), own_study(request, prior_id)
        language = request.query_params.get("language", study.language)
        if language not in Language.values:
            detail = _("There is no report in this language.")
            raise ServiceError(detail, fields={"language": [{"code": "invalid", "detail": detail}]})
        found = compare_studies(study=study, prior=prior, language=language)
        for one in (study, prior):
            audit.record_view(study=one.pk, actor=caller(request), address=address_of(request))
        return Response(comparison_payload(found))
