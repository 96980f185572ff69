"""The audit trail, to be read."""

from __future__ import annotations

from django.contrib import admin

from xray.admin.read_only import ReadOnlyAdmin
from xray.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Append-only: `manage.py xray_audit_verify` tells whether somebody changed it elsewhere."""

    list_display = ("id", "at", "actor", "action", "study", "object", "details")
    list_filter = ("action",)
    list_select_related = ("actor",)
    fields = (
        "id", "at", "actor", "origin", "action", "study", "object", "before", "after", "details",
        "previous", "digest",
    )  # fmt: skip
    search_fields = ("=study", "object")
    ordering = ("-id",)
