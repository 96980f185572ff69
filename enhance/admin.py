"""What operators see of enlargements: metadata, never a picture or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from enhance.admin_models import EnhanceModelAdmin
from enhance.models import Enhancement

__all__ = ["EnhanceModelAdmin", "EnhancementAdmin"]

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Enhancement]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.register(Enhancement)
class EnhancementAdmin(_ModelAdmin):
    """Read-only rows for diagnosis."""

    list_display = ("id", "state", "network", "tiles", "dtype", "created_at")
    list_select_related = ("job",)
    fields = (
        "id", "state", "options", "plan", "dtype", "marking", "warnings", "timings", "created_at",
    )  # fmt: skip
    readonly_fields = fields
    search_fields = ("=id",)
    ordering = ("-id",)

    @admin.display(ordering="job__state")
    def state(self, row: Enhancement) -> str:
        """State of the job."""
        return row.job.get_state_display()

    @admin.display
    def network(self, row: Enhancement) -> str:
        """Network of the plan."""
        return str(row.plan.get("network", ""))

    @admin.display
    def tiles(self, row: Enhancement) -> int:
        """Tiles of the plan."""
        return int(row.plan.get("tiles", 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Enlargements are made by submitting a job."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Enhancement | None = None) -> bool:
        """History does not change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Enhancement | None = None) -> bool:
        """Deleting goes through the owner or the erasure, which remove the files as well."""
        return False
