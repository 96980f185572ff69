"""Serializer errors as the flat `{field: [{code, detail}]}` of ServiceError."""

from __future__ import annotations

from typing import Any


def flatten(errors: Any, path: str = "") -> dict[str, list[dict[str, str]]]:
    """Nested fields get dotted names; errors of the whole go under `non_field_errors`."""
    if isinstance(errors, dict):
        nested: dict[str, list[dict[str, str]]] = {}
        for name, value in errors.items():
            nested |= flatten(value, f"{path}.{name}" if path else str(name))
        return nested
    if errors and all(isinstance(item, dict) for item in errors):
        return flatten(dict(enumerate(errors)), path)
    details = [
        {"code": str(getattr(item, "code", "invalid")), "detail": str(item)} for item in errors
    ]
    return {path or "non_field_errors": details}
