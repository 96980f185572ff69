"""Cursor pages by default; numbered pages where a count is cheap."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """`?cursor=`, `?page_size=` up to 100, default 20."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-pk"
