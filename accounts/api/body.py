"""The validated body of a request."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def validated(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body in the given shape; raises ValidationError with every wrong field."""
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
