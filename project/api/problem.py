"""The problem document of RFC 9457, for REST framework and for plain Django responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from project.api.catalogue import title_of
from project.api.request_id import current_request_id

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refusal, ready to be shown."""

    status: int
    code: str
    detail: _StrPromise | str
    fields: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members of the document; `extra` never replaces one of ours."""
        return {
            **self.extra,
            "type": f"/docs/errors#{self.code}",
            "title": title_of(self.code, self.status),
            "status": self.status,
            "code": self.code,
            "detail": str(self.detail),
            "fields": {
                name: [{"code": item["code"], "detail": str(item["detail"])} for item in items]
                for name, items in self.fields.items()
            },
            "request_id": current_request_id(),
        }

    def http_response(self) -> HttpResponse:
        """The document as a plain Django response, for errors outside REST framework."""
        text = json.dumps(self.body(), cls=DjangoJSONEncoder, ensure_ascii=False)
        return HttpResponse(
            text, status=self.status, content_type=CONTENT_TYPE, headers=dict(self.headers)
        )


def is_api_path(path: str) -> bool:
    """Whether errors under `path` are problem documents rather than pages."""
    return path.startswith("/api/") or path == "/api"
