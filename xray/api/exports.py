"""`/api/v1/xray/studies/{id}/report.*` and `heatmap/{label}.png`: what leaves the room."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from project.api.client_address import client_address
from project.api.throttling import AnonThrottle, CostlyReadThrottle, UserThrottle
from project.errors import ServiceError
from project.images import storage
from project.images.serving import protect
from xray.api import export_documentation as docs
from xray.choices import Language
from xray.exports.overlay import ALPHA
from xray.models import Report, Study
from xray.services import audit
from xray.services.export_report import FORMATS, etag_of, export_report, file_name
from xray.services.report_choice import check_may_leave, choose_report
from xray.services.study_pictures import ensure_overlay

TEMPLATES = ("tid1500", "basic_text")


class AnyAccept(BaseContentNegotiation):
    """The path names the format, so `Accept: application/pdf` is no reason for a 406."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first one; no view here reads a body."""
        del request
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """For refusals alone."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type


class ExportAsk(serializers.Serializer[Any]):
    """What the query of an export may say."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=32767)
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    template = serializers.ChoiceField(choices=TEMPLATES, default=TEMPLATES[0])


class HeatmapAsk(serializers.Serializer[Any]):
    """What the query of an overlay may say."""

    alpha = serializers.FloatField(default=ALPHA, min_value=0, max_value=1)
    contour = serializers.BooleanField(default=False)
    layer = serializers.BooleanField(default=False)


class _ExportView(APIView):
    """One report version as a file."""

    content_negotiation_class = AnyAccept
    throttle_classes = [UserThrottle, AnonThrottle, CostlyReadThrottle]
    format_name: ClassVar[str]

    def answer(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The file with its ETag and a neutral name; each download is in the audit trail."""
        asked = _validated(ExportAsk, request)
        study = _own_study(request, study_id)
        report = choose_report(
            study=study, number=asked.get("version"), language=asked.get("language", "")
        )
        _check_may_leave(request, report)
        name = self.format_name.format(template=asked["template"])
        etag = etag_of(report=report, format_name=name)
        unchanged = _unchanged(request, etag)
        if unchanged is not None:
            return unchanged
        response = HttpResponse(
            export_report(report=report, format_name=name), content_type=FORMATS[name].media_type
        )
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=file_name(report=report, format_name=name)
        )
        audit.record(
            action="report.downloaded",
            actor=_caller(request),
            address=client_address(request._request) or None,
            study=study.pk,
            object=f"report {report.number}",
            after=report.digest,
            details={"format": name},
        )
        return _private(response, etag)


def _check_may_leave(request: Request, report: Report) -> None:
    """With the same address of the version that holds now. Raises ServiceError."""
    try:
        check_may_leave(report)
    except ServiceError as error:
        query = request.query_params.copy()
        query["version"] = str(error.extra["version"])
        error.extra["url"] = f"{request.path}?{query.urlencode()}"
        raise


class JsonView(_ExportView):
    """report.json."""

    required_scope = "jobs:read"
    format_name = "json"

    @extend_schema(**docs.JSON)
    def get(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The envelope with its seal."""
        return self.answer(request, study_id)


class PdfView(_ExportView):
    """report.pdf."""

    required_scope = "images:read"
    format_name = "pdf"

    @extend_schema(**docs.PDF)
    def get(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The report with its pictures."""
        return self.answer(request, study_id)


class FhirView(_ExportView):
    """report.fhir.json."""

    required_scope = "jobs:read"
    format_name = "fhir"

    @extend_schema(**docs.FHIR)
    def get(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The report as a FHIR bundle."""
        return self.answer(request, study_id)


class StructuredReportView(_ExportView):
    """report.sr.dcm."""

    required_scope = "jobs:read"
    format_name = "sr-{template}"

    @extend_schema(**docs.SR)
    def get(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The report as a DICOM SR."""
        return self.answer(request, study_id)


class CaptureView(_ExportView):
    """report.sc.dcm."""

    required_scope = "images:read"
    format_name = "sc"

    @extend_schema(**docs.SC)
    def get(self, request: Request, study_id: UUID) -> HttpResponseBase:
        """The overlay as a DICOM secondary capture."""
        return self.answer(request, study_id)


class HeatmapView(APIView):
    """heatmap/{label}.png."""

    required_scope = "images:read"
    content_negotiation_class = AnyAccept

    @extend_schema(**docs.HEATMAP)
    def get(self, request: Request, study_id: UUID, label: str) -> HttpResponseBase:
        """The overlay from the cache of copies; made at the first call."""
        asked = _validated(HeatmapAsk, request)
        study = _own_study(request, study_id)
        key, etag = ensure_overlay(
            study, label, alpha=asked["alpha"], contour=asked["contour"], is_layer=asked["layer"]
        )
        unchanged = _unchanged(request, etag)
        if unchanged is not None:
            return unchanged
        try:
            content = storage.read(key)
        except FileNotFoundError as error:  # the study was deleted meanwhile
            raise Http404 from error
        return _private(HttpResponse(content, content_type="image/png"), etag)


def _own_study(request: Request, study_id: UUID) -> Study:
    """The caller's study, or 404: a stranger's is as absent as one that never was."""
    return get_object_or_404(Study.objects.visible_to(request.user).with_job(), pk=study_id)


def _caller(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _validated(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    asked = shape(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _unchanged(request: Request, etag: str) -> HttpResponseBase | None:
    response = get_conditional_response(request._request, etag=etag)
    return None if response is None else _private(response, etag)


def _private(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    protect(response, may_be_kept=True)
    return response
