"""Cursor pages by default; numbered pages where a count is cheap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

from project.errors import ServiceError

if TYPE_CHECKING:  # REST framework imports this module while its views are being loaded
    from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """`?cursor=`, `?page_size=` up to 100, default 20; `{next, previous, results}`."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-pk"

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any] | None:
        """One page; raises ServiceError invalid_cursor for a cursor that is not ours."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError, OverflowError) as error:
            # A forged cursor decodes to a position that its column cannot hold.
            raise ServiceError(
                _("This cursor is not valid; start again without it."), code="invalid_cursor"
            ) from error


class NumberedPages(PageNumberPagination):
    """`?page=`, `?page_size=` up to 100, default 20; `{count, next, previous, results}`."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
