"""Operators see that a picture exists and how large it is; never its pixels, name or owner's link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from project.images.models import ImageRecord
from project.images.records import delete_image

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[ImageRecord]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.register(ImageRecord)
class ImageRecordAdmin(_ModelAdmin):
    """Metadata only; deleting removes the files, too."""

    list_display = (
        "id",
        "owner",
        "purpose",
        "format",
        "width",
        "height",
        "size_bytes",
        "created_at",
    )
    list_filter = ("purpose", "format", "created_at")
    list_select_related = ("owner",)
    fields = (
        "id", "owner", "purpose", "format", "width", "height", "bit_depth", "size_bytes", "created_at",
        "expires_at",
    )  # fmt: skip
    readonly_fields = fields
    search_fields = ("=id", "owner__username")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Pictures come in through the intake only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ImageRecord | None = None) -> bool:
        """Nothing here is edited."""
        return False

    def delete_model(self, request: HttpRequest, obj: ImageRecord) -> None:
        """One picture with its files."""
        delete_image(obj, even_in_use=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ImageRecord]) -> None:
        """Several pictures with their files."""
        for record in queryset:
            delete_image(record, even_in_use=True)
