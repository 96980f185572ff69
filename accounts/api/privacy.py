"""Take one's data along, or leave."""

from __future__ import annotations

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.body import validated
from accounts.api.serializers import EraseSerializer, ReceiptSerializer
from accounts.models import Scope, signed_in
from accounts.privacy import erase_user, export_user
from accounts.privacy.export import ARCHIVE_NAME
from accounts.services.authenticate import confirm_password
from project.errors import ServiceError

EXPORT_NEEDS = (Scope.ACCOUNT_READ, Scope.IMAGES_READ, Scope.JOBS_READ)


class ExportView(APIView):
    """Everything of the caller's, in one archive."""

    required_scope = Scope.ACCOUNT_READ

    @extend_schema(
        operation_id="privacy_export",
        request=None,
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def post(self, request: Request) -> FileResponse:
        """A zip of JSON and pictures with a manifest; an API token needs all three read scopes."""
        scopes = getattr(request.auth, "scopes", EXPORT_NEEDS)
        for scope in EXPORT_NEEDS:
            if scope not in scopes:
                raise ServiceError(
                    _("The API token lacks the scope %(scope)s.") % {"scope": scope},
                    code="scope_missing",
                    status=403,
                    extra={"required_scope": scope},
                )
        return FileResponse(
            export_user(signed_in(request.user)),
            as_attachment=True,
            filename=ARCHIVE_NAME,
            content_type="application/zip",
            headers={"Cache-Control": "no-store"},
        )


class EraseView(APIView):
    """The end of an account."""

    required_scope = Scope.ACCOUNT_WRITE
    throttle_scope = "login"

    @extend_schema(
        operation_id="privacy_erase", request=EraseSerializer, responses={200: ReceiptSerializer}
    )
    def post(self, request: Request) -> Response:
        """Erase the caller's account and all it owns; asks for the password."""
        user = signed_in(request.user)
        given = validated(EraseSerializer, request)
        confirm_password(user=user, password=given["password"], request=request._request)
        return Response(ReceiptSerializer(erase_user(user)).data)
