"""Between the HTML form and the one serializer that judges options."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

# The choice beside 2, 4 and 8; the number itself is in a field of its own.
OTHER_SCALE = "other"
OWN_FIELDS = frozenset({"source", "scale_other", "csrfmiddlewaretoken"})


def submitted_values(data: QueryDict) -> Mapping[str, str]:
    """The posted option fields as plain text, the scale as one field."""
    values = {name: str(value) for name, value in data.items() if name not in OWN_FIELDS}
    if values.get("scale") == OTHER_SCALE:
        # An empty number stays the word, which the serializer refuses.
        values["scale"] = str(data.get("scale_other") or OTHER_SCALE)
    return values


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """Texts by field name, for the template."""
    detail = error.detail
    if not isinstance(detail, dict):
        return {"non_field_errors": [str(item) for item in detail]}
    return {str(name): [str(item) for item in items] for name, items in detail.items()}


def task_id_of(text: str | None) -> UUID | None:
    """The id of an enlargement in a query or a form, or None when it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
