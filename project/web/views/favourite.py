"""The star beside a job: a form, so that it works without a script."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.pages.next_page import next_page
from project.jobs.favourite import set_favourite
from project.jobs.models import Job


@require_POST
@login_required
def job_favourite(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Mark (`favourite=1`) or unmark (`0`) the job, then go back to the page of the star."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    set_favourite(job=job, favourite=request.POST.get("favourite") == "1")
    return redirect(next_page(request, default=reverse("web:job", args=[job.pk])))
