"""The dashboard pages of the service. They work without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import ValidationError

from enhance.batches.erase import delete_batch
from enhance.batches.page import recent_batches
from enhance.cards import enhancement_cards
from enhance.compose import compose_context, live_data
from enhance.detail import enhancement_page
from enhance.forms import field_errors, submitted_faces, submitted_values, task_id_of
from enhance.handling import split_handling
from enhance.listing import listing
from enhance.models import Enhancement, Preset
from enhance.multi_submit import submit_photos
from enhance.presets.page import form_values, preset_choices
from enhance.services.erase import delete_enhancement
from enhance.services.reblend import parse_changes, reblend_faces
from enhance.services.retry import retry_enhancement
from enhance.services.submit import submit_enhancement
from project.api.page_throttle import count_request
from project.errors import ServiceError
from project.images.errors import UploadRefused
from project.jobs.cancel import cancel_job
from project.jobs.models import Job

if TYPE_CHECKING:
    from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enhancement_list(request: HttpRequest) -> HttpResponse:
    """The form and the own enlargements; a POST submits photos, or a stored one again."""
    if request.method != "POST":
        return _form_page(request, source=_source(request, request.GET.get("from")))
    uploads = request.FILES.getlist("file")
    source = _source(request, request.POST.get("source"))
    if not uploads and source is None:
        return _form_page(request, {"file": [_("Choose a picture first.")]}, status=400)
    try:
        if not uploads and source is not None:
            count_request(request, scope="submit")
            changes = split_handling(submitted_values(request.POST))[1]
            again = retry_enhancement(enhancement=source, changes=changes)
            return redirect("enhance:detail", task_id=again.pk)
        return _submitted(request, uploads)
    except ValidationError as error:
        return _form_page(request, field_errors(error), source=source, status=400)
    except UploadRefused as error:
        return _form_page(request, {"file": [str(error.detail)]}, status=error.status)
    except ServiceError as error:
        errors = {"non_field_errors": [str(error.detail)]}
        return _form_page(request, errors, source=source, status=error.status)


def _submitted(request: HttpRequest, uploads: Sequence[File[Any]]) -> HttpResponse:
    """One photo opens its page; several the page of their batch, unless none of them is good."""
    owner, handling, options = _user(request), *split_handling(submitted_values(request.POST))

    def count() -> None:
        count_request(request, scope="submit")

    if len(uploads) == 1:
        count()
        one = submit_enhancement(owner=owner, upload=uploads[0], options=options, handling=handling)
        return redirect("enhance:detail", task_id=one.enhancement.pk)
    batch = submit_photos(owner=owner, uploads=uploads, options=options, count=count)
    refused = batch.items.filter(enhancement=None)
    if len(refused) == len(uploads):
        texts = [f"{item.name}: {item.refusal['detail']}" for item in refused]
        delete_batch(batch=batch)
        return _form_page(request, {"file": texts}, status=422)
    return redirect(batch)


def _form_page(
    request: HttpRequest,
    errors: dict[str, list[str]] | None = None,
    *,
    source: Enhancement | None = None,
    status: int = 200,
) -> HttpResponse:
    preset = _preset(request, request.GET.get("preset"))
    values = request.POST.dict() if request.method == "POST" else {}
    if preset is not None:
        values = {**form_values(preset.options), **values}
    shown = listing(user=_user(request), before=task_id_of(request.GET.get("before")))
    compose = compose_context(
        values=values,
        errors_by_field=errors or {},
        source=enhancement_cards([source])[0] if source else None,
    )
    listed = [*shown.at_work, *shown.ended] if shown.is_first_page else []
    parents = [card.enhancement.job.parent_id for card in listed]
    batches = recent_batches(_user(request), among=parents)
    presets = preset_choices(_user(request), chosen=preset)
    context = {"listing": shown, "batches": batches, "presets": presets, **compose}
    return render(request, "enhance/enhancement_list.html", context, status=status)


def _source(request: HttpRequest, text: str | None) -> Enhancement | None:
    """The enlargement that is to run again; 404 for one that is not the caller's."""
    if not text:
        return None
    task_id = task_id_of(text)
    if task_id is None:
        raise Http404
    return _own(request, task_id)


def _preset(request: HttpRequest, text: str | None) -> Preset | None:
    """The preset of `?preset=`; 404 for one that is not the caller's."""
    if not text:
        return None
    preset_id = task_id_of(text)
    if preset_id is None:
        raise Http404
    return get_object_or_404(Preset.objects.visible_to(request.user), pk=preset_id)


@require_safe
@login_required
def enhancement_detail(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Live progress, then the result beside the original."""
    page = enhancement_page(user=_user(request), enhancement=_own(request, task_id))
    context: dict[str, Any] = {
        "page": page,
        "shown": page.shown,
        "card": page.shown.card,
        "enhancement": page.shown.enhancement,
        "live_data": live_data(),
    }
    return render(request, "enhance/enhancement_detail.html", context)


@require_safe
@login_required
def enhancement_card(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One card of the list as it is now, for the script of the list."""
    shown = enhancement_cards([_own(request, task_id)])[0]
    context = {"shown": shown, "card": shown.card, "enhancement": shown.enhancement}
    is_done = shown.card.job.state == Job.State.SUCCEEDED
    template = "enhance/_result_card.html" if is_done else "enhance/_work_card.html"
    return render(request, template, context)


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
    enhancement = _own(request, task_id)
    try:
        count_request(request, scope="submit")
        again = retry_enhancement(enhancement=enhancement)
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect("enhance:detail", task_id=task_id)
    return redirect("enhance:detail", task_id=again.pk)


@require_POST
@login_required
def enhancement_faces(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Other faces in the result; a worker puts them in, no network runs."""
    enhancement = _own(request, task_id)
    try:
        count_request(request, scope="submit")
        changes = parse_changes(submitted_faces(request.POST))
        blend = reblend_faces(enhancement=enhancement, changes=changes)
    except ValidationError:
        messages.error(request, _("A strength lies between 0 and 100 per cent."))
    except ServiceError as error:
        messages.error(request, str(error.detail))
    else:
        if blend is None:
            messages.info(request, _("The result shows these faces already."))
    return redirect("enhance:detail", task_id=task_id)


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


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # login_required
