"""Pages of the enhance service; every form works without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import ValidationError

from enhance import options as choices
from enhance.cards import enhancement_cards
from enhance.forms import field_errors, page_number, submitted_values
from enhance.models import Enhancement
from enhance.policy import UPLOADS
from enhance.services.device import current_device, default_quality
from enhance.services.erase import delete_enhancement
from enhance.services.networks import installed_networks
from enhance.services.retry import retry_enhancement
from enhance.services.submit import submit_enhancement
from project.errors import ServiceError
from project.jobs.cancel import cancel_job

PAGE_SIZE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enhancement_list(request: HttpRequest) -> HttpResponse:
    """The upload form and the own enlargements; a POST submits one photo."""
    if request.method != "POST":
        return _form_page(request, {}, {})
    upload = request.FILES.get("file")
    if upload is None:
        return _form_page(request, {"file": [_("Choose a picture first.")]}, {}, status=400)
    try:
        submitted = submit_enhancement(
            owner=request.user,  # type: ignore[arg-type]  # login_required
            upload=upload,
            options=submitted_values(request.POST),
        )
    except ValidationError as error:
        return _form_page(request, field_errors(error), request.POST, status=400)
    except ServiceError as error:
        return _form_page(request, {"file": [str(error.detail)]}, request.POST, status=error.status)
    return redirect("enhance:detail", task_id=submitted.enhancement.pk)


def _form_page(
    request: HttpRequest, errors: dict[str, list[str]], values: Any, *, status: int = 200
) -> HttpResponse:
    own = Enhancement.objects.visible_to(request.user).with_job()
    page = Paginator(own, PAGE_SIZE).get_page(page_number(request))
    chosen = {**_defaults(), **{name: values[name] for name in values}}
    context = {
        "cards": enhancement_cards(page.object_list),
        "page": page,
        "errors": errors,
        "chosen": chosen,
        "policy": UPLOADS,
        "max_megabytes": UPLOADS.max_bytes // 1_000_000,
        "max_megapixels": UPLOADS.max_pixels // 1_000_000,
        "missing_networks": [n for n in installed_networks() if n.command],
    }
    return render(request, "enhance/enhancement_list.html", context, status=status)


def _defaults() -> dict[str, Any]:
    return {
        "scale": "4",
        "quality_level": default_quality(current_device()),
        "output_format": "same",
        "jpeg_quality": choices.DEFAULT_JPEG_QUALITY,
        "tile_size": "auto",
    }


@require_safe
@login_required
def enhancement_detail(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Live progress, then the result beside the original."""
    shown = enhancement_cards([_own(request, task_id)])[0]
    return render(
        request,
        "enhance/enhancement_detail.html",
        {"shown": shown, "card": shown.card, "enhancement": shown.enhancement},
    )


@require_POST
@login_required
def enhancement_cancel(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Ask the job to stop after its tile."""
    cancel_job(job=_own(request, task_id).job)
    messages.success(request, _("The enlargement was asked to stop."))
    return redirect("enhance:detail", task_id=task_id)


@require_POST
@login_required
def enhancement_retry(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The same photo again, as a new enlargement."""
    try:
        again = retry_enhancement(enhancement=_own(request, task_id))
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect("enhance:detail", task_id=task_id)
    return redirect("enhance:detail", task_id=again.pk)


@require_POST
@login_required
def enhancement_delete(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Remove the enlargement with its files."""
    delete_enhancement(enhancement=_own(request, task_id))
    messages.success(request, _("The enlargement and its files were deleted."))
    return redirect("enhance:list")


def _own(request: HttpRequest, task_id: UUID) -> Enhancement:
    visible = Enhancement.objects.visible_to(request.user)
    return get_object_or_404(visible.with_job(), pk=task_id)
