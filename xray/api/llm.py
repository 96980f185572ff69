"""`/api/v1/xray/llm`: the language model server in use; for administrators."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.api.parsers import BoundedJSONParser
from project.api.permissions import IsAdministrator
from project.jobs.api.payload import timestamp
from xray.api.request import caller
from xray.choices import LlmKind
from xray.models import LlmBackend
from xray.services.llm_backend import SECRET_CHARACTERS, save_backend, shown_backend
from xray.services.llm_status import check_backend, llm_status
from xray.services.llm_words import explain

TAGS = ["xray"]
STATES = ("off", "unknown", "available", "failing")


class LlmStatusSerializer(serializers.Serializer[Any]):
    """What was seen last."""

    state = serializers.ChoiceField(choices=STATES)
    code = serializers.CharField(help_text=_("Why it is failing; else empty."))
    detail = serializers.CharField(help_text=_("The code in words, with the next step."))
    observed_at = serializers.DateTimeField(allow_null=True)


class LlmBackendSerializer(serializers.Serializer[Any]):
    """One server; `secret` goes in and never comes out."""

    kind = serializers.ChoiceField(choices=LlmKind.choices, default=LlmKind.OLLAMA)
    base_url = serializers.CharField(
        max_length=255, help_text=_("Without `/api` or `/v1`: `http://127.0.0.1:11434`.")
    )
    model = serializers.CharField(max_length=120)
    enabled = serializers.BooleanField(source="is_enabled", default=True)
    sends_images = serializers.BooleanField(
        default=False,
        help_text=_("Whether films leave for it; only for a multimodal model on a trusted host."),
    )
    secret = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=SECRET_CHARACTERS,
        help_text=_("Bearer token. Left out: kept; empty: removed."),
    )
    name = serializers.CharField(read_only=True)
    has_secret = serializers.BooleanField(read_only=True)
    status = LlmStatusSerializer(read_only=True)


class LlmBackendView(APIView):
    """The server that is used, or else the first one."""

    permission_classes = [IsAdministrator]
    required_scope = "users:admin"
    parser_classes = [BoundedJSONParser]

    @extend_schema(
        operation_id="xray_llm_read",
        summary="The language model server",
        description="What is configured and how it did last. Without a server the state is `off` "
        "and the texts are empty. Asks no server.",
        tags=TAGS,
        responses=LlmBackendSerializer,
    )
    def get(self, request: Request) -> Response:
        """The row in use."""
        del request
        return Response(_payload(shown_backend()))

    @extend_schema(
        operation_id="xray_llm_write",
        summary="Change the language model server",
        description="Stores the server and, when it is enabled, asks it for its model at once. "
        "The address must be on the list of OMNILENS_XRAY_LLM_ALLOWED_HOSTS.",
        tags=TAGS,
        request=LlmBackendSerializer,
        responses={
            200: LlmBackendSerializer,
            422: OpenApiResponse(description="llm_host_refused, llm_secret_needed"),
        },
    )
    def put(self, request: Request) -> Response:
        """Replace it; makes the first row when there is none."""
        serializer = LlmBackendSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = save_backend(row=shown_backend(), actor=caller(request), **serializer.validated_data)
        if row.is_enabled:
            check_backend(row)
        return Response(_payload(row))


def _payload(row: LlmBackend | None) -> dict[str, Any]:
    status = llm_status(row)
    row = row or LlmBackend()
    return {
        "name": row.name,
        "kind": row.kind,
        "base_url": row.base_url,
        "model": row.model,
        "enabled": row.is_enabled,
        "sends_images": row.sends_images,
        "has_secret": bool(row.sealed_secret),
        "status": {
            "state": status.state,
            "code": status.code,
            "detail": explain(status.code),
            "observed_at": timestamp(status.observed_at) if status.observed_at else None,
        },
    }
