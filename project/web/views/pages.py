"""Pages of the shell: landing, home, history, one job and what can be done to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages.next_page import next_page
from project.errors import ServiceError
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from project.jobs.retry import retry_job
from project.web import registry
from project.web.history import HistoryFilter, history_page
from project.web.job_cards import job_cards
from project.web.job_facts import job_facts
from project.web.timeline import timeline

RECENT_JOBS = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A stranger reads what this is; a signed-in user sees the newest jobs; a program that does
    not ask for a page gets the service in JSON, as from the original."""
    if _asks_for_data(request):
        return _vary_on_accept(JsonResponse(_service()))
    return _vary_on_accept(_home_page(request))


def _home_page(request: HttpRequest) -> HttpResponse:
    services = {"services": registry.pages()}
    if not request.user.is_authenticated:
        return render(request, "web/landing.html", services)
    newest = Job.objects.visible_to(request.user).order_by("-created_at", "-pk")[:RECENT_JOBS]
    return render(request, "web/home.html", {**services, "cards": job_cards(newest)})


def _asks_for_data(request: HttpRequest) -> bool:
    """Browsers name text/html; programs name something else or `*/*`."""
    accept = request.headers.get("Accept", "")
    return bool(accept) and "text/html" not in accept


def _vary_on_accept(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept"])
    return response


def _service() -> dict[str, Any]:
    return {
        "service": "Omnilens",
        "version": settings.VERSION,
        "docs": reverse("docs"),
        "health": reverse("web:health"),
        "ready": reverse("web:readyz"),
        "services": [page.service for page in registry.pages() if page.service],
    }


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """All own jobs, as far as the address does not narrow them."""
    form = HistoryFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = history_page(user=request.user, **wanted)  # type: ignore[arg-type]  # login_required
    context = {
        "form": form,
        "cards": job_cards(page.jobs),
        "older": page.older,
        "is_narrowed": form.is_narrowed,
        "is_first_page": not wanted.get("before"),
    }
    return render(request, "web/history.html", context, status=200 if form.is_valid() else 400)


@require_safe
@login_required
def job_detail(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One own job with its events."""
    job = _own_job(request, job_id)
    context = {
        "card": job_cards([job])[0],
        "facts": job_facts(job),
        "steps": timeline(job, job.events.order_by("seq")),
    }
    return render(request, "web/job_detail.html", context)


@require_POST
@login_required
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask the job to stop, then go back to where that was asked."""
    job = _own_job(request, job_id)
    try:
        cancel_job(job=job)
    except ServiceError as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, _("The job was asked to stop."))
    return redirect(next_page(request, default=_page_of(job)))


@require_POST
@login_required
def job_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Run it again as a new job, and show that one where nothing else was asked for."""
    job = _own_job(request, job_id)
    try:
        again = retry_job(job=job)
    except ServiceError as error:
        messages.error(request, str(error.detail))
        return redirect(next_page(request, default=_page_of(job)))
    messages.success(request, _("The job runs again as a new one."))
    return redirect(next_page(request, default=_page_of(again)))


def _own_job(request: HttpRequest, job_id: UUID) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)


def _page_of(job: Job) -> str:
    return reverse("web:job", args=[job.pk])
