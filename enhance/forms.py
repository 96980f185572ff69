"""Between the HTML form and the one serializer that judges options."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, QueryDict
from rest_framework.exceptions import ValidationError


def submitted_values(data: QueryDict) -> Mapping[str, str]:
    """The posted option fields as plain text."""
    return {name: str(value) for name, value in data.items()}


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """Texts by field name, for the template."""
    detail = error.detail
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(item) for item in detail]}
    return {str(name): [str(item) for item in items] for name, items in detail.items()}


def page_number(request: HttpRequest) -> str:
    """The wanted page of a list; anything odd is read as the first one by the paginator."""
    return request.GET.get("page", "1")
