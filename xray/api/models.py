"""`/api/v1/xray/models`: the classifiers, and which one serves."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from xray.api import documentation as docs
from xray.api.payload import version_payload
from xray.models import ModelVersion
from xray.services.model_files import is_file_present


class ModelsView(APIView):
    """The registry; everybody may know what scores their films."""

    required_scope = "jobs:read"

    @extend_schema(**docs.MODELS)
    def get(self, request: Request) -> Response:
        """Newest first, with every figure and its interval."""
        del request
        return Response([_payload(version) for version in ModelVersion.objects.all()])


def _payload(version: ModelVersion) -> dict[str, object]:
    return version_payload(version, file_present=is_file_present(version))
