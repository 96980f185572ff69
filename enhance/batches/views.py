"""The pages of a batch. They work without JavaScript."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enhance.batches.erase import delete_batch
from enhance.batches.models import EnhanceBatch
from enhance.batches.page import batch_card
from enhance.batches.retry import retry_batch
from enhance.batches.submit import close_batch
from enhance.compose import live_data
from project.api.page_throttle import count_request
from project.errors import ServiceError
from project.jobs.cancel import cancel_job


@require_safe
@login_required
def batch_detail(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Every photo of the batch with its state, and what can be done with all of them."""
    context = {"card": batch_card(_own(request, batch_id)), "live_data": live_data()}
    return render(request, "enhance/batch_detail.html", context)


@require_safe
@login_required
def batch_summary(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The summary of the batch as it is now, for the script of the list."""
    context = {"card": batch_card(_own(request, batch_id))}
    return render(request, "enhance/_batch_summary.html", context)


@require_POST
@login_required
def batch_cancel(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Stop whatever has not ended."""
    batch = close_batch(batch=_own(request, batch_id))
    cancel_job(job=batch.job)
    messages.success(request, _("The batch was asked to stop."))
    return redirect(batch)


@require_POST
@login_required
def batch_retry(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What failed once more, as a new batch."""
    batch = _own(request, batch_id)
    try:
        count_request(request, scope="submit")
        again = retry_batch(batch=batch)
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect(batch)
    return redirect(again)


@require_POST
@login_required
def batch_delete(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Remove the batch with its photos."""
    delete_batch(batch=_own(request, batch_id))
    messages.success(request, _("The batch and its files were deleted."))
    return redirect("enhance:list")


def _own(request: HttpRequest, batch_id: UUID) -> EnhanceBatch:
    visible = EnhanceBatch.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("job__owner"), pk=batch_id)
