"""The schema and its two readers, all served from this machine."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from project.api.catalogue import all_codes

# ReDoc writes its styles into <style> elements and searches in a worker made from a blob.
_REDOC_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "worker-src": ["blob:"],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
}


class SchemaView(SpectacularAPIView):
    """`/api/schema/`: OpenAPI 3 as YAML, or JSON by `Accept`."""


class SwaggerView(SpectacularSwaggerSplitView):
    """`/docs`: try the API; its start script is a request of its own, so our CSP holds."""

    url_name = "schema"


@method_decorator(csp_replace(_REDOC_POLICY), name="dispatch")
class RedocView(SpectacularRedocView):
    """`/redoc`: read the API, under its own CSP."""

    url_name = "schema"


@require_safe
def error_codes(request: HttpRequest) -> HttpResponse:
    """`/docs/errors`: where the `type` of a problem points to."""
    return render(request, "web/error_codes.html", {"codes": all_codes()})
