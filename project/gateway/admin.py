"""Operators see every attempt."""

from __future__ import annotations

from django.contrib import admin

from project.gateway.models import GatewayAttempt
from project.jobs.admin import OperatorAdmin


@admin.register(GatewayAttempt)
class GatewayAttemptAdmin(OperatorAdmin):
    """Newest first."""

    list_display = ("at", "origin", "ip", "port", "number", "status_code", "error_code", "seconds")
    list_filter = ("error_code", "at")
    search_fields = ("origin", "ip")
