"""`/operator/`: the page, its live part for the script, and one address for each act."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from project.errors import ServiceError
from project.inference.errors import LeaseLost
from project.jobs.models import Job, Worker, WorkerOrder
from project.web.doors import operators_only
from project.web.operator import acts
from project.web.operator.overview import operator_overview


@operators_only
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "operator/page.html", {"overview": operator_overview()})


@operators_only
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The part that changes, for static/js/operator-live.js."""
    return render(request, "operator/_live.html", {"overview": operator_overview()})


@operators_only
@require_POST
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Stop a waiting or running job, after asking."""
    job = get_object_or_404(Job, pk=job_id)
    if not _confirmed(request):
        question = _(
            "The job stops, its progress is lost, and its owner is told that it was cancelled."
        )
        return _ask(request, _("Cancel the job"), question, subject=str(job.pk))
    return _act(
        request,
        lambda: acts.cancel(job=job, by=_operator(request)),
        done=_("The job was asked to stop."),
        back="#running",
    )


@operators_only
@require_POST
def job_requeue(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Let a job run again; asks first where a run is thrown away."""
    job = get_object_or_404(Job, pk=job_id)
    if job.state == Job.State.RUNNING and not _confirmed(request):
        question = _("The job is taken from its worker and starts again from the beginning.")
        return _ask(request, _("Run again"), question, subject=str(job.pk))
    return _act(
        request,
        lambda: acts.requeue(job=job, by=_operator(request)),
        done=_("The job is in the queue again."),
        back="#running",
    )


@operators_only
@require_POST
def worker_order(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Give a worker the order `action` (about `model`); asks first where jobs would wait for it."""
    action, model = request.POST.get("action", ""), request.POST.get("model", "")
    worker = Worker.objects.filter(pk=worker_id).first()
    if worker is None:
        messages.warning(request, _("This worker has ended."))
        return redirect(reverse("operator:page") + "#workers")
    question = _questions().get(action)
    if question and not _confirmed(request):
        verb = str(WorkerOrder.Action(action).label)
        return _ask(request, verb, question, subject=f"{worker.name} {model}")
    return _act(
        request,
        lambda: acts.order(worker=worker, action=action, model=model, by=_operator(request)),
        done=_("The order is given; how it ended appears under Orders."),
        back="#orders",
    )


def _questions() -> dict[str, str]:
    """What is destroyed by which order."""
    return {
        WorkerOrder.Action.DRAIN: _(
            "The worker takes no new job, hands back what it cannot end in time, and leaves. Its supervisor starts a new one."
        ),
        WorkerOrder.Action.UNLOAD: _(
            "The next job that needs the model waits until it is loaded again."
        ),
    }


def _operator(request: HttpRequest) -> User:
    return cast("User", request.user)  # operators_only let no one else in


def _confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "yes"


def _ask(request: HttpRequest, verb: str, question: str, *, subject: str) -> HttpResponse:
    """The same POST once more, with `confirmed`; nothing has happened yet."""
    context = {"verb": verb, "question": question, "subject": subject, "fields": _fields(request)}
    return render(request, "operator/confirm.html", context)


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, str(value)) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"
    ]


def _act(request: HttpRequest, act: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Do it, say how it went, and go back to the page."""
    try:
        act()
    except ServiceError as error:
        messages.error(request, str(error.detail))
    except LeaseLost:
        messages.warning(request, _("The job changed meanwhile; look again."))
    else:
        messages.success(request, done)
    return redirect(reverse("operator:page") + back)
