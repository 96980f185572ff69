"""Operators' view of webhooks: host, attempts and outcome; neither path nor secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from project.errors import ServiceError
from project.jobs.admin import OperatorAdmin
from project.webhooks.models import Delivery, DeliveryAttempt
from project.webhooks.resend import resend

if TYPE_CHECKING:
    _Inline = admin.TabularInline[DeliveryAttempt, Delivery]
else:
    _Inline = admin.TabularInline


class AttemptInline(_Inline):
    """Every try. What the receiver answered is its owner's to read."""

    model = DeliveryAttempt
    fields = ("number", "at", "seconds", "status_code", "error_code")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Operators."""
        return bool(getattr(request.user, "is_operator", False))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(OperatorAdmin):
    """The path of an address is often a secret of its own, so only the host is shown."""

    list_display = (
        "id", "owner", "type", "origin", "state", "attempts", "status_code", "error_code",
        "created_at",
    )  # fmt: skip
    list_filter = ("state", "error_code", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=id", "=job__id", "owner__username", "origin")
    fields = (
        "id", "owner", "job", "type", "origin", "state", "attempts", "attempts_left",
        "next_attempt_at", "status_code", "error_code", "created_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (AttemptInline,)
    actions = ("send_again",)

    @admin.action(description=_("Send again"), permissions=["operate"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Those that have ended."""
        done = 0
        for delivery in queryset:
            try:
                resend(delivery=delivery)
            except ServiceError as error:
                self.message_user(request, f"{delivery.pk}: {error.detail}", messages.WARNING)
            else:
                self.log_change(request, delivery, "send_again")
                done += 1
        text = ngettext(
            "%(number)s webhook is sent again.", "%(number)s webhooks are sent again.", done
        )
        self.message_user(request, text % {"number": done}, messages.SUCCESS)
