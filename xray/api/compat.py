"""`/upload` of the original service, at the top level: the same service behind it."""

from __future__ import annotations

from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.errors import ServiceError
from project.realtime.held_answer import hold_for
from xray.api.answers import accepted
from xray.api.request import address_of, caller, form_of, key_of, uploads_of
from xray.api.serializers import OriginalUploadSerializer
from xray.choices import Language, Mode
from xray.services.submit import Wish, submit_study


class UploadView(APIView):
    """Field `file`, choice `use_ollama`, the report as the answer."""

    required_scope = "jobs:write"
    throttle_scope = "submit"
    parser_classes = [MultiPartParser]

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        """The report as JSON if it is ready within 30 seconds, else 202 with the job.

        A refusal is 422 with its code, an analysis that failed is told as `check_not_failed` says.
        With `use_ollama` the text of the language model is in
        it when it, too, is ready in time.
        """
        uploads = uploads_of(request)
        if len(uploads) > 1:
            raise ServiceError(
                _("Send one film; %(path)s takes several.") % {"path": reverse("xray_api:studies")},
                code="too_many_files",
                status=422,
                extra={"limit": 1},
            )
        serializer = OriginalUploadSerializer(data=form_of(request))
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        submitted = submit_study(
            owner=caller(request),
            upload=uploads[0],
            wish=Wish(
                mode=Mode.LLM if given["use_ollama"] else Mode.STRUCTURED,
                language=given.get("language", _language_of_the_request()),
            ),
            idempotency_key=key_of(request, index=0, of=uploads),
            address=address_of(request),
        )
        response = accepted(submitted.study, created=submitted.created)
        result = reverse("xray_api:result", args=[submitted.study.pk])
        hold_for(response, job=submitted.study.job_id, path=result, tells_failure=True)
        return response


def _language_of_the_request() -> str:
    return Language.CHINESE if (get_language() or "").startswith("zh") else Language.ENGLISH


urlpatterns = [path("upload", UploadView.as_view(), name="original_upload")]
