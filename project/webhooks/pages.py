"""One's own webhooks: the signing secret and the log of deliveries."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import signed_in
from project.errors import ServiceError
from project.webhooks.codes import describe
from project.webhooks.models import Delivery
from project.webhooks.resend import resend
from project.webhooks.signing_secrets import replace_secret, secret_state

SHOWN = 50


@require_safe
@login_required
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """The newest deliveries, and when the secret was made."""
    return _page(request)


@require_POST
@login_required
@never_cache
def secret_replace(request: HttpRequest) -> HttpResponse:
    """Make a new secret and show it, this once."""
    return _page(request, secret=replace_secret(owner=signed_in(request.user)))


@require_POST
@login_required
def delivery_resend(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send one's own delivery again."""
    delivery = get_object_or_404(Delivery.objects.visible_to(request.user), pk=delivery_id)
    try:
        resend(delivery=delivery)
    except ServiceError as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, _("The webhook is sent again."))
    return redirect("webhooks:webhooks")


def _page(request: HttpRequest, *, secret: str = "") -> HttpResponse:
    rows = Delivery.objects.visible_to(request.user).order_by("-created_at", "-pk")[:SHOWN]
    context = {
        "deliveries": [(row, describe(row.error_code)) for row in rows],
        "secret": secret,
        "state": secret_state(owner=signed_in(request.user)),
    }
    return render(request, "webhooks/webhooks.html", context)
