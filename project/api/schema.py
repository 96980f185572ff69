"""How views become OpenAPI: one spelling of each path, problem documents on every operation."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

Endpoint = tuple[str, str, str, Callable[..., Any]]

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `title` and `detail` are in the caller's language.",
    "required": ["type", "title", "status", "code", "detail", "fields", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Where the code is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {
            "type": "object",
            "description": "The wrong fields; nested names are joined with dots.",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "detail"],
                    "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}

_EXAMPLE_CODES = {
    400: ("invalid", "Please correct the fields named below."),
    401: ("not_authenticated", "Authentication credentials were not provided."),
    403: ("permission_denied", "You are not allowed to do this."),
    404: ("not_found", "It does not exist, or it is not yours to see."),
    413: ("too_large", "The body is too large."),
    415: ("unsupported", 'Unsupported media type "text/plain" in request.'),
    429: ("throttled", "Too many requests. Try again in 12 s."),
}


class OmnilensSchema(AutoSchema):
    """Tags by the room behind the path: `/api/v1/jobs/...` is tagged `jobs`."""

    def get_tags(self) -> list[str]:
        """The first segment after the version."""
        segments = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return segments[2:3] or ["api"]


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook
    """`Authorization: Token omni_...`."""

    target_class = "accounts.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """An API key in the Authorization header."""
        del auto_schema
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token omni_...`: a named token with scopes.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook
    """The session cookie of the pages."""

    target_class = "project.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A cookie; changes need `X-CSRFToken` too."""
        del auto_schema
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def only_versioned_paths(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Leave out the unversioned twins and one spelling of each path: that without the final
    slash, or, where the path names a file (`report.pdf`), that with it."""
    kept = [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
    paths = {endpoint[0] for endpoint in kept}
    return [endpoint for endpoint in kept if _is_shown(endpoint[0], paths)]


def _is_shown(path: str, paths: set[str]) -> bool:
    bare = path.removesuffix("/")
    if "." in bare.rpartition("/")[2]:
        return path == bare or bare not in paths
    return f"{path}/" not in paths


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the problem responses that an operation can answer with."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for operation in operations.values():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            for status in _statuses(path, operation):
                operation["responses"].setdefault(str(status), _response(status))
    return result


def _statuses(path: str, operation: dict[str, Any]) -> list[int]:
    statuses = [429]
    security = operation.get("security", [])
    if security and {} not in security:
        statuses += [401, 403]
    if "{" in path:
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [400, 413, 415]
    elif operation.get("parameters"):
        statuses.append(400)
    return sorted(statuses)


def _response(status: int) -> dict[str, Any]:
    code, detail = _EXAMPLE_CODES[status]
    phrase = HTTPStatus(status).phrase
    return {
        "description": phrase,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": f"/docs/errors#{code}",
                    "title": phrase,
                    "status": status,
                    "code": code,
                    "detail": detail,
                    "fields": {},
                    "request_id": "7f3c9a52d1e84b0c",
                },
            }
        },
    }
