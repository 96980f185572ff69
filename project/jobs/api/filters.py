"""How lists of jobs are narrowed, ordered and cut into pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from project.api.pagination import CursorPages
from project.errors import ServiceError
from project.jobs.models import Job


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """`?kind=`, `?state=` (repeatable), `?favourite=`, `?updated_since=`."""

    kind = django_filters.CharFilter()
    state = django_filters.MultipleChoiceFilter(choices=Job.State.choices)
    favourite = django_filters.BooleanFilter("is_favourite")
    updated_since = django_filters.IsoDateTimeFilter(method="changed_since")

    class Meta:
        model = Job
        fields: ClassVar[list[str]] = ["kind", "state", "favourite", "updated_since"]

    def changed_since(self, rows: QuerySet[Job], name: str, moment: datetime) -> QuerySet[Job]:
        """Rows changed at `moment` or later; raises ServiceError for years beyond the calendar."""
        try:
            return rows.filter(updated_at__gte=moment.astimezone(UTC))
        except OverflowError as error:
            detail = _("This time cannot be expressed in UTC.")
            raise ServiceError(
                detail, fields={name: [{"code": "invalid", "detail": detail}]}
            ) from error


class JobPages(CursorPages):
    """Newest first, or `?ordering=` from a short list; the id breaks ties."""

    ORDERINGS: ClassVar[dict[str, tuple[str, str]]] = {
        "-created_at": ("-created_at", "-id"),
        "created_at": ("created_at", "id"),
        "-updated_at": ("-updated_at", "-id"),
        "updated_at": ("updated_at", "id"),
    }

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, str]:
        """The columns of the ordering asked for; raises ServiceError for another one."""
        del queryset, view
        asked = request.query_params.get("ordering", "-created_at")
        if asked not in self.ORDERINGS:
            detail = _("Order by one of: %(names)s.") % {"names": ", ".join(self.ORDERINGS)}
            raise ServiceError(detail, fields={"ordering": [{"code": "invalid", "detail": detail}]})
        return self.ORDERINGS[asked]


class EventPages(CursorPages):
    """In the order of their numbers."""

    ordering = "seq"
