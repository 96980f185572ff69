"""`/api/v1/xray/models`: the classifiers, and which one serves."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.api.permissions import IsAdministrator
from xray.api import documentation as docs
from xray.api.payload import version_payload
from xray.api.request import address_of, caller
from xray.models import ModelVersion
from xray.services.activate import activate_version
from xray.services.model_files import is_file_present


class ModelsView(APIView):
    """The registry; everybody may know what scores their films."""

    required_scope = "jobs:read"

    @extend_schema(**docs.MODELS)
    def get(self, request: Request) -> Response:
        """Newest first, with every figure and its interval."""
        del request
        return Response([_payload(version) for version in ModelVersion.objects.all()])


class ActivateView(APIView):
    """Switching."""

    permission_classes = [IsAdministrator]
    required_scope = "users:admin"

    @extend_schema(**docs.ACTIVATE)
    def post(self, request: Request, version_id: int) -> Response:
        """New studies get this version from now on; running jobs and old reports keep theirs."""
        version = get_object_or_404(ModelVersion, pk=version_id)
        active = activate_version(
            version=version, actor=caller(request), address=address_of(request)
        )
        return Response(_payload(active))


def _payload(version: ModelVersion) -> dict[str, object]:
    return version_payload(version, file_present=is_file_present(version))
